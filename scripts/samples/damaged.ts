import { frame, type Layer, octets, payload } from "../../test/support/build.ts";
import { ipv4, ipv6, ipv6Extension } from "../../test/support/build-ip.ts";
import { ethernet, vlan } from "../../test/support/build-link.ts";
import { tcp, udp } from "../../test/support/build-transport.ts";
import { tcpConversation } from "../../test/support/conversation.ts";
import { hex } from "../../test/support/octets.ts";
import { inOrder, type TimedPacket } from "../../test/support/timed-packet.ts";
import { writePcap } from "../../test/support/write-pcap.ts";
import { HOST, MILLISECOND, MORNING, SECOND, says } from "./sample.ts";

const SNAPLEN = 512;
const { desk, server } = HOST;
const there = { source: desk.ip, destination: server.ip };
const syslog = { sourcePort: 50100, destinationPort: 514 };
const web = { sourcePort: 50101, destinationPort: 80 };

/**
 * One packet for each way to be wrong, between healthy ones, all with snap length 512; the last
 * record is cut short, as when a disk filled up.
 */
export function damagedSample(): Uint8Array {
  const link = ethernet({ source: desk.mac, destination: server.mac });
  const broken = WRONG_LAYERS.map((layers, index) => ({
    microseconds: MORNING + 500 * MILLISECOND + index * 10 * MILLISECOND,
    bytes: frame(link, ...layers),
  }));
  const cutHeaders = CUT_LENGTHS.map((length, index) => ({
    microseconds: MORNING + 1_500 * MILLISECOND + index * 10 * MILLISECOND,
    bytes: frame(link, ipv4(there), tcp({ ...web, flags: "A" }), payload(40)).subarray(0, length),
    wireLength: 94,
  }));
  const file = writePcap(inOrder(healthy(), broken, cutHeaders), { snaplen: SNAPLEN });
  return file.subarray(0, file.length - 21);
}

/** A conversation whose long answers the snap length cuts. */
function healthy(): TimedPacket[] {
  return tcpConversation({
    client: { ...desk, port: 50090 },
    server: { ...server, port: 80 },
    start: MORNING,
    rtt: SECOND,
    exchange: [
      says("c", "GET / HTTP/1.0", ""),
      says("s", "HTTP/1.0 200 OK", "Content-Length: 2000", "", "x".repeat(1998)),
    ],
  });
}

/** What is wrong with each is said beside it. */
const WRONG_LAYERS: readonly (readonly Layer[])[] = [
  // An IPv4 header of 12 octets.
  [octets(hex("4500 0028 0001 0000 4006 0000"), { etherType: 0x0800 })],
  // A header length of 8 octets, below the least of 20.
  [ipv4({ ...there, headerLength: 8 }), udp(syslog), payload("short header")],
  // A header length of 60 octets with 40 there.
  [ipv4({ ...there, headerLength: 60, protocol: 17 }), payload(20)],
  // A total length below the header's.
  [ipv4({ ...there, totalLength: 12 }), udp(syslog), payload("total length 12")],
  // A total length beyond the packet, though nothing was cut.
  [ipv4({ ...there, totalLength: 1400 }), udp(syslog), payload("total length 1400")],
  // Version 5 behind the EtherType of IPv4.
  [ipv4({ ...there, version: 5 }), udp(syslog), payload("version 5")],
  // A wrong header checksum.
  [ipv4({ ...there, checksum: "wrong" }), udp(syslog), payload("ip checksum")],
  // A TCP header length of 12 octets.
  [ipv4(there), tcp({ ...web, headerLength: 12 }), payload("offset 3")],
  // A TCP header length of 60 octets with 28 there.
  [ipv4(there), tcp({ ...web, headerLength: 60 }), payload("offset15")],
  // A wrong TCP checksum.
  [ipv4(there), tcp({ ...web, flags: "PA", checksum: "wrong" }), payload("tcp checksum")],
  // Every flag there is, and none.
  [ipv4(there), tcp({ ...web, flags: 0xff })],
  [ipv4(there), tcp({ ...web, flags: 0 })],
  // A UDP length below its header's, beyond the packet, and below the packet.
  [ipv4(there), udp({ ...syslog, length: 4 }), payload("udp length 4")],
  [ipv4(there), udp({ ...syslog, length: 900 }), payload("udp length 900")],
  [ipv4(there), udp({ ...syslog, length: 12 }), payload("udp length 12")],
  // A wrong UDP checksum, and none.
  [ipv4(there), udp({ ...syslog, checksum: "wrong" }), payload("udp checksum")],
  [ipv4(there), udp({ ...syslog, checksum: "none" }), payload("no checksum")],
  // Ports of zero.
  [ipv4(there), udp({ sourcePort: 0, destinationPort: 0 }), payload("port zero")],
  // An IPv6 header without what it promises, and an extension header that runs over the end.
  [ipv6({ payloadLength: 200, nextHeader: 17 }), payload(8)],
  [ipv6({ nextHeader: 0 }), payload(Uint8Array.of(17, 30, 1, 4, 0, 0, 0, 0))],
  // Extension headers without end: eight hop-by-hop headers in a row.
  [ipv6(), ...Array.from({ length: 8 }, () => ipv6Extension(0)), udp(syslog), payload("deep")],
  // A VLAN tag with nothing behind it, and an Ethernet header cut after the addresses' type.
  [vlan(5, { etherType: 0x0800 })],
  [],
];

/** Octets kept of a frame of 94: inside Ethernet, IPv4, and TCP. */
const CUT_LENGTHS = [0, 9, 14, 20, 34, 37, 50];
