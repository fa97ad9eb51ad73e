import { type Claim, Rank, Source } from "./claim.ts";
import type { PortTableForm } from "./port-table.ts";
import {
  dateCell,
  NONE,
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

/** Columns of data/widely-used.tsv. */
export const WIDELY_USED_COLUMNS: readonly string[] = [
  "port",
  "transports",
  "name",
  "status",
  "rank",
  "when",
  "aliases",
  "description",
  "date",
  "source",
];

/** The file's words for `Rank`; a candidate stands where an unofficial row of any registry stands. */
const RANKS: ReadonlyMap<string, Rank> = new Map([
  ["primary", Rank.Primary],
  ["shared", Rank.Shared],
  ["candidate", Rank.Plain],
  ["weak", Rank.Weak],
]);

const RANK_WORDS: readonly string[] = [...RANKS.keys()];

/**
 * One row of the file as a claim.
 * @throws UsageError with file and line
 */
function widelyUsedClaim(cells: readonly string[], place: RowPlace): Claim {
  const range = portCell(place, cells[0]!);
  const name = nameCell(place, cells[2]!);
  if (name === "") throw tableError(place, "a row without a name");
  return {
    source: Source.Curated,
    rank: RANKS.get(wordCell(place, cells[4]!, RANK_WORDS))!,
    from: range.from,
    to: range.to,
    transports: transportsCell(place, cells[1]!),
    name,
    aliases: namesCell(place, cells[6]!),
    status: wordCell(place, cells[3]!, ["official", "unofficial"]),
    description: textCell(cells[7]!),
    date: dateCell(place, cells[8]!),
    origin: textCell(cells[9]!),
    id: "",
    listStatus: "",
    broadcast: wordCell(place, cells[5]!, ["broadcast", NONE]) === "broadcast",
    line: 0,
  };
}

/** What data/widely-used.tsv is made of. */
export const WIDELY_USED_FORM: PortTableForm = {
  columns: WIDELY_USED_COLUMNS,
  portColumn: 0,
  reader: () => widelyUsedClaim,
};

/**
 * Read the whole hand-kept list of widely used ports.
 * @returns one claim per row, in the file's order
 * @throws UsageError with file and line
 */
export function readWidelyUsedRows(path: string): Claim[] {
  const rows: Claim[] = [];
  readTable(path, WIDELY_USED_COLUMNS, (cells, place) => rows.push(widelyUsedClaim(cells, place)));
  return rows;
}
