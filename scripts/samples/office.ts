import { frame, payload } from "../../test/support/build.ts";
import { ipv4 } from "../../test/support/build-ip.ts";
import { arp, ethernet, llc } from "../../test/support/build-link.ts";
import { icmp, udp } from "../../test/support/build-transport.ts";
import { tcpConversation, udpExchange } from "../../test/support/conversation.ts";
import { text } from "../../test/support/octets.ts";
import { SeededRandom } from "../../test/support/seeded-random.ts";
import { inOrder, type TimedPacket } from "../../test/support/timed-packet.ts";
import { writePcapng } from "../../test/support/write-pcapng.ts";
import {
  kerberosError,
  kerberosRequest,
  ldapBindRequest,
  ldapBindResponse,
  ldapSearchRequest,
  ldapSearchResponse,
  ldapUnbind,
} from "./messages/directory.ts";
import { addressRecord, DnsType, dnsMessage, dnsName, mdnsAnnouncement } from "./messages/dns.ts";
import {
  dhcp,
  lldp,
  netbiosQuery,
  ntp,
  rdpConnectionConfirm,
  rdpConnectionRequest,
  rdpUdpSyn,
  rdpUdpSynAck,
  smbNegotiate,
  smbNegotiateResponse,
  spanningTree,
  ssdp,
} from "./messages/office.ts";
import { clientHelloRecord, serverFlight } from "./messages/tls.ts";
import { vrrp } from "./messages/voice.ts";
import {
  HOST,
  MILLISECOND,
  MORNING,
  onInterface,
  outside,
  packet,
  SECOND,
  says,
} from "./sample.ts";

const BROADCAST_MAC = "ff:ff:ff:ff:ff:ff";
const SWITCH_MAC = "02:00:5e:10:00:fe";
const { desk, laptop, printer, router, server } = HOST;

/** A local network starting its day, seen on two interfaces: desks (0) and servers (1). */
export function officeSample(): Uint8Array {
  const random = new SeededRandom(0x6f666663);
  const packets = inOrder(
    switchFrames(),
    joiningTheNetwork(MORNING + 100 * MILLISECOND),
    discovery(MORNING + 2 * SECOND),
    echo(MORNING + 3 * SECOND),
    time(MORNING + 3_500 * MILLISECOND),
    onInterface(1, signingIn(MORNING + 4 * SECOND)),
    onInterface(1, fileShare(MORNING + 5 * SECOND, random)),
    printing(MORNING + 6 * SECOND),
    onInterface(1, remoteDesktop(MORNING + 7 * SECOND, random)),
  );
  return writePcapng(packets, {
    application: "portflow samples",
    interfaces: [{ name: "desks0" }, { name: "servers0", timeDigits: 9, dropped: 3 }],
  });
}

/** Frames without IP: spanning tree every two seconds, LLDP, and a router's VRRP. */
function switchFrames(): TimedPacket[] {
  const treeLink = ethernet({
    source: SWITCH_MAC,
    destination: "01:80:c2:00:00:00",
    lengthField: true,
    minimumLength: 60,
  });
  const trees = [0, 2, 4].map((seconds) => ({
    microseconds: MORNING + seconds * SECOND,
    bytes: frame(treeLink, llc(0x42), payload(spanningTree(SWITCH_MAC))),
  }));
  const lldpLink = ethernet({
    source: SWITCH_MAC,
    destination: "01:80:c2:00:00:0e",
    etherType: 0x88cc,
    minimumLength: 60,
  });
  const neighbour = {
    microseconds: MORNING + 1_500 * MILLISECOND,
    bytes: frame(lldpLink, payload(lldp(SWITCH_MAC, "port7", "switch.office.example.com"))),
  };
  const redundancy = packet(
    MORNING + 1_600 * MILLISECOND,
    "00:00:5e:00:01:07",
    "01:00:5e:00:00:12",
    ipv4({ source: router.ip, destination: "224.0.0.18", protocol: 112, timeToLive: 255 }),
    payload(vrrp(7, "192.168.10.254")),
  );
  return [...trees, neighbour, redundancy];
}

