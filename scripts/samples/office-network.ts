import { frame, payload } from "../../test/support/build.ts";
import { ipv4 } from "../../test/support/build-ip.ts";
import { arp, ethernet, llc } from "../../test/support/build-link.ts";
import { icmp, udp } from "../../test/support/build-transport.ts";
import { udpExchange } from "../../test/support/conversation.ts";
import type { TimedPacket } from "../../test/support/timed-packet.ts";
import { addressRecord, DnsType, dnsMessage, dnsName, mdnsAnnouncement } from "./messages/dns.ts";
import { dhcp, lldp, netbiosQuery, ntp, spanningTree, ssdp } from "./messages/office.ts";
import { vrrp } from "./messages/voice.ts";
import { HOST, MILLISECOND, MORNING, outside, packet, SECOND } from "./sample.ts";

const BROADCAST_MAC = "ff:ff:ff:ff:ff:ff";
const SWITCH_MAC = "02:00:5e:10:00:fe";
const { desk, laptop, printer, router } = HOST;

/** Frames without IP: spanning tree every two seconds, LLDP, and a router's VRRP. */
export function switchFrames(): TimedPacket[] {
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
export function joiningTheNetwork(start: number): TimedPacket[] {
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
export function discovery(start: number): TimedPacket[] {
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
export function echo(start: number): TimedPacket[] {
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

export function time(start: number): TimedPacket[] {
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
