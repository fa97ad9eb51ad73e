import { groupedCount as count } from "../../core/grouped-count.ts";
import { outputBooksLine } from "../../delivery/output-books.ts";
import { EndReasonName } from "../../flow/ending/end-reason.ts";
import { etherTypeName } from "../../wire/ether-type-name.ts";
import { faultName } from "../../wire/fault.ts";
import { linkTypeName } from "../../wire/link-type.ts";
import { type Books, named } from "./books.ts";

/** Names listed one by one; the rest is summed. */
const LISTED = 6;

/** The closing report, one line each. @param wallSeconds - since the start of the run */
export function summaryLines(books: Books, wallSeconds: number): readonly string[] {
  const rate = wallSeconds > 0 ? books.read / wallSeconds : 0;
  const lines = [
    `${count(books.read)} packets ${origin(books)} in ${wallSeconds.toFixed(2)} s ` +
      `(${perSecond(rate)} packets/s): ${count(books.flows)} flows` +
      ended(books),
    booksLine(books),
  ];
  const faults = named(books.faults, faultName);
  if (Object.keys(faults).length > 0) lines.push(`faults in flowed packets: ${listed(faults)}`);
  const notes = notesOf(books);
  if (notes.length > 0) lines.push(notes.join(", "));
  lines.push(...books.outputs.map(outputBooksLine));
  return lines;
}

function origin(books: Books): string {
  if (books.live !== undefined) {
    return books.interfaces === 1 ? "of 1 interface" : `of ${count(books.interfaces)} interfaces`;
  }
  return books.files === 1 ? "of 1 capture" : `of ${count(books.files)} captures`;
}

function booksLine(books: Books): string {
  const notIp = named(books.notIp, etherTypeName);
  const malformed = named(books.malformed, faultName);
  const unsupported = named(books.unsupportedLink, linkTypeName);
  const verdict = books.balanced ? "books balance" : "BOOKS DO NOT BALANCE, please report this";
  return (
    `${verdict}: ${count(books.read)} read = ${count(books.flowed)} flowed + ` +
    `${count(books.filtered)} filtered + ${bin(notIp)} not ip${list(notIp)} + ` +
    `${bin(malformed)} malformed${list(malformed)} + ` +
    `${bin(unsupported)} unsupported link${list(unsupported)}`
  );
}

function notesOf(books: Books): readonly string[] {
  const notes: string[] = [];
  const add = (value: number, text: string): void => {
    if (value > 0) notes.push(`${count(value)} ${text}`);
  };
  add(books.truncated, "packets cut by the snaplen");
  add(books.fragments, "fragments");
  add(books.orphanFragments, "of them without their first");
  add(books.noPorts, "packets without ports");
  add(books.timeWentBackwards, "packets earlier than the one before");
  add(books.wrongToZeek, "left out by Zeek's rules, their checksums unfinished (--no-checksums)");
  add(books.packetsWithoutTime, "packets without a time");
  add(books.timesClamped, "times outside 1970 to 2106");
  add(books.evicted, "flows evicted for room");
  add(books.dropped ?? 0, "packets dropped by the capturing side");
  add(books.live?.kernelDropped ?? 0, "packets dropped for lack of room");
  add(books.live?.interfaceDropped ?? 0, "packets lost by the network device");
  return notes;
}

function ended(books: Books): string {
  const reasons = named(books.endReasons, (code) => EndReasonName[code]!);
  return books.flows === 0 ? "" : list(reasons);
}

function bin(counts: Readonly<Record<string, number>>): string {
  return count(Object.values(counts).reduce((total, one) => total + one, 0));
}

/** In brackets, behind what they add up to. */
function list(counts: Readonly<Record<string, number>>): string {
  return Object.keys(counts).length === 0 ? "" : ` (${listed(counts)})`;
}

/** The most frequent ones first. */
function listed(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const shown = entries.slice(0, LISTED).map(([name, value]) => `${name} ${count(value)}`);
  const rest = entries.slice(LISTED).reduce((total, [, value]) => total + value, 0);
  if (rest > 0) shown.push(`others ${count(rest)}`);
  return shown.join(", ");
}

function perSecond(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)} M`;
  return rate >= 1e4 ? `${(rate / 1e3).toFixed(0)} k` : rate.toFixed(0);
}
