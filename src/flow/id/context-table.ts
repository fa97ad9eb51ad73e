import type { DecodedHeaders } from "../../wire/decoded-headers.ts";
import { hasIdOfBothDirections } from "../../wire/tunnel.ts";

/** Words of one tunnel layer: type, id, IP version, four words each of source and destination. */
export const TUNNEL_WORDS = 11;
/** Tunnel layers kept at most; the decoder's depth limit is not larger. */
export const TUNNEL_DEPTH = 8;
/** Words of the VLAN part: number of ids, then up to four. */
export const VLAN_WORDS = 5;

const INITIAL_SLOTS = 64;
/** Ids that a tag can have; 0 is none, a priority alone. IEEE 802.1Q clause 9.6. */
export const VLAN_IDS = 4096;
/** Words of `ContextTable.vlans`. */
export const VLAN_WORDS_BY_ID: number = 2 * VLAN_IDS;

/** What lies around a flow: its VLAN ids and the tunnels it came through, outermost first. */
export type FlowContext = {
  /** VLAN part, then `TUNNEL_WORDS` for each layer. */
  readonly words: Int32Array;
};

/** Surroundings by number, as far as flows need them; a number below 0 means what it means above 0. */
export type FlowContexts = {
  /** The context of a number that a flow uses; undefined for 0. */
  get(number: number): FlowContext | undefined;
  /** Contexts that flows use. */
  readonly count: number;
  /** Notes one more flow in a context; not for 0. */
  acquire(number: number): void;
  /** Notes one flow less; not for 0. */
  release(number: number): void;
};

/** What a context table is made with. */
export type ContextTableOptions = {
  /** Keep the numbers that `takeCreated` gives. */
  readonly remembersCreated?: boolean;
  /** Zeros for `ContextTable.vlans`. */
  readonly vlans?: Int32Array | undefined;
};

type CountedContext = FlowContext & {
  readonly hash: number;
  /** Flows that use it. */
  uses: number;
  /** `epoch` of the table when the number was last given out. */
  lastEpoch: number;
};

/**
 * Numbers for the surroundings of flows, so that a flow key compares one word instead of them all.
 * Number 0 is "none". A context lives as long as a flow uses it, and then until `reclaim`.
 */
export class ContextTable implements FlowContexts {
  private readonly contexts: (CountedContext | undefined)[] = [undefined];
  private readonly free: number[] = [];
  private slots = new Int32Array(INITIAL_SLOTS);
  private used = 0;
  private readonly scratch = new Int32Array(VLAN_WORDS + TUNNEL_WORDS * TUNNEL_DEPTH);
  private scratchLength = VLAN_WORDS;
  private last = 0;
  /**
   * By VLAN id what `ofVlan` gives for it, 0 for those that it was not asked for; behind these, the
   * `epoch` in which whoever looked there used one last.
   */
  readonly vlans: Int32Array;
  /** Whether surroundings tell flows apart; where they don't, the numbers given out are below 0. */
  isKey = true;
  /** Counts groups of packets, where flows are kept in another thread. */
  epoch = 0;
  /** Contexts that flows use. */
  count = 0;
  /** Numbers that came out of use and wait for `reclaim`. */
  private readonly unused: number[] = [];
  private readonly created: number[] | undefined;

  constructor(options: ContextTableOptions = {}) {
    this.vlans = options.vlans ?? new Int32Array(VLAN_WORDS_BY_ID);
    this.created = options.remembersCreated === true ? [] : undefined;
  }

  /** Begins the description of a packet's surroundings with its VLAN ids; id 0 is a priority, not a VLAN. */
  begin(headers: DecodedHeaders, useVlan: boolean): void {
    this.scratch.fill(0, 0, VLAN_WORDS);
    if (useVlan) this.addVlans(headers);
    this.scratchLength = VLAN_WORDS;
  }

  /** Adds the VLAN ids of a frame inside a tunnel to those of the frames around it, four in all at most. */
  addVlans(headers: DecodedHeaders): void {
    if (headers.vlanCount === 0) return;
    this.addVlan(headers.vlan0);
    if (headers.vlanCount > 1) this.addVlan(headers.vlan1);
    if (headers.vlanCount > 2) this.addVlan(headers.vlan2);
    if (headers.vlanCount > 3) this.addVlan(headers.vlan3);
  }

  /**
   * Adds the tunnel layer that `outer` describes. The two directions of a tunnelled flow arrive in
   * tunnels of opposite directions, so the endpoints are ordered, and ids that each direction has of its
   * own, as GTP's, are left out.
   */
  addTunnel(outer: DecodedHeaders): void {
    const at = this.scratchLength;
    const scratch = this.scratch;
    if (at + TUNNEL_WORDS > scratch.length) return;
    scratch[at] = outer.tunnelType;
    scratch[at + 1] = hasIdOfBothDirections(outer.tunnelType) ? outer.tunnelId : -1;
    scratch[at + 2] = outer.ipVersion;
    const swap = isGreater(outer) ? 4 : 0;
    scratch[at + 3 + swap] = outer.source0;
    scratch[at + 4 + swap] = outer.source1;
    scratch[at + 5 + swap] = outer.source2;
    scratch[at + 6 + swap] = outer.source3;
    scratch[at + 7 - swap] = outer.destination0;
    scratch[at + 8 - swap] = outer.destination1;
    scratch[at + 9 - swap] = outer.destination2;
    scratch[at + 10 - swap] = outer.destination3;
    this.scratchLength = at + TUNNEL_WORDS;
  }

