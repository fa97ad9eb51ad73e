import { type Layer, payload } from "../../test/support/build.ts";
import {
  authenticationHeader,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Extension,
  ipv6Fragments,
} from "../../test/support/build-ip.ts";
import { ethernet, vlan } from "../../test/support/build-link.ts";
import {
  dccp,
  icmpv6,
  type SctpChunk,
  sctp,
  sctpData,
  sctpInit,
  tcp,
  udp,
  udpLite,
} from "../../test/support/build-transport.ts";
import { tcpConversation, udpExchange } from "../../test/support/conversation.ts";
import { ip, join, mac, text, u32 } from "../../test/support/octets.ts";
import { SeededRandom } from "../../test/support/seeded-random.ts";
import { inOrder, type TimedPacket } from "../../test/support/timed-packet.ts";
import { writePcap } from "../../test/support/write-pcap.ts";
import { addressRecord, DnsType, dnsMessage } from "./messages/dns.ts";
import { clientHelloRecord, serverFlight } from "./messages/tls.ts";
import { HOST, MILLISECOND, MORNING, packet, SECOND } from "./sample.ts";

const ONE = { ip: "2001:db8:20::11", mac: "02:00:5e:20:00:11" };
const TWO = { ip: "2001:db8:20::22", mac: "02:00:5e:20:00:22" };
const ONE_LINK_LOCAL = "fe80::5eff:fe20:11";

/** VLAN tags, IPv6 with all its headers, fragments of both versions, and the rarer transports. */
export function vlanIpv6Sample(): Uint8Array {
  const random = new SeededRandom(0x766c616e);
  return writePcap(
    inOrder(
      tagged(MORNING, random),
      neighbourDiscovery(MORNING + SECOND),
      extensionHeaders(MORNING + 2 * SECOND),
      fragments(MORNING + 3 * SECOND),
      sctpAssociation(MORNING + 4 * SECOND),
      dccpAndUdpLite(MORNING + 5 * SECOND),
    ),
  );
}

/** The same addresses and ports in two VLANs are two flows; a third has a provider's tag around it. */
function tagged(start: number, random: SeededRandom): TimedPacket[] {
  const client = { ...HOST.desk, port: 51500 };
  const server = { ...HOST.server, port: 443 };
  const inside =
    (...tags: readonly Layer[]) =>
    (inner: readonly Layer[], fromClient: boolean): readonly Layer[] => {
      const [source, destination] = fromClient
        ? [HOST.desk.mac, HOST.server.mac]
        : [HOST.server.mac, HOST.desk.mac];
      return [ethernet({ source, destination, minimumLength: 60 }), ...tags, ...inner];
    };
  const name = "intranet.example.com";
  const question = { id: 0x0d01, name, type: DnsType.AAAA };
  const conversation = (at: number, ...tags: readonly Layer[]) =>
    tcpConversation({
      client,
      server,
      start: at,
      wrap: inside(...tags),
      exchange: [
        ["c", clientHelloRecord(name, ["h2"], random)],
        ["s", serverFlight(random, 700)],
      ],
    });
  return inOrder(
    udpExchange({
      client: { ...HOST.desk, port: 51499 },
      server: { ...HOST.server, port: 53 },
      start,
      wrap: inside(vlan(10, { priority: 3 })),
      exchange: [
        ["c", dnsMessage(question)],
        ["s", dnsMessage({ ...question, answers: [addressRecord(name, TWO.ip)] })],
      ],
    }),
    conversation(start + 50 * MILLISECOND, vlan(10)),
    conversation(start + 60 * MILLISECOND, vlan(20)),
    conversation(start + 70 * MILLISECOND, vlan(300, { tagType: 0x88a8 }), vlan(10)),
  );
}

