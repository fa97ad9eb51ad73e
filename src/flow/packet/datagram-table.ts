import { type DecodedHeaders, Fragment } from "../../wire/decoded-headers.ts";
import {
  DATAGRAM_KEY_WORDS,
  datagramHash,
  hasDatagramKey,
  putDatagramKey,
} from "./datagram-key.ts";
import type { HashSecret } from "./flow-hash.ts";

// One datagram under way: its key, then:
/** Octets of its payload that came so far; 0 for a free entry. */
const RECEIVED = DATAGRAM_KEY_WORDS;
/** Octets of its whole payload; 0 until the last fragment came. */
const TOTAL = 12;
const SECONDS = 13;
const ENTRY_WORDS = 16;

/** Entries that share a hash value; the oldest gives way. */
const WAYS = 4;
const SETS = 2048;

/** Datagrams that can be under way at a time; each has a number below this. */
export const DATAGRAMS: number = SETS * WAYS;

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
  /** Number of the datagram that a fragment was noted for last. */
  last = 0;
  /** Whether that was the first fragment noted for it. */
  isNew = false;

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
    this.last = (at / ENTRY_WORDS) | 0;
    this.isNew = entries[at + RECEIVED] === 0;
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
      if (entries[at + RECEIVED] !== 0 && !isOld && hasDatagramKey(entries, at, headers, context)) {
        return at;
      }
      if (entries[at + SECONDS]! >>> 0 < entries[victim + SECONDS]! >>> 0) victim = at;
    }
    entries.fill(0, victim, victim + ENTRY_WORDS);
    putDatagramKey(entries, victim, headers, context);
    entries[victim + SECONDS] = seconds | 0;
    return victim;
  }

  private setOf(headers: DecodedHeaders, context: number): number {
    const hash = datagramHash(this.secret, headers, context);
    return ((hash & (SETS - 1)) * WAYS * ENTRY_WORDS) | 0;
  }
}
