import {
  dateCell,
  NONE,
  nameCell,
  parsePort,
  readTable,
  tableError,
  wordCell,
} from "./table-file.ts";
import { PORTS, transportOfName } from "./transport.ts";

/** Columns of data/aliases.tsv. */
export const KEYWORD_COLUMNS: readonly string[] = [
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
  readTable(path, KEYWORD_COLUMNS, (cells, line) => {
    const registered = nameCell(path, line, cells[0]!);
    const keyword = nameCell(path, line, cells[1]!);
    if (registered === "" || keyword === "" || registered === keyword) {
      throw tableError(path, line, "a pair needs two different words");
    }
    dateCell(path, line, cells[4]!);
    const where = cells[3]!;
    if (wordCell(path, line, cells[2]!, ["shown", "also"]) === "also") {
      if (where !== "*") throw tableError(path, line, "also holds for every port; write *");
      also.set(registered, [...(also.get(registered) ?? []), keyword]);
      return;
    }
    const keys = where === "*" ? [registered] : slotKeys(path, line, registered, where);
    const target = where === "*" ? shown : shownAt;
    for (const key of keys) {
      if (target.has(key)) throw tableError(path, line, `${registered} has a shown word already`);
      target.set(key, keyword);
    }
  });
  return { shown, shownAt, also };
}

function slotKeys(path: string, line: number, registered: string, where: string): string[] {
  return where.split(",").map((place) => {
    const [port = NONE, name = NONE] = place.split("/");
    const number = parsePort(port);
    const transport = transportOfName(name);
    if (number < 0 || transport < 0) {
      throw tableError(path, line, `"${place}" is no place; write port/transport or *`);
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
