import { SeededRandom } from "../test/support/seeded-random.ts";
import type { ActiveFlows } from "./active-flows.ts";
import { moveFlow, newActiveFlows } from "./active-flows.ts";
import type { Expectation } from "./expectation.ts";
import { newExpectation } from "./expectation.ts";
import { FrameWriter, TcpFlag, tunnelSourcePort } from "./frame-writer.ts";
import type { PcapFile } from "./pcap-file.ts";
import { SERVICES } from "./services.ts";
import type { Workload } from "./workloads.ts";

const TCP = 6;
const UDP = 17;
/** First second of every workload: 2026-03-02T08:00:00Z. */
const FIRST_SECOND = 1772438400;
/** Clients are told apart by 12 bits of address and 14 bits of port: 67 million flows at most. */
const CLIENT_BITS = 12;
const TUPLE_BITS = 26;
const SCAN_TUPLE_BITS = 27;
const FIRST_EPHEMERAL_PORT = 49152;
const SERVERS = 20_000;
/** Where `outerPorts` notes GRE: VXLAN takes even ports only, so the place of 49153 is free. */
const GRE_SEEN = 2;
const SCANNED_PORTS = [22, 23, 80, 443, 445, 3389, 8080, 5900];

/** What `Traffic` is to make. */
export type TrafficOptions = {
  readonly workload: Workload;
  readonly packets: number;
  readonly flows: number;
  readonly active: number;
  readonly seed: number;
  /** Packets per second of capture time. */
  readonly rate: number;
};

/** Makes the packets of one workload, counting what a reader must find. */
export class Traffic {
  private readonly options: TrafficOptions;
  private readonly random: SeededRandom;
  private readonly file: PcapFile;
  private readonly flows: ActiveFlows;
  private readonly frames: FrameWriter;
  private readonly expectation: Expectation;
  private readonly outerPorts = new Uint8Array(0x4000 * 2);
  private readonly longestPayload: number;
  private readonly tupleOffset: number;
  private flowsBegun = 0;
  private packetsPromised = 0;

  constructor(file: PcapFile, options: TrafficOptions) {
    this.file = file;
    this.options = options;
    this.random = new SeededRandom(options.seed);
    this.flows = newActiveFlows(options.active);
    this.frames = new FrameWriter(file, this.flows, options.workload.encapsulation);
    this.expectation = newExpectation();
    this.tupleOffset = this.random.word();
    const { encapsulation, longestFrame } = options.workload;
    // VXLAN adds 50 octets; with the tag of a VLAN the longest frame is already 4 octets longer.
    const extra = encapsulation === "tunnel" ? 50 : encapsulation === "vlan" ? 4 : 0;
    this.longestPayload = longestFrame - extra - 14;
  }

  /** Writes all packets; returns the exact counts. */
  run(): Expectation {
    const { packets, active, rate, workload } = this.options;
    const expectation = this.expectation;
    let used = 0;
    while (used < active && this.begin(used)) used++;
    expectation.peakActiveFlows = used;
    let slot = 0;
    let train = 0;
    for (let packet = 0; packet < packets; packet++) {
      if (train === 0) {
        slot = this.random.below(used);
        train = workload.trains ? 1 + Math.min(15, this.flows.total[slot]! >> 4) : 1;
      }
      train--;
      const microsecond = Math.floor((packet / rate) * 1e6);
      const second = Math.floor(microsecond / 1e6);
      this.file.begin(FIRST_SECOND + second, microsecond - second * 1e6);
      this.next(slot);
      const frameLength = this.file.end();
      expectation.octets += frameLength;
      if (this.flows.sent[slot] !== this.flows.total[slot]) continue;
      train = 0;
      if (this.begin(slot)) continue;
      used--;
      moveFlow(this.flows, used, slot);
    }
    expectation.packets = packets;
    expectation.flows = this.flowsBegun;
    expectation.firstSecond = FIRST_SECOND;
    expectation.lastSecond = FIRST_SECOND + Math.floor((packets - 1) / rate);
    this.countOuterFlows();
    return expectation;
  }

