import { frame, type Layer, octets, payload } from "../support/build.ts";
import { ipv4, ipv4Fragments, ipv6 } from "../support/build-ip.ts";
import { ethernet, vlan } from "../support/build-link.ts";
import {
  dccp,
  icmp,
  icmpv6,
  sctp,
  sctpInit,
  tcp,
  udp,
  udpLite,
} from "../support/build-transport.ts";
import { gre, gtpu, vxlan } from "../support/build-tunnel.ts";
import { tcpConversation, udpExchange } from "../support/conversation.ts";
import { text } from "../support/octets.ts";
import { inOrder, type TimedPacket } from "../support/timed-packet.ts";

/** 2026-03-02T09:00:00Z in microseconds. */
export const MORNING = 1_772_442_000_000_000;

const SECOND = 1_000_000;
const client = (port: number) => ({ ip: "192.0.2.10", port });
const server = (port: number) => ({ ip: "198.51.100.20", port });

/** One packet, so many seconds after the start. */
export function single(seconds: number, ...layers: readonly Layer[]): TimedPacket {
  return { microseconds: MORNING + seconds * SECOND, bytes: frame(ethernet(), ...layers) };
}

function conversation(seconds: number, port: number, serverPort: number): TimedPacket[] {
  return tcpConversation({
    client: client(port),
    server: server(serverPort),
    start: MORNING + seconds * SECOND,
    exchange: [
      ["c", text("hello")],
      ["s", text("hello yourself")],
    ],
  });
}

/**
 * A conversation whose client says something twice, and whose server's five segments come in the
 * order 1, 3, 2, 5: what counts of TCP there are differ from end to end.
 */
function troubled(): TimedPacket[] {
  const packets = tcpConversation({
    client: client(51005),
    server: server(80),
    start: MORNING,
    segmentSize: 10,
    exchange: [
      ["c", text("again")],
      ["s", text("0123456789".repeat(5))],
    ],
  });
  const isFrom = (end: number, port: number) => (packet: TimedPacket) =>
    packet.bytes[end]! * 256 + packet.bytes[end + 1]! === port && packet.bytes[17]! > 40;
  const [question] = packets.filter(isFrom(34, 51005)).slice(1);
  const answers = packets.filter(isFrom(34, 80)).slice(1);
  const others = packets.filter((packet) => packet !== answers[3]);
  const swapped = others.map((packet) => {
    if (packet === answers[1]) return { ...packet, microseconds: answers[2]!.microseconds };
    if (packet === answers[2]) return { ...packet, microseconds: answers[1]!.microseconds };
    return packet;
  });
  return [...swapped, { ...question!, microseconds: question!.microseconds + 30 }];
}

