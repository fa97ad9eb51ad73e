import type { DecodedHeaders } from "../../wire/decoded-headers.ts";
import { endpointHash, type HashSecret } from "./flow-hash.ts";

// What a fragmented datagram is known by (RFC 791 section 3.2, RFC 8200 section 4.5): the first words
// of an entry in the tables of datagrams under way.
const CONTEXT = 0;
const ANNOUNCED = 1;
const ID = 2;
const ADDRESSES = 3;

/** Words of a key; what a table keeps of the datagram comes behind. */
export const DATAGRAM_KEY_WORDS = 11;

/**
 * Writes the key of a fragment's datagram.
 * @param at - first word of the entry
 * @param context - a number for what surrounds the datagram, its VLAN say
 */
export function putDatagramKey(
  entries: Int32Array,
  at: number,
  headers: DecodedHeaders,
  context: number,
): void {
  entries[at + CONTEXT] = context;
  entries[at + ANNOUNCED] = announced(headers);
  entries[at + ID] = headers.fragmentId;
  entries[at + ADDRESSES] = headers.source0;
  entries[at + ADDRESSES + 1] = headers.source1;
  entries[at + ADDRESSES + 2] = headers.source2;
  entries[at + ADDRESSES + 3] = headers.source3;
  entries[at + ADDRESSES + 4] = headers.destination0;
  entries[at + ADDRESSES + 5] = headers.destination1;
  entries[at + ADDRESSES + 6] = headers.destination2;
  entries[at + ADDRESSES + 7] = headers.destination3;
}

/** Whether an entry is of a fragment's datagram. */
export function hasDatagramKey(
  entries: Int32Array,
  at: number,
  headers: DecodedHeaders,
  context: number,
): boolean {
  return (
    entries[at + CONTEXT] === context &&
    entries[at + ANNOUNCED] === announced(headers) &&
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

/** The protocol and the IP version: ::192.0.2.1 has the words of 192.0.2.1. */
function announced(headers: DecodedHeaders): number {
  return (headers.ipVersion << 8) | headers.fragmentProtocol;
}

/** Hash of that key; its low bits choose where to look. */
export function datagramHash(secret: HashSecret, headers: DecodedHeaders, context: number): number {
  const hash =
    endpointHash(
      secret.multiplier,
      secret.seed,
      headers.source0 ^ headers.destination0,
      headers.source1 ^ headers.destination1,
      headers.source2 ^ headers.destination2,
      headers.source3 ^ Math.imul(headers.destination3, 31),
      headers.fragmentId ^ context,
    ) ^ headers.fragmentProtocol;
  return hash ^ (hash >>> 16);
}
