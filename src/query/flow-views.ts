import { FIELDS } from "../sink/fields.ts";

/** Files to be queried, by what they are. */
export type QueriedFiles = {
  readonly parquet: readonly string[];
  readonly ndjson: readonly string[];
};

/** Types of the items of the record's lists, in DuckDB's words, and an item as the flat text that CSV and Parquet have. */
const LISTS: Readonly<Record<string, { readonly type: string; readonly flat: string }>> = {
  vlan: { type: "BIGINT[]", flat: "one::VARCHAR" },
  tunnel: {
    type: "STRUCT(type VARCHAR, id BIGINT, src VARCHAR, dst VARCHAR)[]",
    flat: "one.type || ':' || coalesce(one.id::VARCHAR, '') || ':' || one.src || '>' || one.dst",
  },
  "service.candidates": {
    type: "STRUCT(name VARCHAR, status VARCHAR, source VARCHAR)[]",
    flat: `${escapedItem("one.name")} || '/' || one.status || '/' || one.source`,
  },
  "service.aliases": { type: "VARCHAR[]", flat: escapedItem("one") },
};

const LEAF_TYPES = {
  string: "VARCHAR",
  integer: "BIGINT",
  number: "DOUBLE",
  boolean: "BOOLEAN",
} as const;

const COLUMNS = FIELDS.filter(({ constant }) => constant === undefined);

/**
 * The SQL that makes the view `flows`: one row a record, one column a field, named by its path with
 * underscores, the same from NDJSON and from Parquet. Lines of other things are left out.
 */
export function flowsView({ parquet, ndjson }: QueriedFiles): string {
  const selects = [
    ...(ndjson.length === 0
      ? []
      : [
          `SELECT ${COLUMNS.map(({ path }) => ndjsonColumn(path)).join(", ")} FROM ` +
            `read_json(${listOf(ndjson)}, format = 'newline_delimited', ` +
            `columns = {${columnTypes()}}, ignore_errors = true) WHERE type = 'flow'`,
        ]),
    ...(parquet.length === 0
      ? []
      : [`SELECT * FROM read_parquet(${listOf(parquet)}, union_by_name = true)`]),
  ];
  return `CREATE VIEW flows AS ${selects.join(" UNION ALL BY NAME ")}`;
}

/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function listOf(paths: readonly string[]): string {
  return `[${paths.map(sqlText).join(", ")}]`;
}

/** A word of a flat list, as the sinks escape it. */
function escapedItem(word: string): string {
  return `regexp_replace(${word}, '([;\\\\])', '\\\\\\1', 'g')`;
}

function ndjsonColumn(path: string): string {
  const name = path.replaceAll(".", "_");
  const place = path.split(".").map(quoted).join(".");
  const list = LISTS[path];
  if (list !== undefined) {
    return `array_to_string(list_transform(${place}, lambda one: ${list.flat}), ';') AS ${name}`;
  }
  if (path === "start" || path === "end") return `${place}::TIMESTAMP_NS AS ${quoted(name)}`;
  return `${place} AS ${quoted(name)}`;
}

function quoted(name: string): string {
  return `"${name}"`;
}

/** Columns of the lines with their types, so that nothing has to be guessed from the first ones. */
function columnTypes(): string {
  type Node = Map<string, Node | string>;
  const root: Node = new Map([["type", "VARCHAR"]]);
  for (const { path, type } of COLUMNS) {
    const names = path.split(".");
    const leaf = names.pop() ?? path;
    let node = root;
    for (const name of names) {
      const inner: Node = (node.get(name) as Node | undefined) ?? new Map();
      node.set(name, inner);
      node = inner;
    }
    node.set(leaf, LISTS[path]?.type ?? LEAF_TYPES[type as keyof typeof LEAF_TYPES]);
  }
  const typeOf = (node: Node | string): string =>
    typeof node === "string"
      ? node
      : `STRUCT(${[...node].map(([name, inner]) => `${quoted(name)} ${typeOf(inner)}`).join(", ")})`;
  return [...root].map(([name, node]) => `${quoted(name)}: ${sqlText(typeOf(node))}`).join(", ");
}