/** DHCP by broadcast, then ARP for the router and an announcement of one's own address. */
function joiningTheNetwork(start: number): TimedPacket[] {
  const transaction = 0x3903f326;
  const clientMac = desk.mac;
  const fromClient = (type: number, at: number, offer: { offered?: string; server?: string }) =>
    packet(
      at,
      desk.mac,
      BROADCAST_MAC,
      ipv4({ source: "0.0.0.0", destination: "255.255.255.255" }),
      udp({ sourcePort: 68, destinationPort: 67 }),
      payload(dhcp({ type, transaction, clientMac, ...offer })),
    );
  const fromServer = (type: number, at: number) =>
    packet(
      at,
      router.mac,
      BROADCAST_MAC,
      ipv4({ source: router.ip, destination: "255.255.255.255" }),
      udp({ sourcePort: 67, destinationPort: 68 }),
      payload(dhcp({ type, transaction, clientMac, offered: desk.ip, server: router.ip })),
    );
  const address = { senderMac: desk.mac, sender: desk.ip };
  return [
    fromClient(1, start, {}),
    fromServer(2, start + 3 * MILLISECOND),
    fromClient(3, start + 4 * MILLISECOND, { offered: desk.ip, server: router.ip }),
    fromServer(5, start + 7 * MILLISECOND),
    packet(start + 9 * MILLISECOND, desk.mac, BROADCAST_MAC, arp({ ...address, target: desk.ip })),
    packet(start + SECOND, desk.mac, BROADCAST_MAC, arp({ ...address, target: router.ip })),
    packet(
      start + SECOND + 400,
      router.mac,
      desk.mac,
      arp({
        operation: 2,
        senderMac: router.mac,
        sender: router.ip,
        targetMac: desk.mac,
        target: desk.ip,
      }),
    ),
  ];
}

/** Names and devices by multicast and broadcast. */
function discovery(start: number): TimedPacket[] {
  const toGroup = (
    at: number,
    from: { ip: string; mac: string },
    group: string,
    groupMac: string,
    ports: readonly [source: number, destination: number],
    content: Uint8Array,
  ) =>
    packet(
      at,
      from.mac,
      groupMac,
      ipv4({ source: from.ip, destination: group, timeToLive: ports[1] === 5353 ? 255 : 1 }),
      udp({ sourcePort: ports[0], destinationPort: ports[1] }),
      payload(content),
    );
  const mdns = ["224.0.0.251", "01:00:5e:00:00:fb", [5353, 5353]] as const;
  const service = "_ipp._tcp.local";
  const question = dnsMessage({ id: 0, name: service, type: DnsType.PTR, flags: 0 });
  const announcement = mdnsAnnouncement([
    { name: service, type: DnsType.PTR, seconds: 4500, data: dnsName(`printer.${service}`) },
    addressRecord("printer.local", printer.ip, 120),
  ]);
  const search = ssdp([
    "M-SEARCH * HTTP/1.1",
    "HOST: 239.255.255.250:1900",
    'MAN: "ssdp:discover"',
    "MX: 2",
    "ST: upnp:rootdevice",
  ]);
  const llmnr = dnsMessage({ id: 0x5511, name: "fileserver", type: DnsType.A, flags: 0 });
  return [
    toGroup(start, desk, ...mdns, question),
    toGroup(start + 30 * MILLISECOND, printer, ...mdns, announcement),
    toGroup(
      start + 100 * MILLISECOND,
      laptop,
      "239.255.255.250",
      "01:00:5e:7f:ff:fa",
      [50110, 1900],
      search,
    ),
    toGroup(
      start + 200 * MILLISECOND,
      laptop,
      "224.0.0.252",
      "01:00:5e:00:00:fc",
      [55010, 5355],
      llmnr,
    ),
    packet(
      start + 300 * MILLISECOND,
      laptop.mac,
      BROADCAST_MAC,
      ipv4({ source: laptop.ip, destination: "192.168.10.255" }),
      udp({ sourcePort: 137, destinationPort: 137 }),
      payload(netbiosQuery(0x7001, "fileserver")),
    ),
  ];
}

/** Two pings and their answers. */
function echo(start: number): TimedPacket[] {
  return [1, 2].flatMap((sequence) => {
    const at = start + sequence * 200 * MILLISECOND;
    const rest = (0x4d2 << 16) | sequence;
    return [
      packet(
        at,
        desk.mac,
        router.mac,
        ipv4({ source: desk.ip, destination: router.ip }),
        icmp({ type: 8, rest }),
        payload(56),
      ),
      packet(
        at + 350,
        router.mac,
        desk.mac,
        ipv4({ source: router.ip, destination: desk.ip }),
        icmp({ type: 0, rest }),
        payload(56),
      ),
    ];
  });
}

