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
 * One row of the file as a claim.
 * @throws UsageError with file and line
 */
function foundingClaim(cells: readonly string[], place: RowPlace): Claim {
  const id = cells[0]!;
  if (!ID.test(id)) throw tableError(place, `"${id}" is no id; write list-NNN`);
  const range = portCell(place, cells[1]!);
  const weak = wordCell(place, cells[8]!, ["weak", NONE]) === "weak";
  const note = textCell(cells[11]!);
  return {
    source: Source.List,
    rank: weak ? Rank.Weak : Rank.Plain,
    from: range.from,
    to: range.to,
    transports: transportsCell(place, cells[2]!),
    name: nameCell(place, cells[6]!),
    aliases: namesCell(place, cells[7]!),
    status: wordCell(place, cells[4]!, STATUSES),
    description: textCell(cells[9]!),
    date: dateCell(place, cells[12]!),
    origin: note === "" ? cells[13]! : `${cells[13]}: ${note}`,
    id,
    listStatus: textCell(cells[5]!),
    broadcast: false,
    line: 0,
  };
}

/** What data/founding-list.tsv is made of. */
export const FOUNDING_FORM: PortTableForm = {
  columns: FOUNDING_COLUMNS,
  portColumn: 1,
  reader: () => foundingClaim,
};

/**
 * Read the whole list of ports that portflow was founded on.
 * @returns one claim per entry, in the file's order
 * @throws UsageError with file and line
 */
export function readFoundingRows(path: string): Claim[] {
  const rows: Claim[] = [];
  const ids = new Set<string>();
  readTable(path, FOUNDING_COLUMNS, (cells, place) => {
    const claim = foundingClaim(cells, place);
    if (ids.has(claim.id)) throw tableError(place, `${claim.id} was given before`);
    ids.add(claim.id);
    rows.push(claim);
  });
  return rows;
}
