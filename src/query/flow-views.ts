import type { Field } from "../sink/fields/field.ts";
import { FIELDS } from "../sink/fields/fields.ts";
import type { QueriedFiles } from "./queried-files.ts";

/** Counts the lines that are left out because they are no JSON object with a type. */
export const LEFT_OUT_SEQUENCE = "left_out";
/** `nextval` in a filter is asked for such lines alone, and is never below 0. */
const IS_FLOW = `type = 'flow' OR (type IS NULL AND nextval('${LEFT_OUT_SEQUENCE}') < 0)`;

/** How an item of a list is written flat where it is not its members joined by colons. */
const FLAT_ITEMS: Readonly<Record<string, string>> = {
  tunnel: "one.type || ':' || coalesce(one.id::VARCHAR, '') || ':' || one.src || '>' || one.dst",
  "service.candidates": `${escapedItem("one.name")} || '/' || one.status || '/' || one.source`,
};

const LEAF_TYPES = {
  string: "VARCHAR",
  integer: "BIGINT",
  number: "DOUBLE",
  boolean: "BOOLEAN",
} as const;

const COMPRESSIONS = ["uncompressed", "gzip", "zstd"] as const;
const COLUMNS = FIELDS.filter(({ constant }) => constant === undefined);

/**
 * The SQL that makes the view `flows`: one row a record, one column a field, named by its path with
 * underscores, the same from NDJSON and from Parquet. Lines of other things are left out.
 */
export function flowsView({ parquet, ndjson }: QueriedFiles): string {
  const selects = COMPRESSIONS.flatMap((compression) => {
    const paths = ndjson.filter((log) => log.compression === compression).map(({ path }) => path);
    if (paths.length === 0) return [];
    return [
      `SELECT ${COLUMNS.map(ndjsonColumn).join(", ")} FROM ` +
        `read_json(${listOf(paths)}, format = 'newline_delimited', ` +
        `columns = {${columnTypes()}}, compression = '${compression}', ignore_errors = true) ` +
        `WHERE ${IS_FLOW}`,
    ];
  });
  if (parquet.length > 0) {
    selects.push(`SELECT * FROM read_parquet(${listOf(parquet)}, union_by_name = true)`);
  }
  return `CREATE VIEW flows AS ${selects.join(" UNION ALL BY NAME ")}`;
}

/** A text as an SQL literal. */
function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** DuckDB takes names for patterns: what means something in one is put into brackets. */
function listOf(paths: readonly string[]): string {
  const names = paths.map((path) => sqlText(path.replace(/[*?[]/g, "[$&]")));
  return `[${names.join(", ")}]`;
}

/** A word of a flat list, as the sinks escape it. */
function escapedItem(word: string): string {
  return `regexp_replace(${word}, '([;\\\\])', '\\\\\\1', 'g')`;
}

function ndjsonColumn(field: Field): string {
  const { path, type } = field;
  const name = path.replaceAll(".", "_");
  const place = path.split(".").map(quoted).join(".");
  if (type === "list") {
    const flat = FLAT_ITEMS[path] ?? flatItem(itemOf(field));
    return `array_to_string(list_transform(${place}, lambda one: ${flat}), ';') AS ${quoted(name)}`;
  }
  if (path === "start" || path === "end") {
    // As of other members, a value that is none is null, and no end of the whole question.
    return `TRY_CAST(${place} AS TIMESTAMP_NS) AS ${quoted(name)}`;
  }
  return `${place} AS ${quoted(name)}`;
}

/** What JSON Schema says of the items of a list. */
type Item = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>;
};

function itemOf({ schema }: Field): Item {
  return (schema?.["items"] ?? {}) as Item;
}

/** Type of an item in DuckDB's words. */
function itemType({ type, properties }: Item): string {
  if (properties === undefined) return type === "integer" ? "BIGINT" : "VARCHAR";
  const members = Object.entries(properties);
  return `STRUCT(${members.map(([name, one]) => `${quoted(name)} ${itemType(one)}`).join(", ")})`;
}

/** An item as flat text: itself, or its members joined by colons. */
function flatItem({ type, properties }: Item): string {
  if (properties === undefined) return type === "integer" ? "one::VARCHAR" : escapedItem("one");
  return Object.entries(properties)
    .map(([name, member]) => {
      const place = `one.${quoted(name)}`;
      return member.type === "integer" ? `coalesce(${place}::VARCHAR, '')` : escapedItem(place);
    })
    .join(" || ':' || ");
}

function quoted(name: string): string {
  return `"${name}"`;
}

/** Columns of the lines with their types, so that nothing has to be guessed from the first ones. */
function columnTypes(): string {
  type Node = Map<string, Node | string>;
  const root: Node = new Map([["type", "VARCHAR"]]);
  for (const field of COLUMNS) {
    const { path, type } = field;
    const names = path.split(".");
    const leaf = names.pop() ?? path;
    let node = root;
    for (const name of names) {
      const inner: Node = (node.get(name) as Node | undefined) ?? new Map();
      node.set(name, inner);
      node = inner;
    }
    node.set(leaf, type === "list" ? `${itemType(itemOf(field))}[]` : LEAF_TYPES[type]);
  }
  const typeOf = (node: Node | string): string =>
    typeof node === "string"
      ? node
      : `STRUCT(${[...node].map(([name, inner]) => `${quoted(name)} ${typeOf(inner)}`).join(", ")})`;
  return [...root].map(([name, node]) => `${quoted(name)}: ${sqlText(typeOf(node))}`).join(", ");
}