  /** The number of what was described since `begin`; a new one where it was not met before. */
  number(): number {
    const length = this.scratchLength;
    if (length === VLAN_WORDS && this.scratch[0] === 0) return 0;
    if (this.last !== 0 && this.isScratch(this.contexts[this.last])) return this.give(this.last);
    let hash = length;
    for (let i = 0; i < length; i += 1) hash = Math.imul(hash ^ this.scratch[i]!, 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const found = this.contexts[this.slots[slot]!];
      if (found !== undefined && found.hash === hash && this.isScratch(found)) {
        return this.give(this.slots[slot]!);
      }
    }
    return this.give(this.create(hash));
  }

  /**
   * The number for frames with one VLAN tag and nothing else around them.
   * @param id - 1 to 4095
   */
  ofVlan(id: number): number {
    const known = this.vlans[id]!;
    if (known !== 0) return this.give(Math.abs(known));
    this.scratch[0] = 1;
    this.scratch[1] = id;
    this.scratch.fill(0, 2, VLAN_WORDS);
    this.scratchLength = VLAN_WORDS;
    const number = this.number();
    this.vlans[id] = number;
    return number;
  }

  /** Numbers that were created since the last call. */
  takeCreated(): readonly number[] {
    return this.created?.splice(0) ?? [];
  }

  /** Gives a number free that no flow used at the end of `epoch`, unless it was given out since. */
  forgetUnused(number: number, epoch: number): void {
    const context = this.contexts[number];
    if (context === undefined || context.lastEpoch > epoch) return;
    const vlan = this.vlanOf(number, context);
    if (vlan === 0 || this.vlans[VLAN_IDS + vlan]! <= epoch) this.forget(number, context);
  }

  private give(number: number): number {
    this.last = number;
    this.contexts[number]!.lastEpoch = this.epoch;
    return this.isKey ? number : -number;
  }

  /** The context of a number that a flow uses; undefined for 0. */
  get(number: number): FlowContext | undefined {
    return this.contexts[Math.abs(number)];
  }

  acquire(number: number): void {
    const context = this.contexts[Math.abs(number)]!;
    if (context.uses === 0) this.count += 1;
    context.uses += 1;
  }

  release(number: number): void {
    const context = this.contexts[Math.abs(number)]!;
    context.uses -= 1;
    if (context.uses > 0) return;
    this.count -= 1;
    this.unused.push(Math.abs(number));
  }

  /** Gives free what no flow uses any more. Only while no staged packet waits that has a number. */
  reclaim(): void {
    for (let number = this.unused.pop(); number !== undefined; number = this.unused.pop()) {
      const context = this.contexts[number];
      if (context !== undefined && context.uses === 0) this.forget(number, context);
    }
  }

  private addVlan(id: number): void {
    if (id === 0 || this.scratch[0]! === VLAN_WORDS - 1) return;
    this.scratch[0]! += 1;
    this.scratch[this.scratch[0]!] = id;
  }

  private isScratch(context: FlowContext | undefined): boolean {
    if (context === undefined || context.words.length !== this.scratchLength) return false;
    for (let i = 0; i < this.scratchLength; i += 1) {
      if (context.words[i] !== this.scratch[i]) return false;
    }
    return true;
  }

  private create(hash: number): number {
    if ((this.used + 1) * 2 > this.slots.length) this.rehash();
    const number = this.free.pop() ?? this.contexts.length;
    const words = this.scratch.slice(0, this.scratchLength);
    this.contexts[number] = { hash, words, uses: 0, lastEpoch: this.epoch };
    this.created?.push(number);
    this.insert(number, hash);
    this.used += 1;
    return number;
  }

  private insert(number: number, hash: number): void {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = number;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    for (let number = 1; number < this.contexts.length; number += 1) {
      const context = this.contexts[number];
      if (context !== undefined) this.insert(number, context.hash);
    }
  }

  private forget(number: number, context: CountedContext): void {
    const mask = this.slots.length - 1;
    let slot = context.hash & mask;
    while (this.slots[slot] !== number) slot = (slot + 1) & mask;
    // Close the gap, so that no later entry becomes unreachable.
    for (let next = (slot + 1) & mask; this.slots[next] !== 0; next = (next + 1) & mask) {
      const home = this.contexts[this.slots[next]!]!.hash & mask;
      if (((next - home) & mask) < ((next - slot) & mask)) continue;
      this.slots[slot] = this.slots[next]!;
      slot = next;
    }
    this.slots[slot] = 0;
    this.contexts[number] = undefined;
    this.free.push(number);
    this.used -= 1;
    if (this.last === number) this.last = 0;
    this.vlans[this.vlanOf(number, context)] = 0;
  }

  /** The id that `vlans` has a number for; 0, which has none there, for another number. */
  private vlanOf(number: number, { words }: FlowContext): number {
    const id = words[1]!;
    return Math.abs(this.vlans[id]!) === number ? id : 0;
  }
}

function isGreater(outer: DecodedHeaders): boolean {
  const difference =
    compare(outer.source0, outer.destination0) ||
    compare(outer.source1, outer.destination1) ||
    compare(outer.source2, outer.destination2) ||
    compare(outer.source3, outer.destination3);
  return difference > 0;
}

function compare(a: number, b: number): number {
  return (a >>> 0) - (b >>> 0);
}
