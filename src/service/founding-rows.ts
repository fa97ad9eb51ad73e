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

/** Columns of data/founding-list.tsv. */
export const FOUNDING_COLUMNS: readonly string[] = [
  "id",
  "port",
  "transports",
  "list_transports",
  "status",
  "list_status",
  "name",
  "aliases",
  "weak",
  "description",
  "restored",
  "note",
  "date",
  "source",
];

const STATUSES: readonly string[] = [
  "official",
  "unofficial",
  "mixed",
  "unassigned",
  "reserved",
  "deregistered",
];

const ID = /^list-\d{3}$/;

/**
 * Read the list of ports that portflow was founded on.
 * @returns one claim per entry, in the list's order
 * @throws UsageError with file and line
 */
export function readFoundingRows(path: string): Claim[] {
  const rows: Claim[] = [];
  const ids = new Set<string>();
  readTable(path, FOUNDING_COLUMNS, (cells, line) => {
    const id = cells[0]!;
    if (!ID.test(id)) throw tableError(path, line, `"${id}" is no id; write list-NNN`);
    if (ids.has(id)) throw tableError(path, line, `${id} was given before`);
    ids.add(id);
    const range = portCell(path, line, cells[1]!);
    const weak = wordCell(path, line, cells[8]!, ["weak", NONE]) === "weak";
    const note = textCell(cells[11]!);
    rows.push({
      source: Source.List,
      rank: weak ? Rank.Weak : Rank.Plain,
      from: range.from,
      to: range.to,
      transports: transportsCell(path, line, cells[2]!),
      name: nameCell(path, line, cells[6]!),
      aliases: namesCell(path, line, cells[7]!),
      status: wordCell(path, line, cells[4]!, STATUSES),
      description: textCell(cells[9]!),
      date: dateCell(path, line, cells[12]!),
      origin: note === "" ? cells[13]! : `${cells[13]}: ${note}`,
      id,
      listStatus: textCell(cells[5]!),
      broadcast: false,
      line,
    });
  });
  return rows;
}
