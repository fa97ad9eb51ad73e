import { statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { packageRoot } from "../../core/package-root.ts";
import { reasonOf } from "../../core/reason-of.ts";
import { type Claim, SourceName } from "../../service/claim.ts";
import { FOUNDING_COLUMNS, readFoundingRows } from "../../service/founding-rows.ts";
import { IANA_COLUMNS, readIanaRows } from "../../service/iana-rows.ts";
import { tableOctets } from "../../service/table-file.ts";
import { transportsOfMask } from "../../service/transport.ts";
import { readWidelyUsedRows, WIDELY_USED_COLUMNS } from "../../service/widely-used-rows.ts";
import { NOTHING_FOUND, type PortsIo, type PortsOptions } from "./ports-io.ts";
import { aligned, printJson } from "./ports-table.ts";

/** One difference between two snapshots, for one port or range of one transport. */
type Difference = {
  readonly change: "added" | "removed" | "changed";
  readonly ports: string;
  readonly transport: string;
  readonly source: string;
  readonly name: string;
  /** What was and what is: status, aliases, description. */
  readonly old?: string;
  readonly new?: string;
};

/** `portflow ports diff OLD [NEW]`: rows added, removed and changed. Exit code 1 when there are any. */
export function diffSnapshots(args: readonly string[], options: PortsOptions, io: PortsIo): number {
  const [from, to = join(packageRoot(), "data")] = args;
  if (from === undefined || args.length > 2) {
    const what = "takes one or two snapshots; give folders or files of registry data";
    throw new UsageError("PF_PORT_QUERY", `ports diff: ${what}`);
  }
  const before = readSnapshot(from);
  let after = readSnapshot(to);
  if (args.length === 1 && !isFolder(from)) {
    // Only what the old side has can be compared: one file against the installed folder.
    const sources = sourcesOf(before);
    after = new Map([...after].filter(([, { source }]) => sources.has(source)));
  }
  const differences = compare(before, after);
  if (options.json === true) printJson(differences, io);
  else print(differences, io);
  return differences.length === 0 ? 0 : NOTHING_FOUND;
}

type Row = {
  readonly from: number;
  readonly ports: string;
  readonly transport: string;
  readonly source: string;
  readonly name: string;
  readonly text: string;
};

function sourcesOf(rows: ReadonlyMap<string, Row>): Set<string> {
  return new Set([...rows.values()].map(({ source }) => source));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error: unknown) {
    const what = `can't be read: ${reasonOf(error)}; give a folder or file of registry data`;
    throw new UsageError("PF_REGISTRY_DATA", `${path}: ${what}`, error);
  }
}

function readSnapshot(path: string): Map<string, Row> {
  const claims = isFolder(path)
    ? [
        ...readIanaRows(join(path, "iana.tsv")),
        ...readFoundingRows(join(path, "founding-list.tsv")),
        ...readWidelyUsedRows(join(path, "widely-used.tsv")),
      ]
    : readOneFile(path);
  const rows = new Map<string, Row>();
  for (const claim of claims) for (const row of rowsOf(claim)) rows.set(keyOf(row, rows), row);
  return rows;
}

/** The header says which of the files it is. */
function readOneFile(path: string): Claim[] {
  const lines = tableOctets(path).toString().split("\n");
  const header = lines.find((line) => !line.startsWith("#"));
  switch (header) {
    case IANA_COLUMNS.join("\t"):
      return readIanaRows(path);
    case FOUNDING_COLUMNS.join("\t"):
      return readFoundingRows(path);
    case WIDELY_USED_COLUMNS.join("\t"):
      return readWidelyUsedRows(path);
    default:
      throw new UsageError(
        "PF_REGISTRY_DATA",
        `${path}: no registry data; give iana.tsv, founding-list.tsv or widely-used.tsv`,
      );
  }
}

function rowsOf(claim: Claim): Row[] {
  const ports = claim.from === claim.to ? `${claim.from}` : `${claim.from}-${claim.to}`;
  return transportsOfMask(claim.transports).map((transport) => ({
    from: claim.from,
    ports,
    transport,
    source: SourceName[claim.source] ?? "",
    name: claim.name === "" ? claim.id || "-" : claim.name,
    text: [claim.status, claim.aliases.join(","), claim.description].filter(Boolean).join("; "),
  }));
}

/** Port, transport, source and name; a number is added to what occurs twice. */
function keyOf(row: Row, taken: ReadonlyMap<string, Row>): string {
  const key = `${row.ports}/${row.transport} ${row.source} ${row.name}`;
  let numbered = key;
  for (let count = 2; taken.has(numbered); count += 1) numbered = `${key} ${count}`;
  return numbered;
}

function compare(before: ReadonlyMap<string, Row>, after: ReadonlyMap<string, Row>): Difference[] {
  const found: { readonly from: number; readonly difference: Difference }[] = [];
  const add = (row: Row, change: Difference["change"], old?: string, next?: string): void => {
    const { from, ports, transport, source, name } = row;
    const texts = {
      ...(old === undefined ? {} : { old }),
      ...(next === undefined ? {} : { new: next }),
    };
    found.push({ from, difference: { change, ports, transport, source, name, ...texts } });
  };
  for (const [key, row] of before) {
    const now = after.get(key);
    if (now === undefined) add(row, "removed", row.text);
    else if (now.text !== row.text) add(row, "changed", row.text, now.text);
  }
  for (const [key, row] of after) if (!before.has(key)) add(row, "added", undefined, row.text);
  return found.sort((a, b) => a.from - b.from).map(({ difference }) => difference);
}

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;

function print(differences: readonly Difference[], io: PortsIo): void {
  const cells = differences.map((one) => [
    SIGNS[one.change],
    `${one.ports}/${one.transport}`,
    one.name,
    one.source,
    [one.old, one.new].filter((text) => text !== undefined).join(" -> "),
  ]);
  for (const line of aligned(cells)) io.stdout(`${line}\n`);
  const count = (change: Difference["change"]): number =>
    differences.filter((one) => one.change === change).length;
  const summary = `${count("added")} added, ${count("removed")} removed, ${count("changed")} changed`;
  io.stdout(`${summary}\n`);
}