/** Router and neighbour discovery (RFC 4861). */
function neighbourDiscovery(start: number): TimedPacket[] {
  const hopLimit = 255;
  const group = ["2001:db8:20::22", "ff02::1:ff00:22", "33:33:ff:00:00:22"] as const;
  return [
    packet(
      start,
      ONE.mac,
      "33:33:00:00:00:02",
      ipv6({ source: ONE_LINK_LOCAL, destination: "ff02::2", hopLimit }),
      icmpv6({ type: 133 }),
      payload(join([1, 1], mac(ONE.mac))),
    ),
    packet(
      start + 20 * MILLISECOND,
      ONE.mac,
      group[2],
      ipv6({ source: ONE.ip, destination: group[1], hopLimit }),
      icmpv6({ type: 135 }),
      payload(join(ip(group[0]), [1, 1], mac(ONE.mac))),
    ),
    packet(
      start + 21 * MILLISECOND,
      TWO.mac,
      ONE.mac,
      ipv6({ source: TWO.ip, destination: ONE.ip, hopLimit }),
      icmpv6({ type: 136, rest: 0x60000000 }),
      payload(join(ip(TWO.ip), [2, 1], mac(TWO.mac))),
    ),
    // A host reports its group behind a hop-by-hop router alert (MLDv2, RFC 3810).
    packet(
      start + 40 * MILLISECOND,
      ONE.mac,
      "33:33:00:00:00:16",
      ipv6({ source: ONE_LINK_LOCAL, destination: "ff02::16", hopLimit: 1 }),
      ipv6Extension(0, Uint8Array.of(5, 2, 0, 0, 1, 0)),
      icmpv6({ type: 143, rest: 1 }),
      payload(join([4, 0, 0, 0], ip("ff02::1:ff20:11"))),
    ),
  ];
}

/** Hop-by-hop, destination options, routing and authentication headers before TCP and UDP. */
function extensionHeaders(start: number): TimedPacket[] {
  const addresses = { source: ONE.ip, destination: TWO.ip };
  // A segment routing header (RFC 8754) whose one segment has been reached.
  const routing = join([4, 0, 0, 0, 0, 0], ip(TWO.ip));
  return [
    packet(
      start,
      ONE.mac,
      TWO.mac,
      ipv6(addresses),
      ipv6Extension(0),
      ipv6Extension(60),
      udp({ sourcePort: 50600, destinationPort: 514 }),
      payload("<134>1 2026-03-02T09:00:02Z host app - - - started"),
    ),
    packet(
      start + MILLISECOND,
      ONE.mac,
      TWO.mac,
      ipv6(addresses),
      ipv6Extension(43, routing),
      tcp({ sourcePort: 50601, destinationPort: 22, sequence: 5, flags: "S" }),
    ),
    packet(
      start + 2 * MILLISECOND,
      TWO.mac,
      ONE.mac,
      ipv6({ source: TWO.ip, destination: ONE.ip }),
      tcp({ sourcePort: 22, destinationPort: 50601, acknowledgement: 6, flags: "RA", window: 0 }),
    ),
    packet(
      start + 3 * MILLISECOND,
      ONE.mac,
      TWO.mac,
      ipv6(addresses),
      authenticationHeader(0x1001),
      udp({ sourcePort: 50602, destinationPort: 162 }),
      payload(Uint8Array.of(0x30, 0x0b, 2, 1, 1, 4, 4, 0x74, 0x65, 0x73, 0x74, 0xa7, 0)),
    ),
  ];
}

/** A large syslog line and a large answer, in fragments; one IPv4 run arrives last piece first. */
function fragments(start: number): TimedPacket[] {
  const line = text(`<134>1 2026-03-02T09:00:03Z host app - - - ${"a long line ".repeat(260)}`);
  const toServer = { source: HOST.desk.ip, destination: HOST.server.ip };
  const four = ipv4Fragments(
    { ...toServer, identification: 0x4242 },
    1480,
    udp({ sourcePort: 50700, destinationPort: 514 }),
    payload(line),
  );
  const backwards = ipv4Fragments(
    { ...toServer, identification: 0x4343 },
    1480,
    udp({ sourcePort: 50701, destinationPort: 514 }),
    payload(line),
  ).reverse();
  const six = ipv6Fragments(
    { source: ONE.ip, destination: TWO.ip, identification: 0x66660001 },
    1232,
    udp({ sourcePort: 50702, destinationPort: 514 }),
    payload(line),
  );
  const alone = ipv4Fragments(
    { ...toServer, identification: 0x4444 },
    1480,
    udp({ sourcePort: 50703, destinationPort: 514 }),
    payload(line),
  ).slice(1, 2);
  const at = (list: readonly Layer[], delay: number, from: string, to: string) =>
    list.map((piece, index) => packet(start + delay + index * 300, from, to, piece));
  const { desk, server } = HOST;
  return [
    ...at(four, 0, desk.mac, server.mac),
    ...at(backwards, 10 * MILLISECOND, desk.mac, server.mac),
    ...at(six, 20 * MILLISECOND, ONE.mac, TWO.mac),
    ...at(alone, 30 * MILLISECOND, desk.mac, server.mac),
  ];
}