  /** Puts the next flow into `slot`; false when all flows have begun. */
  private begin(slot: number): boolean {
    const { flows: flowCount, packets, workload } = this.options;
    if (this.flowsBegun === flowCount) return false;
    const { random, flows, expectation } = this;
    const index = this.flowsBegun++;
    const total = this.flowSize(flowCount - index, packets - this.packetsPromised);
    this.packetsPromised += total;
    const udpShare = total <= 2 ? workload.udpShortShare : workload.udpLongShare;
    const protocol = random.fraction() < udpShare ? UDP : TCP;
    flows.protocol[slot] = protocol;
    flows.ipVersion[slot] = random.fraction() < workload.ipv6Share ? 6 : 4;
    flows.total[slot] = total;
    flows.sent[slot] = 0;
    flows.clientSequence[slot] = random.word();
    flows.serverSequence[slot] = random.word();
    flows.acknowledgementDue[slot] = 0;
    flows.entropy[slot] = random.word() >>> 16;
    if (workload.scan === true) this.addressScan(slot, index);
    else this.address(slot, index);
    const isTcp = protocol === TCP ? 1 : 0;
    const isIpv4 = flows.ipVersion[slot] === 4 ? 1 : 0;
    expectation.tcpFlows += isTcp;
    expectation.udpFlows += 1 - isTcp;
    expectation.ipv4Flows += isIpv4;
    expectation.ipv6Flows += 1 - isIpv4;
    return true;
  }

  /**
   * Packets of the next flow. Sizes follow a Weibull curve of shape 1/2 (many short flows, a few
   * very long ones); the mean is taken from what is left, so that the sum comes out exact.
   */
  private flowSize(flowsLeft: number, packetsLeft: number): number {
    if (flowsLeft === 1) return packetsLeft;
    const mean = packetsLeft / flowsLeft;
    const logarithm = Math.log(1 - this.random.fraction());
    const weight = Math.min(this.options.workload.longestFlow, (logarithm * logarithm) / 2);
    const size = 1 + Math.floor((mean - 1) * weight + this.random.fraction());
    return Math.min(size, packetsLeft - flowsLeft + 1);
  }

  /** A permutation of the flow number gives client address and port: no two flows share them. */
  private address(slot: number, index: number): void {
    const { flows, random } = this;
    const tuple = permuted(index, this.tupleOffset, TUPLE_BITS);
    const client = tuple & ((1 << CLIENT_BITS) - 1);
    const share = random.fraction();
    const server = Math.floor(SERVERS * share * share * share);
    const services = flows.protocol[slot] === TCP ? SERVICES.tcp : SERVICES.udp;
    flows.clientPort[slot] = FIRST_EPHEMERAL_PORT + (tuple >>> CLIENT_BITS);
    flows.serverPort[slot] = services[random.below(services.length)]!;
    // 10.20.0.0/20 talks to 198.18.0.0/15, the range set aside for benchmarks (RFC 2544).
    flows.client[slot] = 0x0a140000 | client;
    flows.server[slot] = 0xc6120000 | (server + 1);
  }

  /** 16 scanners (203.0.113.64/28) try eight ports of each address in 172.16.0.0/12. */
  private addressScan(slot: number, index: number): void {
    const { flows } = this;
    const tuple = permuted(index, this.tupleOffset, SCAN_TUPLE_BITS);
    flows.client[slot] = 0xcb007140 | (tuple & 15);
    flows.clientPort[slot] = 40000 + this.random.below(20000);
    flows.serverPort[slot] = SCANNED_PORTS[(tuple >>> 4) & 7]!;
    flows.server[slot] = 0xac100000 | (tuple >>> 7);
  }

  /** Writes the next packet of the flow in `slot`. */
  private next(slot: number): void {
    const { flows, expectation } = this;
    const position = flows.sent[slot]!;
    const isTcp = flows.protocol[slot] === TCP;
    flows.sent[slot] = position + 1;
    if (isTcp) this.nextSegment(slot, position);
    else this.nextDatagram(slot, position);
    expectation.tcpPackets += isTcp ? 1 : 0;
    expectation.udpPackets += isTcp ? 0 : 1;
    expectation.ipv4Packets += flows.ipVersion[slot] === 4 ? 1 : 0;
    expectation.ipv6Packets += flows.ipVersion[slot] === 4 ? 0 : 1;
  }

