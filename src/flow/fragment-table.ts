import type { DecodedHeaders } from "../wire/decoded-headers.ts";
import { endpointHash, type HashSecret } from "./flow-hash.ts";

// One datagram under way: 16 words.
const USED = 0;
const CONTEXT = 1;
const PROTOCOL_AND_ID = 2;
const ADDRESSES = 4;
const PORTS = 12;
const SECONDS = 13;
const ENTRY_WORDS = 16;
/** Entries that share a hash value; the oldest gives way. */
const WAYS = 4;
const SETS = 4096;

/** How long a first fragment waits for the others, seconds. @see RFC 8200 section 4.5 */
const LIFETIME_SECONDS = 60;

/**
 * Remembers the ports of first fragments, so that later ones join their flow. Memory is fixed: when
 * too many datagrams are under way the oldest of a set is forgotten, and its later fragments count as
 * a flow without ports.
 */
export class FragmentTable {
  private entries: Int32Array | undefined;
  private readonly secret: HashSecret;

  constructor(secret: HashSecret) {
    this.secret = secret;
  }

  /** Forgets all datagrams under way. */
  clear(): void {
    this.entries?.fill(0);
  }

  /** Notes the ports of a first fragment. @param seconds - packet clock, Unix time */
  remember(headers: DecodedHeaders, context: number, seconds: number): void {
    this.entries ??= new Int32Array(SETS * WAYS * ENTRY_WORDS);
    const entries = this.entries;
    const set = this.setOf(headers, context);
    let victim = set;
    for (let i = 0; i < WAYS; i += 1) {
      const at = set + i * ENTRY_WORDS;
      if (entries[at + USED] === 0 || matches(entries, at, headers, context)) {
        victim = at;
        break;
      }
      if (entries[at + SECONDS]! >>> 0 < entries[victim + SECONDS]! >>> 0) victim = at;
    }
    entries[victim + USED] = 1;
    entries[victim + CONTEXT] = context;
    entries[victim + PROTOCOL_AND_ID] = headers.protocol;
    entries[victim + PROTOCOL_AND_ID + 1] = headers.fragmentId;
    entries[victim + ADDRESSES] = headers.source0;
    entries[victim + ADDRESSES + 1] = headers.source1;
    entries[victim + ADDRESSES + 2] = headers.source2;
    entries[victim + ADDRESSES + 3] = headers.source3;
    entries[victim + ADDRESSES + 4] = headers.destination0;
    entries[victim + ADDRESSES + 5] = headers.destination1;
    entries[victim + ADDRESSES + 6] = headers.destination2;
    entries[victim + ADDRESSES + 7] = headers.destination3;
    entries[victim + PORTS] = (headers.sourcePort << 16) | headers.destinationPort;
    entries[victim + SECONDS] = seconds | 0;
  }

  /**
   * Gives a later fragment the ports of its first.
   * @returns false when the first was not seen, or too long ago
   */
  join(headers: DecodedHeaders, context: number, seconds: number): boolean {
    const entries = this.entries;
    if (entries === undefined) return false;
    const set = this.setOf(headers, context);
    for (let i = 0; i < WAYS; i += 1) {
      const at = set + i * ENTRY_WORDS;
      if (entries[at + USED] === 0 || !matches(entries, at, headers, context)) continue;
      if (seconds - (entries[at + SECONDS]! >>> 0) > LIFETIME_SECONDS) return false;
      headers.sourcePort = entries[at + PORTS]! >>> 16;
      headers.destinationPort = entries[at + PORTS]! & 0xffff;
      headers.hasPorts = 1;
      return true;
    }
    return false;
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
      ) ^ headers.protocol;
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
    entries[at + PROTOCOL_AND_ID] === headers.protocol &&
    entries[at + PROTOCOL_AND_ID + 1] === headers.fragmentId &&
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
