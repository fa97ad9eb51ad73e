import { ipv4 } from "../../test/support/build-ip.ts";
import { tcp } from "../../test/support/build-transport.ts";
import { type Endpoint, tcpConversation, udpExchange } from "../../test/support/conversation.ts";
import { text } from "../../test/support/octets.ts";
import { SeededRandom } from "../../test/support/seeded-random.ts";
import { inOrder, type TimedPacket } from "../../test/support/timed-packet.ts";
import { writePcapng } from "../../test/support/write-pcapng.ts";
import { addressRecord, DnsType, dnsMessage } from "./messages/dns.ts";
import { clientInitial, serverInitial, shortHeaderPacket } from "./messages/quic.ts";
import { clientFinished, clientHelloRecord, serverFlight, tlsData } from "./messages/tls.ts";
import { HOST, MILLISECOND, MORNING, outside, packet, SECOND, says } from "./sample.ts";

const WEB_IPV4 = "198.51.100.10";
const WEB_IPV6 = "2001:db8:80::10";

/** A desk browsing: names, HTTPS over TCP of both IP versions, QUIC, plain HTTP, a dead and a closed port. */
export function webSample(): Uint8Array {
  const random = new SeededRandom(0x77656201);
  const packets = inOrder(
    lookUp(MORNING, 0x1a01, "www.example.com", WEB_IPV4, WEB_IPV6),
    https(MORNING + 60 * MILLISECOND, { ...HOST.desk, port: 51110 }, WEB_IPV4, random),
    lookUp(MORNING + 400 * MILLISECOND, 0x1a05, "cdn.example.net", "203.0.113.80", undefined),
    quic(MORNING + 450 * MILLISECOND, random),
    https(MORNING + 700 * MILLISECOND, { ...HOST.deskIpv6, port: 51112 }, WEB_IPV6, random),
    plainHttp(MORNING + 2 * SECOND),
    unansweredSyn(MORNING + 3 * SECOND),
    refused(MORNING + 5 * SECOND),
    resetMidway(MORNING + 6 * SECOND, random),
  );
  return writePcapng(packets, {
    application: "portflow samples",
    interfaces: [{ name: "eth0", timeDigits: 9 }],
  });
}

/** A and AAAA questions in two datagrams from one port, as resolvers send them. */
function lookUp(
  start: number,
  id: number,
  name: string,
  ipv4Address: string,
  ipv6Address: string | undefined,
): TimedPacket[] {
  const client = { ...HOST.desk, port: 40000 + (id & 0xfff) };
  const server = { ...HOST.router, port: 53 };
  const answers = ipv6Address === undefined ? [] : [addressRecord(name, ipv6Address)];
  return udpExchange({
    client,
    server,
    start,
    rtt: 9 * MILLISECOND,
    pause: 150,
    exchange: [
      ["c", dnsMessage({ id, name, type: DnsType.A })],
      ["c", dnsMessage({ id: id + 1, name, type: DnsType.AAAA })],
      ["s", dnsMessage({ id, name, type: DnsType.A, answers: [addressRecord(name, ipv4Address)] })],
      ["s", dnsMessage({ id: id + 1, name, type: DnsType.AAAA, answers })],
    ],
  });
}

function https(
  start: number,
  client: Endpoint,
  address: string,
  random: SeededRandom,
): TimedPacket[] {
  return tcpConversation({
    client,
    server: outside(address, 443),
    start,
    rtt: 18 * MILLISECOND,
    segmentSize: address.includes(":") ? 1440 : 1460,
    clientSequence: random.word(),
    serverSequence: random.word(),
    exchange: [
      ["c", clientHelloRecord("www.example.com", ["h2", "http/1.1"], random)],
      ["s", serverFlight(random, 2600)],
      ["c", clientFinished(random, 310)],
      ["s", tlsData(random, 5200)],
      ["c", tlsData(random, 190)],
      ["s", tlsData(random, 900)],
    ],
  });
}

function quic(start: number, random: SeededRandom): TimedPacket[] {
  const originalId = random.bytes(8);
  const clientId = random.bytes(8);
  const serverId = random.bytes(8);
  return udpExchange({
    client: { ...HOST.desk, port: 58443 },
    server: outside("203.0.113.80", 443),
    start,
    rtt: 16 * MILLISECOND,
    pause: 200,
    exchange: [
      ["c", clientInitial("cdn.example.net", originalId, clientId, random)],
      ["s", serverInitial(originalId, clientId, serverId, random)],
      ["c", shortHeaderPacket(serverId, 320, random)],
      ["s", shortHeaderPacket(clientId, 1160, random)],
      ["s", shortHeaderPacket(clientId, 1160, random)],
      ["s", shortHeaderPacket(clientId, 640, random)],
      ["c", shortHeaderPacket(serverId, 40, random)],
    ],
  });
}

function plainHttp(start: number): TimedPacket[] {
  const page = "<!doctype html><title>It works</title><p>A page for a packet capture.</p>\n";
  return tcpConversation({
    client: { ...HOST.desk, port: 51120 },
    server: outside("203.0.113.25", 80),
    start,
    exchange: [
      says(
        "c",
        "GET /status HTTP/1.1",
        "Host: status.example.org",
        "User-Agent: sample/1.0",
        "Accept: */*",
        "",
      ),
      [
        "s",
        text(
          [
            "HTTP/1.1 200 OK",
            "Date: Mon, 02 Mar 2026 09:00:02 GMT",
            "Content-Type: text/html",
            `Content-Length: ${page.length}`,
            "",
            page,
          ].join("\r\n"),
        ),
      ],
    ],
  });
}

/** Three tries, one and two seconds apart, that nobody answers. */
function unansweredSyn(start: number): TimedPacket[] {
  return [0, 1, 3].map((seconds) =>
    packet(
      start + seconds * SECOND,
      HOST.desk.mac,
      HOST.router.mac,
      ipv4({ source: HOST.desk.ip, destination: "203.0.113.99", dontFragment: true }),
      tcp({ sourcePort: 51130, destinationPort: 8443, sequence: 77_000_000, flags: "S" }),
    ),
  );
}

/** A port that nothing listens on. */
function refused(start: number): TimedPacket[] {
  const { desk, router } = HOST;
  const ports = { here: 51140, there: 8080 };
  return [
    packet(
      start,
      desk.mac,
      router.mac,
      ipv4({ source: desk.ip, destination: WEB_IPV4, dontFragment: true }),
      tcp({ sourcePort: ports.here, destinationPort: ports.there, sequence: 9_000, flags: "S" }),
    ),
    packet(
      start + 17 * MILLISECOND,
      router.mac,
      desk.mac,
      ipv4({ source: WEB_IPV4, destination: desk.ip, dontFragment: true }),
      tcp({
        sourcePort: ports.there,
        destinationPort: ports.here,
        acknowledgement: 9_001,
        flags: "RA",
        window: 0,
      }),
    ),
  ];
}

/** A server that gives up in the middle. */
function resetMidway(start: number, random: SeededRandom): TimedPacket[] {
  return tcpConversation({
    client: { ...HOST.laptop, port: 49870 },
    server: outside("198.51.100.77", 443),
    start,
    close: "server-reset",
    exchange: [
      ["c", clientHelloRecord("shop.example.com", ["http/1.1"], random)],
      ["s", serverFlight(random, 1200)],
    ],
  });
}