/** Flows of every shape that a record can have: transports, directions, tunnels, tags, fragments, parts. */
export function everyShape(): TimedPacket[] {
  const here = { source: "192.0.2.10", destination: "198.51.100.20" };
  const there = { source: "198.51.100.20", destination: "192.0.2.10" };
  const inner = { source: "10.0.0.1", destination: "10.0.0.2" };
  const quoted = (sourcePort: number): Layer =>
    payload(frame(ipv4(here), udp({ sourcePort, destinationPort: 993 })));
  return inOrder(
    conversation(0, 51000, 443),
    conversation(0.5, 51001, 31337),
    troubled(),
    // Two parts, the second of which is the last.
    udpExchange({
      client: client(40012),
      server: server(161),
      start: MORNING,
      pause: 2.5 * SECOND,
      exchange: [
        ["c", text("one")],
        ["c", text("two")],
      ],
    }),
    tcpConversation({
      client: client(51002),
      server: server(22),
      start: MORNING,
      exchange: [["s", text("SSH-2.0-x")]],
      close: "server-reset",
    }),
    // Long enough for an active timeout of two seconds to split it.
    udpExchange({
      client: { ip: "2001:db8::10", port: 52000 },
      server: { ip: "2001:db8:0:1::53", port: 53 },
      start: MORNING,
      pause: 1.5 * SECOND,
      exchange: [
        ["c", text("one")],
        ["s", text("two")],
        ["c", text("three")],
        ["s", text("four")],
        ["c", text("five")],
        ["c", text("six")],
        ["c", text("seven")],
      ],
    }),
    [
      single(1, ipv4(here), tcp({ sourcePort: 51003, destinationPort: 8, flags: "S" })),
      single(1, ipv4(there), tcp({ sourcePort: 5432, destinationPort: 51004, flags: "SA" })),
      single(
        1,
        ipv4(here),
        tcp({ sourcePort: 50001, destinationPort: 50002, flags: "PA" }),
        payload(9),
      ),
      {
        ...single(1.1, ipv4(here), tcp({ sourcePort: 443, destinationPort: 51443, flags: "A" })),
        comment: "a word; and another",
      },
      single(2, ipv4(here), udp({ sourcePort: 59001, destinationPort: 59002 }), payload(4)),
      single(2, ipv4(here), udp({ sourcePort: 40001, destinationPort: 993 }), payload(4)),
      single(2, ipv4(here), udp({ sourcePort: 40011, destinationPort: 46011 }), payload(4)),
      single(2, ipv4(here), udp({ sourcePort: 40002, destinationPort: 8888 }), payload(4)),
      single(2, ipv4(here), udp({ sourcePort: 50123, destinationPort: 60010 }), payload(4)),
      single(
        2,
        ipv4({ ...here, destination: "224.0.0.251" }),
        udp({ sourcePort: 5353, destinationPort: 5353 }),
      ),
      single(
        2,
        ipv4({ source: "0.0.0.0", destination: "255.255.255.255" }),
        udp({ sourcePort: 68, destinationPort: 67 }),
      ),
      single(3, ipv4(here), icmp({ type: 8, rest: 1 }), payload(32)),
      single(3.1, ipv4(there), icmp({ type: 0, rest: 1 }), payload(32)),
      single(3.2, ipv4(there), icmp({ type: 3, code: 3 }), quoted(40001)),
      single(3.25, ipv4(there), icmp({ type: 3, code: 3 }), quoted(40009)),
      single(3.3, ipv6({ source: "fe80::1", destination: "ff02::1" }), icmpv6({ type: 135 })),
      single(
        4,
        ipv4(here),
        sctp({
          sourcePort: 38412,
          destinationPort: 3868,
          chunks: [{ type: 1, value: sctpInit(1, 1) }],
        }),
      ),
      single(4, ipv4(here), dccp({ sourcePort: 40003, destinationPort: 5004, type: 0 })),
      single(4, ipv4(here), udpLite({ sourcePort: 40004, destinationPort: 5060 }), payload(4)),
      single(4, ipv4({ ...here, protocol: 50 }), octets(new Uint8Array(24).fill(0x81))),
      single(4.1, ipv4({ ...there, protocol: 50 }), octets(new Uint8Array(24).fill(0x71))),
      single(4, ipv4({ ...here, protocol: 61 }), payload(8)),
      single(
        5,
        vlan(10),
        vlan(20),
        ipv4(here),
        udp({ sourcePort: 40005, destinationPort: 123 }),
        payload(60),
      ),
      single(
        5,
        ipv4({ source: "203.0.113.2", destination: "203.0.113.1" }),
        udp({ sourcePort: 40006, destinationPort: 4789 }),
        vxlan(4242),
        ethernet(),
        vlan(30),
        ipv4(inner),
        udp({ sourcePort: 40007, destinationPort: 514 }),
      ),
      single(
        5,
        ipv6({ source: "2001:db8::a", destination: "2001:db8::b" }),
        gre(),
        ipv4(inner),
        udp({ sourcePort: 40008, destinationPort: 2152 }),
        gtpu(77),
        ipv4({ source: "10.1.0.1", destination: "10.1.0.2" }),
        tcp({ sourcePort: 40009, destinationPort: 80, flags: "S" }),
      ),
      ...ipv4Fragments(
        here,
        16,
        udp({ sourcePort: 40010, destinationPort: 2049 }),
        payload(40),
      ).map((layer, i) => single(6 + i / 10, layer)),
    ],
  );
}

/** Port rules and an interface name with everything that formats have to escape. */
export const AWKWARD_RULES = [
  "31337/tcp\t=cmd|'/c_calc'!A1\t-\tsays \"hi\", costs 3;4\\5 \u00fc\u4e16\u{1f642}",
  "8888/udp\t@a;b\\c/d\t-\t+1\u0001bell\u0007del\u007f\u2028end",
  "8888/udp\t-x\t-\t  -2+3",
  "acme 46011/udp back\\slash semi;colon both;\\ # a note",
].join("\n");

export const AWKWARD_INTERFACE = '=1+1,"q"\ttab\r\nline\u001b[31mred\u0000\\n';
