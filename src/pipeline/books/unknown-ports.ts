import type { FlowView } from "../../flow/flow-view.ts";
import { Certainty } from "../../flow/row/direction.ts";
import { PORTS, SLOTS, transportOfProtocol } from "../../service/transport.ts";

// Every port has a row of 16 words, a cache line: one of 4 MiB of memory for each transport that
// has unnamed ports at all. There are no more ports than that, so flows and octets are exact, nothing
// is ever evicted, and what comes out does not depend on the order of the flows.
//
//   0      flows
//   1-2    fan-in: a bit for the other side's port
//   4-5    octets, a double
//   3      distinct peers up to 8, 9 for more
//   8-15   the hashes of so few peers; of more, 64 registers of four bits (HyperLogLog)
const ROW_WORDS = 16;
const FAN_IN = 1;
const OCTETS = 4;
const FEW_PEERS = 3;
const PEERS = 8;
/** So many peers are counted exactly. */
export const EXACT_PEERS = 8;
const REGISTERS = 64;
const HIGHEST_RANK = 15;
/** Bits of a hash that are left when its register is chosen. */
const RANK_BITS = 26;
/** The estimator's constant for 64 registers: Flajolet et al., HyperLogLog (2007), figure 3. */
const ALPHA = 0.709;
/** So many ports of other sides make a service; an ephemeral port meets one or two. */
const SERVICE_FAN_IN = 3;

/** What is known of an unnamed port. */
export type UnknownPortCounts = {
  /** transport * 65536 + port */
  readonly slot: number;
  readonly flows: number;
  /** Octets of frames, both directions. */
  readonly bytes: number;
  /** Distinct addresses that talked to the port: exact to 8, then an estimate with a standard error of 13 %. */
  readonly peers: number;
  /** Whether other sides came from three ports or more. */
  readonly isService: boolean;
};

/** The counts as they pass between threads. */
export type UnknownPortsState = {
  /** Slots in the order in which they were met. */
  readonly met: Int32Array;
  /** The row of each. */
  readonly rows: Int32Array;
};

/**
 * Counts the ports of flows that have no name. Where a flow has a direction its responder's port is
 * counted; of a connection seen mid-stream both are, for either may be the service. A service is
 * then told by its fan-in: many other ports meet it, while a client's port meets that one service.
 */
export class UnknownPorts {
  private readonly words: (Int32Array | undefined)[] = [];
  private readonly doubles: (Float64Array | undefined)[] = [];
  /** Slots that were met, in order. */
  private readonly met: number[] = [];

  /** Counts a flow without a name. */
  add(view: FlowView): void {
    const transport = transportOfProtocol(view.protocol);
    if (transport < 0 || !view.hasPorts) return;
    this.count(view, transport, 1);
    const isUndirected = view.direction.certainty === Certainty.Unknown;
    if (isUndirected && view.sourcePort !== view.destinationPort) this.count(view, transport, 0);
  }

  /** The ports that were met. @param options - `servicesOnly` leaves out those taken for ephemeral */
  counts(options: { readonly servicesOnly: boolean }): UnknownPortCounts[] {
    const found: UnknownPortCounts[] = [];
    for (const slot of this.met) {
      const transport = Math.floor(slot / PORTS);
      const words = this.words[transport]!;
      const row = (slot % PORTS) * ROW_WORDS;
      const fanIn = bitCount(words[row + FAN_IN]!) + bitCount(words[row + FAN_IN + 1]!);
      const isService = fanIn >= SERVICE_FAN_IN;
      if (options.servicesOnly && !isService) continue;
      found.push({
        slot,
        flows: words[row]! >>> 0,
        bytes: this.doubles[transport]![(row + OCTETS) >> 1]!,
        peers: peersOf(words, row),
        isService,
      });
    }
    return found;
  }

  /** Everything counted so far: a copy of the rows that were met, not of all there are. */
  state(): UnknownPortsState {
    const rows = new Int32Array(this.met.length * ROW_WORDS);
    this.met.forEach((slot, i) => {
      const row = (slot % PORTS) * ROW_WORDS;
      const words = this.words[Math.floor(slot / PORTS)]!;
      rows.set(words.subarray(row, row + ROW_WORDS), i * ROW_WORDS);
    });
    return { met: Int32Array.from(this.met), rows };
  }

  /** Adds what another thread counted. */
  absorb({ met, rows }: UnknownPortsState): void {
    const doubles = new Float64Array(rows.buffer, rows.byteOffset, rows.length / 2);
    met.forEach((slot, i) => {
      const transport = Math.floor(slot / PORTS);
      const row = (slot % PORTS) * ROW_WORDS;
      const other = i * ROW_WORDS;
      const words = this.words[transport] ?? this.begin(transport);
      if (isNew(words, row)) this.met.push(slot);
      words[row]! += rows[other]!;
      this.doubles[transport]![(row + OCTETS) >> 1]! += doubles[(other + OCTETS) >> 1]!;
      words[row + FAN_IN]! |= rows[other + FAN_IN]!;
      words[row + FAN_IN + 1]! |= rows[other + FAN_IN + 1]!;
      absorbPeers(words, row, rows, other);
    });
  }

