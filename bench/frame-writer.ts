import { SeededRandom } from "../test/support/seeded-random.ts";
import type { ActiveFlows } from "./active-flows.ts";
import type { PcapFile } from "./pcap-file.ts";

/** What lies between Ethernet and the flow's own IP header. */
export type Encapsulation = "none" | "vlan" | "tunnel";

/** TCP flag bits, RFC 9293 section 3.1. */
export const TcpFlag = { Fin: 1, Syn: 2, Rst: 4, Psh: 8, Ack: 16 } as const;

/** Frames without their check sequence are at least this long on Ethernet. */
const SHORTEST_FRAME = 60;
const LONGEST_PAYLOAD = 1472;
const VXLAN_PORT = 4789;
/** Tunnel end points, 203.0.113.1 and 203.0.113.2. */
const TUNNEL_CLIENT_END = 0xcb007101 | 0;
const TUNNEL_SERVER_END = 0xcb007102 | 0;
/** First two words of every IPv6 address here: 2001:db8:: (documentation, RFC 3849). */
const IPV6_PREFIX = 0x20010db8;

/**
 * Writes the frames of a workload into a capture, checksums included. Payloads are prefixes of one
 * fixed pattern whose running sums are known, so a checksum never walks the payload.
 */
export class FrameWriter {
  private readonly file: PcapFile;
  private readonly flows: ActiveFlows;
  private readonly encapsulation: Encapsulation;
  private readonly pattern: Buffer;
  private readonly patternSum: Int32Array;
  private identification = 0;

  constructor(file: PcapFile, flows: ActiveFlows, encapsulation: Encapsulation) {
    this.file = file;
    this.flows = flows;
    this.encapsulation = encapsulation;
    this.pattern = Buffer.from(new SeededRandom(1).bytes(LONGEST_PAYLOAD));
    this.patternSum = new Int32Array(LONGEST_PAYLOAD + 1);
    for (let at = 0; at < LONGEST_PAYLOAD; at++) {
      const octet = this.pattern[at]!;
      this.patternSum[at + 1] = this.patternSum[at]! + ((at & 1) === 0 ? octet << 8 : octet);
    }
  }

  /**
   * Writes the frame of one packet of the flow in `slot` at the file's position.
   * @param fromClient - 1 from the client, 0 from the server
   * @param flags - TCP flags; a SYN carries a maximum segment size option. Ignored for UDP
   * @param payloadLength - octets above the transport header, at most 1472
   */
  write(slot: number, fromClient: number, flags: number, payloadLength: number): void {
    const flows = this.flows;
    const frameStart = this.file.position;
    const isIpv4 = flows.ipVersion[slot] === 4;
    const isTcp = flows.protocol[slot] === 6;
    const withOption = isTcp && (flags & TcpFlag.Syn) !== 0;
    const transportLength = (isTcp ? (withOption ? 24 : 20) : 8) + payloadLength;
    const packetLength = (isIpv4 ? 20 : 40) + transportLength;

    if (this.encapsulation === "tunnel") {
      this.outerHeaders(slot, fromClient, packetLength, isIpv4);
    } else {
      this.ethernet(slot, fromClient, isIpv4, this.encapsulation === "vlan");
    }
    const pseudoSum = isIpv4
      ? this.ipv4(slot, fromClient, transportLength)
      : this.ipv6(slot, fromClient, transportLength);
    if (isTcp) this.tcp(slot, fromClient, flags, payloadLength, pseudoSum);
    else this.udp(slot, fromClient, payloadLength, pseudoSum);

    this.pattern.copy(this.file.bytes, this.file.position, 0, payloadLength);
    this.file.position += payloadLength;
    const padEnd = frameStart + SHORTEST_FRAME;
    while (this.file.position < padEnd) this.file.bytes[this.file.position++] = 0;
  }

  private u16(value: number): void {
    const bytes = this.file.bytes;
    const at = this.file.position;
    bytes[at] = value >>> 8;
    bytes[at + 1] = value;
    this.file.position = at + 2;
  }

  private u32(value: number): void {
    const bytes = this.file.bytes;
    const at = this.file.position;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
    this.file.position = at + 4;
  }

  /** Locally administered addresses: the server side is one router, the client side the host. */
  private ethernet(slot: number, fromClient: number, isIpv4: boolean, tagged: boolean): void {
    const client = this.flows.client[slot]!;
    if (fromClient === 1) {
      this.u16(0x0200);
      this.u32(1);
    }
    this.u16(0x0206);
    this.u32(client);
    if (fromClient === 0) {
      this.u16(0x0200);
      this.u32(1);
    }
    if (tagged) {
      this.u16(0x8100);
      this.u16(100 + (this.flows.entropy[slot]! & 15));
    }
    this.u16(isIpv4 ? 0x0800 : 0x86dd);
  }

