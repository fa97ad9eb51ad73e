import { DEFAULT_TIMEOUTS, type FlowTimeouts } from "../../src/flow/ending/timeouts.ts";
import { ipLength, type TestPacket, wireLength } from "./drive.ts";
import { TcpModel } from "./tcp-model.ts";

const TCP = 6;
const UDP = 17;
const SCTP = 132;
const DCCP = 33;

/** A record as the model has it; compared with the table's field by field. */
export type ModelRecord = {
  readonly flow: string;
  readonly part: number;
  /** The part before, as an index into the model's records. */
  readonly previous: number;
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly ipBytes: readonly [number, number];
  readonly payloadBytes: readonly [number, number];
  readonly start: number;
  readonly end: number;
  readonly closed: number;
  readonly fragments: number;
  readonly reason: string;
};

type Pair = [number, number];

/** Sender and receiver, and whether the other direction is another flow. */
type Ends = readonly [from: string, to: string, isOneWay: boolean];

type OpenFlow = {
  readonly key: string;
  readonly first: TestPacket;
  readonly ends: Ends;
  readonly tcp: TcpModel;
  readonly isFlipped: boolean;
  part: number;
  previous: number;
  packets: Pair;
  bytes: Pair;
  ipBytes: Pair;
  payloadBytes: Pair;
  fragments: number;
  start: number;
  end: number;
  /** The packet clock from which its timeout runs. */
  since: number;
  isHalfOpen: boolean;
  over: "" | "closed" | "reset";
};

// Ports of test traffic on which servers are expected; the other ones it uses are not.
const SERVER_PORTS: Readonly<Record<number, readonly number[]>> = {
  [TCP]: [22, 80, 443],
  [UDP]: [53, 123],
};
const ICMP_PAIRS: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  1: { 0: 8, 8: 0, 13: 14, 14: 13 },
  58: { 128: 129, 129: 128, 135: 136, 136: 135 },
};

/**
 * The flow table as the contract describes it, with a Map and objects. The time limits of all flows
 * are looked at before each packet is added.
 */
export class FlowModel {
  readonly records: ModelRecord[] = [];
  /** Flows that gave way to others. */
  evicted = 0;
  private readonly open = new Map<string, OpenFlow>();
  private readonly timeouts: FlowTimeouts;
  private clock = Number.NEGATIVE_INFINITY;

