import type { DecodedHeaders } from "../../wire/decoded-headers.ts";
import {
  DATAGRAM_KEY_WORDS,
  datagramHash,
  hasDatagramKey,
  putDatagramKey,
} from "./datagram-key.ts";
import type { HashSecret } from "./flow-hash.ts";

// One datagram under way: its key, then:
/** What is known of the first fragment: 0 for a free entry. */
const KNOWN = DATAGRAM_KEY_WORDS;
/** Ports, or ICMP type and code. */
const PORTS = 12;
const SECONDS = 13;
const PROTOCOL = 14;
const ENTRY_WORDS = 16;

const SEEN = 1;
const HAS_PORTS = 2;
const HAS_ICMP = 4;
/** Entries that share a hash value; the oldest gives way. */
const WAYS = 4;
const SETS = 4096;

/** How long a first fragment waits for the others, seconds. @see RFC 8200 section 4.5 */
const LIFETIME_SECONDS = 60;

/**
 * Remembers the ports of first fragments (ICMP: type and code), so that later ones join their flow.
 * Memory is fixed: when too many datagrams are under way the oldest of a set is forgotten, and its later
 * fragments count as a flow without ports. A datagram is known by addresses, identification and the
 * protocol that the fragments announce (RFC 791 section 3.2): the first one's transport may lie behind
 * further headers.
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

  /**
   * Notes what a first fragment says of its transport.
   * @param context - a number for what surrounds the datagram, its VLAN say
   * @param seconds - packet clock, Unix time
   */
  remember(headers: DecodedHeaders, context: number, seconds: number): void {
    this.entries ??= new Int32Array(SETS * WAYS * ENTRY_WORDS);
    const entries = this.entries;
    const set = this.setOf(headers, context);
    let victim = set;
    for (let i = 0; i < WAYS; i += 1) {
      const at = set + i * ENTRY_WORDS;
      if (entries[at + KNOWN] === 0 || hasDatagramKey(entries, at, headers, context)) {
        victim = at;
        break;
      }
      if (entries[at + SECONDS]! >>> 0 < entries[victim + SECONDS]! >>> 0) victim = at;
    }
    entries[victim + KNOWN] =
      SEEN | (headers.hasPorts !== 0 ? HAS_PORTS : 0) | (headers.hasIcmp !== 0 ? HAS_ICMP : 0);
    putDatagramKey(entries, victim, headers, context);
    entries[victim + PORTS] =
      headers.hasIcmp !== 0
        ? (headers.icmpType << 16) | headers.icmpCode
        : (headers.sourcePort << 16) | headers.destinationPort;
    entries[victim + SECONDS] = seconds | 0;
    entries[victim + PROTOCOL] = headers.protocol;
  }

  /**
   * Gives a later fragment the transport and the ports of its first, as far as they were read.
   * @returns false when the first was not seen, or too long ago
   */
  join(headers: DecodedHeaders, context: number, seconds: number): boolean {
    const entries = this.entries;
    if (entries === undefined) return false;
    const set = this.setOf(headers, context);
    for (let i = 0; i < WAYS; i += 1) {
      const at = set + i * ENTRY_WORDS;
      if (entries[at + KNOWN] === 0 || !hasDatagramKey(entries, at, headers, context)) continue;
      if (seconds - (entries[at + SECONDS]! >>> 0) > LIFETIME_SECONDS) return false;
      takeTransport(entries, at, headers);
      return true;
    }
    return false;
  }

  private setOf(headers: DecodedHeaders, context: number): number {
    const hash = datagramHash(this.secret, headers, context);
    return ((hash & (SETS - 1)) * WAYS * ENTRY_WORDS) | 0;
  }
}

function takeTransport(entries: Int32Array, at: number, headers: DecodedHeaders): void {
  const known = entries[at + KNOWN]!;
  headers.protocol = entries[at + PROTOCOL]!;
  if ((known & HAS_PORTS) !== 0) {
    headers.hasPorts = 1;
    headers.sourcePort = entries[at + PORTS]! >>> 16;
    headers.destinationPort = entries[at + PORTS]! & 0xffff;
  }
  if ((known & HAS_ICMP) !== 0) {
    headers.hasIcmp = 1;
    headers.icmpType = entries[at + PORTS]! >>> 16;
    headers.icmpCode = entries[at + PORTS]! & 0xffff;
  }
}