  /** Even flows go through VXLAN (RFC 7348), odd ones through plain GRE (RFC 2784). */
  private outerHeaders(
    slot: number,
    fromClient: number,
    packetLength: number,
    isIpv4: boolean,
  ): void {
    const entropy = this.flows.entropy[slot]!;
    const source = fromClient === 1 ? TUNNEL_CLIENT_END : TUNNEL_SERVER_END;
    const destination = fromClient === 1 ? TUNNEL_SERVER_END : TUNNEL_CLIENT_END;
    this.u32(0x02000000);
    this.u16(fromClient === 1 ? 2 : 1);
    this.u32(0x02000000);
    this.u16(fromClient === 1 ? 1 : 2);
    this.u16(0x0800);
    if ((entropy & 1) === 1) {
      this.ipv4Header(source, destination, 47, 4 + packetLength);
      this.u16(0);
      this.u16(isIpv4 ? 0x0800 : 0x86dd);
      return;
    }
    const datagramLength = 8 + 8 + 14 + packetLength;
    this.ipv4Header(source, destination, 17, datagramLength);
    this.u16(tunnelSourcePort(entropy));
    this.u16(VXLAN_PORT);
    this.u16(datagramLength);
    this.u16(0);
    this.u32(0x08000000);
    this.u32((100 + (entropy & 6)) << 8);
    this.ethernet(slot, fromClient, isIpv4, false);
  }

  private ipv4(slot: number, fromClient: number, transportLength: number): number {
    const client = this.flows.client[slot]!;
    const server = this.flows.server[slot]!;
    const protocol = this.flows.protocol[slot]!;
    if (fromClient === 1) this.ipv4Header(client, server, protocol, transportLength);
    else this.ipv4Header(server, client, protocol, transportLength);
    return halves(client) + halves(server) + protocol + transportLength;
  }

  private ipv4Header(source: number, destination: number, protocol: number, length: number): void {
    const identification = this.identification;
    this.identification = (identification + 1) & 0xffff;
    const lifeAndProtocol = 0x4000 | protocol;
    const sum =
      0x4500 +
      (length + 20) +
      identification +
      0x4000 +
      lifeAndProtocol +
      halves(source) +
      halves(destination);
    this.u16(0x4500);
    this.u16(length + 20);
    this.u16(identification);
    this.u16(0x4000);
    this.u16(lifeAndProtocol);
    this.u16(fold(sum));
    this.u32(source);
    this.u32(destination);
  }

  private ipv6(slot: number, fromClient: number, transportLength: number): number {
    const client = this.flows.client[slot]!;
    const server = this.flows.server[slot]!;
    const protocol = this.flows.protocol[slot]!;
    this.u32(0x60000000);
    this.u16(transportLength);
    this.u16((protocol << 8) | 64);
    this.ipv6Address(fromClient === 1 ? client : server);
    this.ipv6Address(fromClient === 1 ? server : client);
    const prefixes = 2 * halves(IPV6_PREFIX);
    return prefixes + halves(client) + halves(server) + protocol + transportLength;
  }

  private ipv6Address(host: number): void {
    this.u32(IPV6_PREFIX);
    this.u32(0);
    this.u32(0);
    this.u32(host);
  }

  private tcp(
    slot: number,
    fromClient: number,
    flags: number,
    payloadLength: number,
    pseudoSum: number,
  ): void {
    const flows = this.flows;
    const ports = this.ports(slot, fromClient);
    const sequence = fromClient === 1 ? flows.clientSequence[slot]! : flows.serverSequence[slot]!;
    const peer = fromClient === 1 ? flows.serverSequence[slot]! : flows.clientSequence[slot]!;
    const acknowledged = (flags & TcpFlag.Ack) === 0 ? 0 : peer;
    const withOption = (flags & TcpFlag.Syn) !== 0;
    const offsetAndFlags = ((withOption ? 6 : 5) << 12) | flags;
    const window = (flags & TcpFlag.Rst) !== 0 ? 0 : 0xfaf0;
    // Option kind 2, length 4, 1460 octets (RFC 9293 section 3.2).
    const segmentSize = 0x020405b4;
    const sum =
      pseudoSum +
      ports +
      halves(sequence) +
      halves(acknowledged) +
      offsetAndFlags +
      window +
      (withOption ? halves(segmentSize) : 0) +
      this.patternSum[payloadLength]!;
    this.u32(sequence);
    this.u32(acknowledged);
    this.u16(offsetAndFlags);
    this.u16(window);
    this.u16(fold(sum));
    this.u16(0);
    if (withOption) this.u32(segmentSize);
  }

  private udp(slot: number, fromClient: number, payloadLength: number, pseudoSum: number): void {
    const ports = this.ports(slot, fromClient);
    const length = 8 + payloadLength;
    const checksum = fold(pseudoSum + ports + length + this.patternSum[payloadLength]!);
    this.u16(length);
    // 0 means "no checksum" in UDP, so a sum of 0 is sent as its other form (RFC 768).
    this.u16(checksum === 0 ? 0xffff : checksum);
  }

  /** Writes the two ports and returns their sum. */
  private ports(slot: number, fromClient: number): number {
    const client = this.flows.clientPort[slot]!;
    const server = this.flows.serverPort[slot]!;
    this.u16(fromClient === 1 ? client : server);
    this.u16(fromClient === 1 ? server : client);
    return client + server;
  }
}

/** Outer UDP source port of a tunnelled flow: its entropy in the range RFC 7348 section 5 names. */
export function tunnelSourcePort(entropy: number): number {
  return 49152 + (entropy & 0x3fff);
}

function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

/** Ones' complement of a sum of 16-bit words (RFC 1071). */
function fold(sum: number): number {
  let folded = (sum >>> 16) + (sum & 0xffff);
  folded = (folded >>> 16) + (folded & 0xffff);
  return ~folded & 0xffff;
}