  /** @param end - whose port is counted: 0 the initiator's, 1 the responder's */
  private count(view: FlowView, transport: number, end: number): void {
    const words = this.words[transport] ?? this.begin(transport);
    const port = end === 0 ? view.sourcePort : view.destinationPort;
    const otherPort = end === 0 ? view.destinationPort : view.sourcePort;
    const row = port * ROW_WORDS;
    if (isNew(words, row)) this.met.push((transport * PORTS + port) % SLOTS);
    // A later part of a flow is no further flow.
    if (view.extra === undefined || view.extra.part <= 1) words[row]! += 1;
    this.doubles[transport]![(row + OCTETS) >> 1]! += view.bytes(0) + view.bytes(1);
    const peer = addressHash(view, 1 - end);
    // Where both sides use one port, their addresses tell them apart.
    const bit = (otherPort === port ? peer >>> RANK_BITS : mixed(otherPort)) & 63;
    words[row + FAN_IN + (bit >> 5)]! |= 1 << (bit & 31);
    notePeer(words, row, peer);
  }

  private begin(transport: number): Int32Array {
    const memory = new ArrayBuffer(PORTS * ROW_WORDS * 4);
    const words = new Int32Array(memory);
    this.words[transport] = words;
    this.doubles[transport] = new Float64Array(memory);
    return words;
  }
}

/**
 * Whether nothing was counted in a row. Whatever is counted has a peer, but not always a flow or octets:
 * a later part is no flow, and some captures say that packets had no octets on the wire.
 */
function isNew(words: Int32Array, row: number): boolean {
  return words[row + FEW_PEERS] === 0;
}

function addressHash(view: FlowView, end: number): number {
  let hash = view.addressWord(end, 3);
  if (view.isIpv6) {
    for (let i = 0; i < 3; i += 1) hash = mixed(hash) ^ view.addressWord(end, i);
  }
  return mixed(hash);
}

/** Spreads 32 bits over 32 bits: the finalizer of MurmurHash3, which is in the public domain. */
function mixed(value: number): number {
  let hash = value ^ 0x5bd1e995;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const few = new Int32Array(EXACT_PEERS);

/** Adds a peer to those of a row, by its hash. */
function notePeer(words: Int32Array, row: number, peer: number): void {
  const count = words[row + FEW_PEERS]!;
  if (count > EXACT_PEERS) {
    noteRank(words, row + PEERS, peer);
    return;
  }
  for (let i = 0; i < count; i += 1) if (words[row + PEERS + i] === peer) return;
  if (count < EXACT_PEERS) {
    words[row + FEW_PEERS] = count + 1;
    words[row + PEERS + count] = peer;
    return;
  }
  spread(words, row);
  noteRank(words, row + PEERS, peer);
}

/** Adds the peers of another row to those of one. */
function absorbPeers(words: Int32Array, row: number, others: Int32Array, other: number): void {
  const count = others[other + FEW_PEERS]!;
  if (count <= EXACT_PEERS) {
    for (let i = 0; i < count; i += 1) notePeer(words, row, others[other + PEERS + i]!);
    return;
  }
  if (words[row + FEW_PEERS]! <= EXACT_PEERS) spread(words, row);
  for (let register = 0; register < REGISTERS; register += 1) {
    const word = register >> 3;
    const shift = (register & 7) * 4;
    const rank = (others[other + PEERS + word]! >>> shift) & 15;
    const at = row + PEERS + word;
    if (((words[at]! >>> shift) & 15) < rank) {
      words[at] = (words[at]! & ~(15 << shift)) | (rank << shift);
    }
  }
}

/** From so few peers to registers. */
function spread(words: Int32Array, row: number): void {
  const count = words[row + FEW_PEERS]!;
  words[row + FEW_PEERS] = EXACT_PEERS + 1;
  for (let i = 0; i < EXACT_PEERS; i += 1) {
    few[i] = words[row + PEERS + i]!;
    words[row + PEERS + i] = 0;
  }
  for (let i = 0; i < count; i += 1) noteRank(words, row + PEERS, few[i]!);
}

function noteRank(words: Int32Array, from: number, peer: number): void {
  const register = peer & (REGISTERS - 1);
  const rank = Math.min(HIGHEST_RANK, Math.clz32(peer >>> 6) - (32 - RANK_BITS) + 1);
  const at = from + (register >> 3);
  const shift = (register & 7) * 4;
  const word = words[at]!;
  if (((word >>> shift) & 15) < rank) words[at] = (word & ~(15 << shift)) | (rank << shift);
}

function peersOf(words: Int32Array, row: number): number {
  const count = words[row + FEW_PEERS]!;
  return count <= EXACT_PEERS ? count : Math.max(count, estimate(words, row + PEERS));
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** HyperLogLog with linear counting for some, as in its paper. */
function estimate(words: Int32Array, from: number): number {
  let sum = 0;
  let empty = 0;
  for (let register = 0; register < REGISTERS; register += 1) {
    const rank = (words[from + (register >> 3)]! >>> ((register & 7) * 4)) & 15;
    sum += 2 ** -rank;
    if (rank === 0) empty += 1;
  }
  const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
  const isSmall = raw <= 2.5 * REGISTERS && empty > 0;
  return Math.round(isSmall ? REGISTERS * Math.log(REGISTERS / empty) : raw);
}
