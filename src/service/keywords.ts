import {
  dateCell,
  NONE,
  nameCell,
  parsePort,
  type RowPlace,
  readTable,
  tableError,
  wordCell,
} from "./table-file.ts";
import { PORTS, transportOfName } from "./transport.ts";

/** Columns of data/aliases.tsv. */
const KEYWORD_COLUMNS: readonly string[] = [
  "registered",
  "keyword",
  "use",
  "where",
  "date",
  "source",
];

/** Familiar words by registered name (dns for domain), tagging.md section 9. */
export type Keywords = {
  /** The word the tag shows, for names that have the same one on every port. */
  readonly shown: ReadonlyMap<string, string>;
  /** The same for names whose word depends on the port; by `name slot`. */
  readonly shownAt: ReadonlyMap<string, string>;
  /** Other words for the same service. */
  readonly also: ReadonlyMap<string, readonly string[]>;
};

/**
 * Read data/aliases.tsv.
 * @throws UsageError with file and line
 */
export function readKeywords(path: string): Keywords {
  const shown = new Map<string, string>();
  const shownAt = new Map<string, string>();
  const also = new Map<string, string[]>();
  readTable(path, KEYWORD_COLUMNS, (cells, place) => {
    const registered = nameCell(place, cells[0]!);
    const keyword = nameCell(place, cells[1]!);
    if (registered === "" || keyword === "" || registered === keyword) {
      throw tableError(place, "a pair needs two different words");
    }
    dateCell(place, cells[4]!);
    const where = cells[3]!;
    if (wordCell(place, cells[2]!, ["shown", "also"]) === "also") {
      if (where !== "*") throw tableError(place, "also holds for every port; write *");
      also.set(registered, [...(also.get(registered) ?? []), keyword]);
      return;
    }
    const keys = where === "*" ? [registered] : slotKeys(place, registered, where);
    const target = where === "*" ? shown : shownAt;
    for (const key of keys) {
      if (target.has(key)) throw tableError(place, `${registered} has a shown word already`);
      target.set(key, keyword);
    }
  });
  return { shown, shownAt, also };
}

function slotKeys(place: RowPlace, registered: string, where: string): string[] {
  return where.split(",").map((word) => {
    const [port = NONE, name = NONE] = word.split("/");
    const number = parsePort(port);
    const transport = transportOfName(name);
    if (number < 0 || transport < 0) {
      throw tableError(place, `"${word}" is no place; write port/transport or *`);
    }
    return `${registered} ${transport * PORTS + number}`;
  });
}

/** The word a tag shows for a registered name at a slot: the name itself when none is kept. */
export function shownWord(keywords: Keywords, registered: string, slot: number): string {
  return (
    keywords.shownAt.get(`${registered} ${slot}`) ?? keywords.shown.get(registered) ?? registered
  );
}