  /** Question and answer in turn. */
  private nextDatagram(slot: number, position: number): void {
    const fromClient = (position & 1) ^ 1;
    this.emit(slot, fromClient, 0, this.payload(slot, fromClient, 8));
  }

  /**
   * One packet: SYN. Two: SYN, reset. From seven on: handshake, data, both FINs and the last
   * acknowledgement. Between them: handshake and data, left open.
   */
  private nextSegment(slot: number, position: number): void {
    const { flows } = this;
    const total = flows.total[slot]!;
    if (position === 0) this.segment(slot, 1, TcpFlag.Syn, 0);
    else if (total === 2) this.segment(slot, 0, TcpFlag.Rst | TcpFlag.Ack, 0);
    else if (position === 1) this.segment(slot, 0, TcpFlag.Syn | TcpFlag.Ack, 0);
    else if (position === 2 || (total >= 7 && position === total - 1)) {
      this.segment(slot, 1, TcpFlag.Ack, 0);
    } else if (total >= 7 && position >= total - 3) {
      this.segment(slot, position === total - 3 ? 1 : 0, TcpFlag.Fin | TcpFlag.Ack, 0);
    } else this.nextData(slot, position);
  }

  /** The client asks first; then mostly server data, acknowledged now and then. */
  private nextData(slot: number, position: number): void {
    const { flows } = this;
    const choice = this.random.fraction();
    if (position > 3 && flows.acknowledgementDue[slot] === 1 && choice < 0.5) {
      flows.acknowledgementDue[slot] = 0;
      this.segment(slot, 1, TcpFlag.Ack, 0);
      return;
    }
    const fromClient = position === 3 || choice > 0.9 ? 1 : 0;
    flows.acknowledgementDue[slot] = 1 - fromClient;
    this.segment(slot, fromClient, TcpFlag.Psh | TcpFlag.Ack, this.payload(slot, fromClient, 20));
  }

  /** Writes a segment and moves its sender's sequence number past what it carried. */
  private segment(slot: number, fromClient: number, flags: number, payloadLength: number): void {
    this.emit(slot, fromClient, flags, payloadLength);
    const phantom = (flags & (TcpFlag.Syn | TcpFlag.Fin)) === 0 ? 0 : 1;
    const advance = payloadLength + phantom;
    if (fromClient === 1) this.flows.clientSequence[slot]! += advance;
    else this.flows.serverSequence[slot]! += advance;
  }

  private emit(slot: number, fromClient: number, flags: number, payloadLength: number): void {
    if (this.options.workload.encapsulation === "tunnel") {
      const entropy = this.flows.entropy[slot]!;
      if ((entropy & 1) === 1) this.outerPorts[GRE_SEEN] = 1;
      else this.outerPorts[((tunnelSourcePort(entropy) - 49152) << 1) | fromClient] = 1;
    }
    this.frames.write(slot, fromClient, flags, payloadLength);
  }

  /** Octets of payload: clients ask little, servers answer with full frames half of the time. */
  private payload(slot: number, fromClient: number, headerLength: number): number {
    const networkHeader = this.flows.ipVersion[slot] === 4 ? 20 : 40;
    const most = this.longestPayload - networkHeader - headerLength;
    const word = this.random.word();
    if (most < 100) return 1 + ((word >>> 8) % most);
    const dice = word & 255;
    const spread = word >>> 8;
    if (fromClient === 1) return 20 + (spread % (dice < 200 ? 160 : 680));
    if (dice < 128) return most;
    return dice < 190 ? 60 + (spread % 220) : 280 + (spread % (most - 280));
  }

  /** Plain GRE is one outer flow; VXLAN has one for each source port and direction seen. */
  private countOuterFlows(): void {
    if (this.options.workload.encapsulation !== "tunnel") return;
    let outer = 0;
    for (const seen of this.outerPorts) outer += seen;
    this.expectation.outerFlows = outer;
  }
}

/** Multiplication by an odd number and an offset permute the numbers below 2^bits. */
function permuted(index: number, offset: number, bits: number): number {
  return (Math.imul(index, 0x2c1b3c6d) + offset) & ((2 ** bits - 1) | 0);
}
