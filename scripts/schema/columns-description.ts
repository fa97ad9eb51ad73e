import { ALWAYS, type Field } from "../../src/sink/fields/field.ts";
import { FIELD_GROUPS, FIELDS } from "../../src/sink/fields/fields.ts";
import type { JsonSchema } from "./object-schema.ts";

/**
 * Description of the columns of CSV or TSV for programs.
 * @see W3C "Metadata Vocabulary for Tabular Data"
 */
export function columnsDescription(kind: "csv" | "tsv"): JsonSchema {
  const columns = FIELDS.filter(({ constant }) => constant === undefined);
  return {
    "@context": "http://www.w3.org/ns/csvw",
    // Whoever describes a file of another name puts that here: tables have to say where they are.
    url: `flows.${kind}`,
    "dc:title": `Columns of portflow --format ${kind}`,
    dialect: {
      header: true,
      encoding: "utf-8",
      delimiter: kind === "csv" ? "," : "\t",
      lineTerminators: ["\n"],
      quoteChar: kind === "csv" ? '"' : null,
      doubleQuote: kind === "csv",
    },
    tableSchema: { columns: columns.map(column), primaryKey: "id" },
  };
}

function column(field: Field): JsonSchema {
  const { path, unit, meaning, type } = field;
  return {
    name: path,
    titles: path,
    "dc:description": unit === undefined ? meaning : `${meaning} (${unit})`,
    datatype: datatypeOf(field),
    required: isAlways(field),
    null: "",
    ...(type === "list" ? { separator: ";" } : {}),
  };
}

function datatypeOf({ path, type, values }: Field): unknown {
  if (path === "start" || path === "end") return "dateTimeStamp";
  if (path === "vlan") return "integer";
  if (type === "list") return "string";
  if (values !== undefined && type === "string") {
    return { base: "string", format: `^(${values.join("|")})$` };
  }
  return type;
}

function isAlways({ path, present }: Field): boolean {
  return (
    present === ALWAYS &&
    FIELD_GROUPS.every((group) => group.present === ALWAYS || !path.startsWith(`${group.path}.`))
  );
}