/** An SCTP association (M3UA, port 2905) from INIT to SHUTDOWN COMPLETE. */
function sctpAssociation(start: number): TimedPacket[] {
  const [A, B] = [0xa1a1a1a1, 0xb2b2b2b2];
  const cookie = text("cookie-cookie-cookie-cookie!");
  const acknowledgement = join(sctpInit(B, 900), [0, 7, 0, 4 + cookie.length], cookie);
  const m3uaAspUp = Uint8Array.of(1, 0, 3, 1, 0, 0, 0, 8);
  const m3uaAspUpAck = Uint8Array.of(1, 0, 3, 4, 0, 0, 0, 8);
  const selective = (sequence: number) => join(u32(sequence), u32(106496), [0, 0, 0, 0]);
  const steps: readonly (readonly ["c" | "s", number, SctpChunk])[] = [
    ["c", 0, { type: 1, value: sctpInit(A, 100) }],
    ["s", A, { type: 2, value: acknowledgement }],
    ["c", B, { type: 10, value: cookie }],
    ["s", A, { type: 11 }],
    ["c", B, { type: 0, flags: 3, value: sctpData(100, 3, m3uaAspUp) }],
    ["s", A, { type: 3, value: selective(100) }],
    ["s", A, { type: 0, flags: 3, value: sctpData(900, 3, m3uaAspUpAck) }],
    ["c", B, { type: 3, value: selective(900) }],
    ["c", B, { type: 7, value: u32(900) }],
    ["s", A, { type: 8 }],
    ["c", B, { type: 14 }],
  ];
  const { desk, server } = HOST;
  return steps.map(([side, verificationTag, chunk], index) => {
    const fromClient = side === "c";
    const [from, to] = fromClient ? [desk, server] : [server, desk];
    const [sourcePort, destinationPort] = fromClient ? [50800, 2905] : [2905, 50800];
    return packet(
      start + index * 4 * MILLISECOND,
      from.mac,
      to.mac,
      ipv4({ source: from.ip, destination: to.ip }),
      sctp({ sourcePort, destinationPort, verificationTag, chunks: [chunk] }),
    );
  });
}

/** A DCCP connection and a UDP-Lite stream. */
function dccpAndUdpLite(start: number): TimedPacket[] {
  const ports = { sourcePort: 50900, destinationPort: 5004 };
  const back = { sourcePort: 5004, destinationPort: 50900 };
  const there = ipv6({ source: ONE.ip, destination: TWO.ip });
  const here = ipv6({ source: TWO.ip, destination: ONE.ip });
  const serviceCode = 0x52545041;
  const steps: readonly (readonly [Layer, Layer, Layer?])[] = [
    [there, dccp({ ...ports, type: 0, sequence: 100, serviceCode })],
    [here, dccp({ ...back, type: 1, sequence: 700, acknowledgement: 100, serviceCode })],
    [there, dccp({ ...ports, type: 3, sequence: 101, acknowledgement: 700 })],
    [there, dccp({ ...ports, type: 4, sequence: 102, acknowledgement: 700 }), payload(120)],
    [here, dccp({ ...back, type: 4, sequence: 701, acknowledgement: 102 }), payload(120)],
    [there, dccp({ ...ports, type: 6, sequence: 103, acknowledgement: 701 })],
    [here, dccp({ ...back, type: 7, sequence: 702, acknowledgement: 103 })],
  ];
  const connection = steps.map(([network, transport, content], index) => {
    const [from, to] = network === there ? [ONE, TWO] : [TWO, ONE];
    const layers = content === undefined ? [network, transport] : [network, transport, content];
    return packet(start + index * 5 * MILLISECOND, from.mac, to.mac, ...layers);
  });
  const lite = [0, 1, 2].map((index) =>
    packet(
      start + 100 * MILLISECOND + index * 20 * MILLISECOND,
      ONE.mac,
      TWO.mac,
      there,
      udpLite({ sourcePort: 50910, destinationPort: 5006, coverage: 8 }),
      payload(80),
    ),
  );
  return [...connection, ...lite];
}
