import type { TallyEntry, TallyKind } from "../../pipeline/records/traffic-tally.ts";
import { humanCount } from "../../sink/table/human-units.ts";
import { displayWidth, fitted, printable } from "../../sink/table/terminal-text.ts";
import type { Painter } from "../../sink/table/text-table.ts";

/** By what the list is ordered. */
const TOP_ORDERS = ["rate", "bytes", "packets", "flows", "name"] as const;
export type TopOrder = (typeof TOP_ORDERS)[number];

/** What the screen shows and how. */
export type TopState = {
  readonly kind: TallyKind;
  readonly order: TopOrder;
  /** Only entries that contain it. */
  readonly filter: string;
  /** Whether the filter is being typed. */
  readonly isTyping: boolean;
  readonly isPaused: boolean;
};

/** What is going on, for the heading. */
export type TopFacts = {
  readonly interfaces: string;
  readonly packetsPerSecond: number;
  readonly bitsPerSecond: number;
  readonly flows: number;
  readonly dropped: number;
  /** Over which the recent traffic was counted, seconds. */
  readonly seconds: number;
};

const NUMBER_WIDTH = 9;
const NUMBERS = ["bits/s", "packets/s", "bytes", "packets", "flows"] as const;
/** Below this width only the first three numbers are shown. */
const WIDE_ENOUGH = 76;
const WIDE_ENOUGH_FOR_FLOWS = 110;
const FRAME_LINES = 3;
const KEYS = "s service  h host  f flow   r b p o n order   / filter   space pause   q quit";
const ORDER_COLUMNS: Readonly<Record<TopOrder, string>> = {
  rate: "bits/s",
  bytes: "bytes",
  packets: "packets",
  flows: "flows",
  name: "name",
};

/** The whole screen, a line each, none wider than `columns`, no more than `rows`. */
export function topLines(
  entries: readonly TallyEntry[],
  state: TopState,
  facts: TopFacts,
  columns: number,
  rows: number,
  paint: Painter,
): readonly string[] {
  const shown = matching(entries, state.filter).sort(comparison(state.order));
  // A flow's name is long, and it is one flow.
  const wideEnough = state.kind === "flow" ? WIDE_ENOUGH_FOR_FLOWS : WIDE_ENOUGH;
  const numbers = columns >= wideEnough ? NUMBERS : NUMBERS.slice(0, 3);
  const nameWidth = Math.max(8, columns - numbers.length * (NUMBER_WIDTH + 1));
  const space = Math.max(0, rows - FRAME_LINES);
  return [
    fitted(factsText(facts, state), columns),
    paint("strong", headingText(state, nameWidth, numbers)),
    ...shown.slice(0, space).map((entry) => entryText(entry, nameWidth, numbers, facts.seconds)),
    ...blank(space - shown.length),
    paint("faint", fitted(footText(state, shown.length), columns)),
  ];
}

function factsText(facts: TopFacts, { isPaused }: TopState): string {
  const { interfaces, packetsPerSecond, bitsPerSecond, flows, dropped } = facts;
  return (
    `${isPaused ? "PAUSED  " : ""}${interfaces}: ${rounded(packetsPerSecond)} packets/s, ` +
    `${rounded(bitsPerSecond)} bits/s, ${humanCount(flows)} flows, ${humanCount(dropped)} dropped`
  );
}

function headingText(
  { kind, order }: TopState,
  nameWidth: number,
  numbers: readonly string[],
): string {
  const ordered = ORDER_COLUMNS[order];
  const mark = (heading: string): string => (heading === ordered ? `*${heading}` : heading);
  const name = order === "name" ? `*${kind}` : kind;
  return (
    name.padEnd(nameWidth) + numbers.map((one) => ` ${mark(one).padStart(NUMBER_WIDTH)}`).join("")
  );
}

function entryText(
  entry: TallyEntry,
  nameWidth: number,
  numbers: readonly string[],
  seconds: number,
): string {
  const values = [
    rounded((entry.recentBytes * 8) / seconds),
    rounded(entry.recentPackets / seconds),
    humanCount(entry.bytes),
    humanCount(entry.packets),
    humanCount(entry.flows),
  ].slice(0, numbers.length);
  const note = entry.note === "" ? "" : `  ${entry.note}`;
  const name = fitted(printable(entry.name + note), nameWidth);
  const padding = " ".repeat(Math.max(0, nameWidth - displayWidth(name)));
  return name + padding + values.map((value) => ` ${value.padStart(NUMBER_WIDTH)}`).join("");
}

function footText({ filter, isTyping }: TopState, count: number): string {
  if (isTyping) return `filter: ${filter}_`;
  return filter === "" ? KEYS : `filter "${filter}": ${count}   / changes it   ${KEYS}`;
}

function matching(entries: readonly TallyEntry[], filter: string): TallyEntry[] {
  const wanted = filter.toLowerCase();
  return entries.filter(({ name, note }) => `${name} ${note}`.toLowerCase().includes(wanted));
}

function comparison(order: TopOrder): (a: TallyEntry, b: TallyEntry) => number {
  const byName = (a: TallyEntry, b: TallyEntry): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  if (order === "name") return byName;
  const value = (one: TallyEntry): number => (order === "rate" ? one.recentBytes : one[order]);
  return (a, b) => value(b) - value(a) || b.bytes - a.bytes || byName(a, b);
}

function rounded(value: number): string {
  return humanCount(Math.round(value));
}

function blank(count: number): readonly string[] {
  return Array.from({ length: Math.max(0, count) }, () => "");
}