  constructor(timeouts: Partial<FlowTimeouts> = {}) {
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...timeouts };
  }

  /**
   * @param gaveWay - whether the table ended a flow with this packet; of those that are open when a
   *   new flow begins it is the one that gave way
   */
  add(packet: TestPacket, gaveWay?: (flow: string, start: number, part: number) => boolean): void {
    this.advance(packet.time);
    const ends = endpoints(packet);
    const key = keyOf(packet, ends);
    let flow = this.open.get(key);
    if (flow !== undefined && this.isIdleFor(flow, packet)) {
      this.close(flow, "idle", Math.min(this.deadline(flow), this.clock));
      flow = undefined;
    }
    if (flow?.tcp.isReuse(packet, sideOf(flow, ends))) {
      this.close(flow, "reuse", this.clock);
      flow = undefined;
    }
    if (flow !== undefined && packet.time - flow.start >= this.timeouts.active) {
      flow = this.nextPart(flow, packet);
    }
    if (flow === undefined && gaveWay !== undefined) this.evict(gaveWay);
    flow ??= this.begin(key, packet, ends);
    this.count(flow, packet, sideOf(flow, ends));
  }

  /** The clock moves on, with a packet or without. */
  advance(time: number): void {
    this.clock = Math.max(this.clock, time);
    for (const flow of this.open.values()) {
      const deadline = this.deadline(flow);
      if (deadline <= this.clock) this.close(flow, "idle", deadline);
    }
  }

  /** The capture ends. */
  end(): void {
    this.advance(this.clock);
    for (const flow of [...this.open.values()]) this.close(flow, "capture_end", this.clock);
  }

  /** Flows that are open. */
  get flows(): number {
    return this.open.size;
  }

  /** Ends what gave way, which must be what gives way first. */
  private evict(gaveWay: (flow: string, start: number, part: number) => boolean): void {
    const flows = [...this.open.values()];
    const due = (flow: OpenFlow): number => rank(flow) * 1e6 + this.secondDue(flow);
    for (const flow of flows) {
      if (!gaveWay(flowText(flow), flow.start, flow.part)) continue;
      const first = Math.min(...flows.map(due));
      if (due(flow) !== first) throw new Error(`${flowText(flow)} gave way before its turn`);
      this.evicted += 1;
      this.close(flow, "evicted", this.clock);
    }
  }

  /** Seconds from now in which a flow's deadline lies, as far as the timer wheel tells them apart. */
  private secondDue(flow: OpenFlow): number {
    const seconds = Math.floor(this.deadline(flow) / 1e9) - Math.floor(this.clock / 1e9);
    return Math.max(0, Math.min(seconds, 1023));
  }

  private begin(key: string, packet: TestPacket, ends: Ends): OpenFlow {
    const flow: OpenFlow = {
      key,
      first: packet,
      ends,
      tcp: new TcpModel(isAnswerByPort(packet) ? 1 : 0),
      isFlipped: isSynAck(packet) || isAnswerByPort(packet),
      part: 1,
      previous: -1,
      ...nothing(packet),
      since: this.clock,
      isHalfOpen: isBareSyn(packet),
      over: "",
    };
    this.open.set(key, flow);
    return flow;
  }

  private nextPart(flow: OpenFlow, packet: TestPacket): OpenFlow {
    const previous = this.records.length;
    this.record(flow, "active", this.clock);
    const next = { ...flow, ...nothing(packet), part: flow.part + 1, previous };
    this.open.set(flow.key, next);
    return next;
  }

  private count(flow: OpenFlow, packet: TestPacket, side: 0 | 1): void {
    flow.packets[side] += 1;
    flow.bytes[side] += wireLength(packet);
    flow.ipBytes[side] += ipLength(packet);
    flow.payloadBytes[side] += packet.payload ?? 0;
    flow.start = Math.min(flow.start, packet.time);
    flow.end = Math.max(flow.end, packet.time);
    if (packet.isFragment === true) flow.fragments += 1;
    if (!isBareSyn(packet) || side !== 0) flow.isHalfOpen = false;
    const wasOver = flow.over !== "";
    flow.over = overAfter(flow, packet, side);
    if (!wasOver && !flow.isHalfOpen) flow.since = this.clock;
  }

  private isIdleFor(flow: OpenFlow, packet: TestPacket): boolean {
    const isFixed = flow.over !== "" || flow.isHalfOpen;
    return packet.time - (isFixed ? flow.since : flow.end) >= this.timeoutOf(flow);
  }

  private deadline(flow: OpenFlow): number {
    return flow.since + this.timeoutOf(flow);
  }

  private timeoutOf(flow: OpenFlow): number {
    if (flow.over !== "") return this.timeouts.linger;
    switch (flow.first.protocol) {
      case TCP:
        return flow.isHalfOpen ? this.timeouts.unanswered : this.timeouts.tcp;
      case UDP:
      case 136:
        return this.timeouts.udp;
      case 1:
      case 58:
        return this.timeouts.icmp;
      default:
        return this.timeouts.other;
    }
  }

  private close(flow: OpenFlow, reason: string, closed: number): void {
    this.open.delete(flow.key);
    this.record(flow, flow.over === "" ? reason : flow.over, closed);
  }

  private record(flow: OpenFlow, reason: string, closed: number): void {
    const turn = ([a, b]: Pair): Pair => (flow.isFlipped ? [b, a] : [a, b]);
    const { part, previous, start, end, fragments } = flow;
    this.records.push({
      flow: flowText(flow),
      part,
      previous,
      packets: turn(flow.packets),
      bytes: turn(flow.bytes),
      ipBytes: turn(flow.ipBytes),
      payloadBytes: turn(flow.payloadBytes),
      start,
      end,
      closed,
      fragments,
      reason,
    });
  }
}