function time(start: number): TimedPacket[] {
  const seconds = Math.floor(start / SECOND);
  return udpExchange({
    client: { ...desk, port: 123 },
    server: outside("192.0.2.123", 123),
    start,
    exchange: [
      ["c", ntp("client", seconds)],
      ["s", ntp("server", seconds)],
    ],
  });
}

/** The directory server's name, a Kerberos ticket refused at first, and LDAP. */
function signingIn(start: number): TimedPacket[] {
  const name = "dc1.office.example.com";
  const question = { id: 0x0c01, name, type: DnsType.A };
  const realm = "OFFICE.EXAMPLE.COM";
  return inOrder(
    udpExchange({
      client: { ...desk, port: 50500 },
      server: { ...server, port: 53 },
      start,
      rtt: 500,
      exchange: [
        ["c", dnsMessage(question)],
        ["s", dnsMessage({ ...question, answers: [addressRecord(name, server.ip)] })],
      ],
    }),
    udpExchange({
      client: { ...desk, port: 50501 },
      server: { ...server, port: 88 },
      start: start + 20 * MILLISECOND,
      rtt: 800,
      exchange: [
        ["c", kerberosRequest("desk", realm)],
        ["s", kerberosError(realm)],
      ],
    }),
    tcpConversation({
      client: { ...desk, port: 50502 },
      server: { ...server, port: 389 },
      start: start + 60 * MILLISECOND,
      rtt: 600,
      exchange: [
        ["c", ldapBindRequest(1)],
        ["s", ldapBindResponse(1)],
        ["c", ldapSearchRequest(2)],
        ["s", ldapSearchResponse(2)],
        ["c", ldapUnbind(3)],
      ],
    }),
  );
}

function fileShare(start: number, random: SeededRandom): TimedPacket[] {
  return tcpConversation({
    client: { ...desk, port: 50510 },
    server: { ...server, port: 445 },
    start,
    rtt: 500,
    close: "open",
    exchange: [
      ["c", smbNegotiate(random.bytes(16))],
      ["s", smbNegotiateResponse(random.bytes(16))],
    ],
  });
}

/** A page by raw printing (9100) and a question by the Internet Printing Protocol (631). */
function printing(start: number): TimedPacket[] {
  const esc = String.fromCharCode(27);
  const page = `${esc}E${esc}&l0Oportflow sample page\r\n\f${esc}E`;
  const ask = [1, 1, 0, 11, 0, 0, 0, 1, 1, 3];
  const body = String.fromCharCode(...ask);
  return inOrder(
    tcpConversation({
      client: { ...desk, port: 50520 },
      server: { ...printer, port: 9100 },
      start,
      rtt: 1_500,
      exchange: [["c", text(page)]],
    }),
    tcpConversation({
      client: { ...laptop, port: 50521 },
      server: { ...printer, port: 631 },
      start: start + 300 * MILLISECOND,
      rtt: 1_500,
      close: "client-reset",
      exchange: [
        [
          "c",
          text(
            [
              "POST /ipp/print HTTP/1.1",
              "Host: printer.local:631",
              "Content-Type: application/ipp",
              `Content-Length: ${body.length}`,
              "",
              body,
            ].join("\r\n"),
          ),
        ],
        says("s", "HTTP/1.1 503 Service Unavailable", "Content-Length: 0", ""),
      ],
    }),
  );
}

/** RDP asks over TCP, then moves its screen to UDP. */
function remoteDesktop(start: number, random: SeededRandom): TimedPacket[] {
  return inOrder(
    tcpConversation({
      client: { ...laptop, port: 50530 },
      server: { ...server, port: 3389 },
      start,
      rtt: 700,
      close: "open",
      exchange: [
        ["c", rdpConnectionRequest("laptop")],
        ["s", rdpConnectionConfirm()],
        ["c", clientHelloRecord("fileserver.office.example.com", [], random)],
        ["s", serverFlight(random, 1300)],
      ],
    }),
    udpExchange({
      client: { ...laptop, port: 50531 },
      server: { ...server, port: 3389 },
      start: start + 100 * MILLISECOND,
      rtt: 700,
      exchange: [
        ["c", rdpUdpSyn(0x1000)],
        ["s", rdpUdpSynAck(0x2000, 0x1000)],
      ],
    }),
  );
}
