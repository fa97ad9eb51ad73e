import { type DecodedHeaders, Fragment } from "../wire/decoded-headers.ts";
import { endpointHash, type HashSecret } from "./flow-hash.ts";

// One datagram under way: 16 words.
const CONTEXT = 0;
const ANNOUNCED = 1;
const ID = 2;
const ADDRESSES = 3;
/** Octets of its payload that came so far; 0 for a free entry. */
const RECEIVED = 11;
/** Octets of its whole payload; 0 until the last fragment came. */
const TOTAL = 12;
const SECONDS = 13;
const ENTRY_WORDS = 16;

/** Entries that share a hash value; the oldest gives way. */
const WAYS = 4;
const SETS = 2048;
/** How long a datagram waits for its fragments, seconds: Zeek's `frag_timeout`. */
const LIFETIME_SECONDS = 300;

/**
 * Tells which fragment makes its datagram whole, whatever order they come in. Fragments that overlap, or
 * come twice, are taken for others, so that the datagram seems whole too early; nothing but a count of
 * datagrams depends on it. Memory is fixed.
 */
export class DatagramTable {
  private entries: Int32Array | undefined;
  private readonly secret: HashSecret;

  constructor(secret: HashSecret) {
    this.secret = secret;
  }

  /** Forgets all datagrams under way. */
  clear(): void {
    this.entries?.fill(0);
  }

  /**
   * Notes a fragment, before anything was joined to it.
   * @param octets - of IP payload in it
   * @param context - a number for what surrounds the datagram, its VLAN say
   * @param seconds - packet clock, Unix time
   * @returns octets of IP payload of the datagram when this fragment makes it whole, else 0
   */
  add(headers: DecodedHeaders, octets: number, context: number, seconds: number): number {
    this.entries ??= new Int32Array(SETS * WAYS * ENTRY_WORDS);
    const entries = this.entries;
    const at = this.entryOf(entries, headers, context, seconds);
    entries[at + RECEIVED]! += octets;
    const isLast = headers.fragment === Fragment.Later && headers.hasMoreFragments === 0;
    if (isLast) entries[at + TOTAL] = headers.fragmentOffset + octets;
    const total = entries[at + TOTAL]!;
    if (total === 0 || entries[at + RECEIVED]! < total) return 0;
    entries.fill(0, at, at + ENTRY_WORDS);
    return total;
  }

  /** The entry of a fragment's datagram, a new one where there is none. */
  private entryOf(
    entries: Int32Array,
    headers: DecodedHeaders,
    context: number,
    seconds: number,
  ): number {
    const set = this.setOf(headers, context);
    let victim = set;
    for (let i = 0; i < WAYS; i += 1) {
      const at = set + i * ENTRY_WORDS;
      const isOld = seconds - (entries[at + SECONDS]! >>> 0) > LIFETIME_SECONDS;
      if (entries[at + RECEIVED] !== 0 && !isOld && matches(entries, at, headers, context)) {
        return at;
      }
      if (entries[at + SECONDS]! >>> 0 < entries[victim + SECONDS]! >>> 0) victim = at;
    }
    entries.fill(0, victim, victim + ENTRY_WORDS);
    entries[victim + CONTEXT] = context;
    entries[victim + ANNOUNCED] = headers.fragmentProtocol;
    entries[victim + ID] = headers.fragmentId;
    entries[victim + ADDRESSES] = headers.source0;
    entries[victim + ADDRESSES + 1] = headers.source1;
    entries[victim + ADDRESSES + 2] = headers.source2;
    entries[victim + ADDRESSES + 3] = headers.source3;
    entries[victim + ADDRESSES + 4] = headers.destination0;
    entries[victim + ADDRESSES + 5] = headers.destination1;
    entries[victim + ADDRESSES + 6] = headers.destination2;
    entries[victim + ADDRESSES + 7] = headers.destination3;
    entries[victim + SECONDS] = seconds | 0;
    return victim;
  }

  private setOf(headers: DecodedHeaders, context: number): number {
    const hash =
      endpointHash(
        this.secret,
        headers.source0 ^ headers.destination0,
        headers.source1 ^ headers.destination1,
        headers.source2 ^ headers.destination2,
        headers.source3 ^ Math.imul(headers.destination3, 31),
        headers.fragmentId ^ context,
      ) ^ headers.fragmentProtocol;
    return (((hash ^ (hash >>> 16)) & (SETS - 1)) * WAYS * ENTRY_WORDS) | 0;
  }
}

function matches(
  entries: Int32Array,
  at: number,
  headers: DecodedHeaders,
  context: number,
): boolean {
  return (
    entries[at + CONTEXT] === context &&
    entries[at + ANNOUNCED] === headers.fragmentProtocol &&
    entries[at + ID] === headers.fragmentId &&
    entries[at + ADDRESSES] === headers.source0 &&
    entries[at + ADDRESSES + 1] === headers.source1 &&
    entries[at + ADDRESSES + 2] === headers.source2 &&
    entries[at + ADDRESSES + 3] === headers.source3 &&
    entries[at + ADDRESSES + 4] === headers.destination0 &&
    entries[at + ADDRESSES + 5] === headers.destination1 &&
    entries[at + ADDRESSES + 6] === headers.destination2 &&
    entries[at + ADDRESSES + 7] === headers.destination3
  );
}