/** 0 for what gives way first: half-open, over, or of fewer than three packets. */
function rank({ isHalfOpen, over, part, packets: [there, back] }: OpenFlow): 0 | 1 {
  if (isHalfOpen || over !== "") return 0;
  return part > 1 || there + back >= 3 ? 1 : 0;
}

function nothing(packet: TestPacket): {
  packets: Pair;
  bytes: Pair;
  ipBytes: Pair;
  payloadBytes: Pair;
  fragments: number;
  start: number;
  end: number;
} {
  return {
    packets: [0, 0],
    bytes: [0, 0],
    ipBytes: [0, 0],
    payloadBytes: [0, 0],
    fragments: 0,
    start: packet.time,
    end: packet.time,
  };
}

function endpoints(packet: TestPacket): Ends {
  const { protocol, source, destination, sourcePort, destinationPort, type } = packet;
  const name = (address: number): string => `${packet.isIpv6 === true ? "v6-" : ""}${address}`;
  if (type !== undefined) {
    const counterpart = ICMP_PAIRS[protocol]?.[type];
    const other = counterpart ?? packet.code ?? 0;
    return [`${name(source)}:${type}`, `${name(destination)}:${other}`, counterpart === undefined];
  }
  if (sourcePort === undefined) return [name(source), name(destination), false];
  return [`${name(source)}:${sourcePort}`, `${name(destination)}:${destinationPort}`, false];
}

function keyOf(packet: TestPacket, [from, to, isOneWay]: Ends): string {
  const pair = isOneWay || from <= to ? `${from} ${to}` : `${to} ${from}`;
  return `${packet.protocol} ${pair} ${isOneWay} ${packet.vlan ?? 0}`;
}

function flowText({ first, ends: [from, to], isFlipped: flipped }: OpenFlow): string {
  const pair = flipped ? `${to} ${from}` : `${from} ${to}`;
  return `${first.protocol} ${pair} ${first.vlan ?? 0}`;
}

/** 0 when the packet goes the way of the flow's first one. */
function sideOf(flow: OpenFlow, [from]: Ends): 0 | 1 {
  return flow.ends[0] === from ? 0 : 1;
}

function isBareSyn({ protocol, flags = 0 }: TestPacket): boolean {
  return protocol === TCP && (flags & 0x16) === 0x02;
}

function isSynAck({ protocol, flags = 0 }: TestPacket): boolean {
  return protocol === TCP && (flags & 0x16) === 0x12;
}

/** Zeek's originator rule: what comes from a server's port to one that is not is an answer, but for a SYN. */
function isAnswerByPort(packet: TestPacket): boolean {
  const { protocol, flags = 0, sourcePort = 0, destinationPort = 0 } = packet;
  if (protocol === TCP && (flags & 0x12) === 0x02) return false;
  const likely = SERVER_PORTS[protocol] ?? [];
  if (!likely.includes(sourcePort)) return false;
  if (!likely.includes(destinationPort)) return true;
  return protocol === TCP && (flags & 0x02) === 0 && sourcePort < destinationPort;
}

function overAfter(flow: OpenFlow, packet: TestPacket, side: 0 | 1): "" | "closed" | "reset" {
  const { protocol, message } = packet;
  if (protocol === SCTP && message === 6) return "reset";
  if (protocol === SCTP && message === 14 && flow.over === "") return "closed";
  if (protocol === DCCP && message === 7) return "closed";
  if (protocol !== TCP || packet.flags === undefined) return flow.over;
  flow.tcp.add(packet, side);
  if ((packet.flags & 5) === 0 || !flow.tcp.isOver || flow.over === "reset") return flow.over;
  return flow.tcp.wasReset ? "reset" : "closed";
}
