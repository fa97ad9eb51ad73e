import type { Layer } from "../../test/support/build.ts";
import { ipv4, ipv6 } from "../../test/support/build-ip.ts";
import { ethernet, mpls, pppoe } from "../../test/support/build-link.ts";
import { udp } from "../../test/support/build-transport.ts";
import { geneve, gre, gtpu, vxlan } from "../../test/support/build-tunnel.ts";
import { type Message, tcpConversation, udpExchange } from "../../test/support/conversation.ts";
import { SeededRandom } from "../../test/support/seeded-random.ts";
import { inOrder, type TimedPacket } from "../../test/support/timed-packet.ts";
import { writePcap } from "../../test/support/write-pcap.ts";
import { addressRecord, DnsType, dnsMessage } from "./messages/dns.ts";
import { clientFinished, clientHelloRecord, serverFlight } from "./messages/tls.ts";
import { MILLISECOND, MORNING, SECOND, says } from "./sample.ts";

const NEAR = "198.51.100.1";
const FAR = "203.0.113.1";
const CLIENT = { ip: "10.1.0.11", port: 51000 };
const SERVER = { ip: "10.2.0.22", port: 443 };

type Wrap = (inner: readonly Layer[], fromClient: boolean) => readonly Layer[];

/** The same small conversation through every tunnel, a second apart, so that they can be compared. */
export function tunnelsSample(): Uint8Array {
  const random = new SeededRandom(0x74756e6e);
  const packets = TUNNELS.map((wrap, index) => throughTunnel(wrap, index, random));
  return writePcap(inOrder(...packets, sixInFour()));
}

function throughTunnel(wrap: Wrap, index: number, random: SeededRandom): TimedPacket[] {
  const start = MORNING + index * SECOND;
  const name = "app.example.com";
  const question = { id: 0x7000 + index, name, type: DnsType.A };
  const lookUp: Message[] = [
    ["c", dnsMessage(question)],
    ["s", dnsMessage({ ...question, answers: [addressRecord(name, SERVER.ip)] })],
  ];
  return inOrder(
    udpExchange({
      client: { ip: CLIENT.ip, port: 52000 + index },
      server: { ip: "10.2.0.53", port: 53 },
      start,
      wrap,
      exchange: lookUp,
    }),
    tcpConversation({
      client: { ip: CLIENT.ip, port: CLIENT.port + index },
      server: SERVER,
      start: start + 100 * MILLISECOND,
      segmentSize: 1300,
      wrap,
      exchange: [
        ["c", clientHelloRecord(name, ["h2"], random)],
        ["s", serverFlight(random, 500)],
        ["c", clientFinished(random, 80)],
      ],
    }),
  );
}

/** IPv6 over IPv4 (protocol 41) to a router of the other family. */
function sixInFour(): TimedPacket[] {
  return tcpConversation({
    client: { ip: "2001:db8:41::11", port: 51041 },
    server: { ip: "2001:db8:42::22", port: 80 },
    start: MORNING + TUNNELS.length * SECOND,
    wrap: (inner, fromClient) => [link(fromClient), outer(fromClient), ...inner],
    exchange: [
      says("c", "GET /six HTTP/1.1", "Host: [2001:db8:42::22]", ""),
      says("s", "HTTP/1.1 204 No Content", ""),
    ],
  });
}

function link(fromClient: boolean): Layer {
  const [near, far] = ["02:00:5e:30:00:01", "02:00:5e:30:00:02"] as const;
  return fromClient
    ? ethernet({ source: near, destination: far, minimumLength: 60 })
    : ethernet({ source: far, destination: near, minimumLength: 60 });
}

/** A virtual machine's own Ethernet frame, for VXLAN, Geneve and transparent bridging. */
function innerLink(fromClient: boolean): Layer {
  const [one, two] = ["02:00:5e:31:00:11", "02:00:5e:31:00:22"] as const;
  return fromClient
    ? ethernet({ source: one, destination: two })
    : ethernet({ source: two, destination: one });
}

function outer(fromClient: boolean): Layer {
  const [source, destination] = fromClient ? [NEAR, FAR] : [FAR, NEAR];
  return ipv4({ source, destination, dontFragment: true, timeToLive: 62 });
}

/** Outer UDP without checksum, as tunnels over IPv4 send it. */
function outerUdp(sourcePort: number, destinationPort: number): Layer {
  return udp({ sourcePort, destinationPort, checksum: "none" });
}

const TUNNELS: readonly Wrap[] = [
  // GRE, plain, then with key, sequence number and checksum.
  (inner, fromClient) => [link(fromClient), outer(fromClient), gre(), ...inner],
  (inner, fromClient) => [
    link(fromClient),
    outer(fromClient),
    gre({ key: 77, sequence: 1, withChecksum: true }),
    ...inner,
  ],
  // Ethernet over GRE.
  (inner, fromClient) => [
    link(fromClient),
    outer(fromClient),
    gre({ key: 5 }),
    innerLink(fromClient),
    ...inner,
  ],
  (inner, fromClient) => [
    link(fromClient),
    outer(fromClient),
    outerUdp(fromClient ? 51111 : 52222, 4789),
    vxlan(4242),
    innerLink(fromClient),
    ...inner,
  ],
  (inner, fromClient) => [
    link(fromClient),
    outer(fromClient),
    outerUdp(fromClient ? 53333 : 54444, 6081),
    geneve(515),
    innerLink(fromClient),
    ...inner,
  ],
  // IPv4 in IPv4, and in IPv6.
  (inner, fromClient) => [link(fromClient), outer(fromClient), ...inner],
  (inner, fromClient) => {
    const [source, destination] = fromClient
      ? (["2001:db8:1::1", "2001:db8:2::1"] as const)
      : (["2001:db8:2::1", "2001:db8:1::1"] as const);
    return [link(fromClient), ipv6({ source, destination }), ...inner];
  },
  // GTP-U with a tunnel id for each direction.
  (inner, fromClient) => [
    link(fromClient),
    outer(fromClient),
    outerUdp(2152, 2152),
    gtpu(fromClient ? 0x1001 : 0x2002),
    ...inner,
  ],
  (inner, fromClient) => [link(fromClient), pppoe(0x0a0b), ...inner],
  // Two MPLS labels.
  (inner, fromClient) => [
    link(fromClient),
    mpls(fromClient ? 1001 : 2001, { bottom: false }),
    mpls(fromClient ? 1002 : 2002, { bottom: true }),
    ...inner,
  ],
  // A tunnel in a tunnel: VXLAN inside GRE.
  (inner, fromClient) => [
    link(fromClient),
    outer(fromClient),
    gre(),
    ipv4({ source: "10.9.0.1", destination: "10.9.0.2" }),
    outerUdp(55555, 4789),
    vxlan(7),
    innerLink(fromClient),
    ...inner,
  ],
];
