import { type Claim, Rank, Source } from "./claim.ts";
import {
  dateCell,
  NONE,
  nameCell,
  namesCell,
  portCell,
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
 * Read the hand-kept list of widely used ports.
 * @returns one claim per row, in the file's order
 * @throws UsageError with file and line
 */
export function readWidelyUsedRows(path: string): Claim[] {
  const rows: Claim[] = [];
  readTable(path, WIDELY_USED_COLUMNS, (cells, line) => {
    const range = portCell(path, line, cells[0]!);
    const name = nameCell(path, line, cells[2]!);
    if (name === "") throw tableError(path, line, "a row without a name");
    const rank = RANKS.get(wordCell(path, line, cells[4]!, RANK_WORDS))!;
    rows.push({
      source: Source.Curated,
      rank,
      from: range.from,
      to: range.to,
      transports: transportsCell(path, line, cells[1]!),
      name,
      aliases: namesCell(path, line, cells[6]!),
      status: wordCell(path, line, cells[3]!, ["official", "unofficial"]),
      description: textCell(cells[7]!),
      date: dateCell(path, line, cells[8]!),
      origin: textCell(cells[9]!),
      id: "",
      listStatus: "",
      broadcast: wordCell(path, line, cells[5]!, ["broadcast", NONE]) === "broadcast",
      line,
    });
  });
  return rows;
}
