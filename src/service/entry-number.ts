import { SLOTS } from "./transport.ts";

/**
 * A tag names its entry by number: `slot + SLOTS * variant`. The variant says under which
 * circumstances the slot is looked at, for a few ports have another first claimant then.
 */
export const Variant = {
  Plain: 0,
  /** The packet went to a broadcast address: 9/udp is Wake-on-LAN then. */
  Broadcast: 1,
  /** Only ranges too wide to tag by are left: they are shown as candidates, without a name. */
  Weak: 2,
  /** First of the user's rules that hold for some servers only; the n-th is `ServerRule + n`. */
  ServerRule: 3,
} as const;

/** Entry number of a slot under a variant. */
export function entryNumber(slot: number, variant: number): number {
  return slot + SLOTS * variant;
}

/** Above every other entry number, however many rules there are, and a multiple of `SLOTS`. */
const WITHHELD: number = SLOTS * 2 ** 22;

/** The same entry, its name kept back by the registry's filters: all claimants are candidates. */
export function withheldEntry(entry: number): number {
  return entry + WITHHELD;
}

/** Whether the entry's name is kept back. */
export function isWithheld(entry: number): boolean {
  return entry >= WITHHELD;
}

/** The entry with its name again. */
export function fullEntry(entry: number): number {
  return isWithheld(entry) ? entry - WITHHELD : entry;
}

/** Slot of an entry number. */
export function slotOfEntry(entry: number): number {
  return entry % SLOTS;
}

/** Variant of an entry number. */
export function variantOfEntry(entry: number): number {
  return Math.floor(entry / SLOTS);
}
