import { ALWAYS } from "../../src/sink/fields/field.ts";
import { FIELDS } from "../../src/sink/fields/fields.ts";
import type { ForeignField, ForeignFormat } from "../../src/sink/fields/foreign-field.ts";
import { TOGETHER } from "./flow-schema.ts";
import { type JsonSchema, type LeafGroup, objectSchema } from "./object-schema.ts";

/** JSON Schema of a line of a format in another tool's schema, from its catalogue. */
export function foreignSchema(format: ForeignFormat): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:portflow:schema:${format.name}:1`,
    title: `portflow flow as ${format.title}`,
    description: `One line of --format ${format.name}. What is not known or does not apply is absent.`,
    ...membersSchema(format.fields, format.optional),
  };
}

function membersSchema(
  fields: readonly ForeignField[],
  optional: Readonly<Record<string, string>>,
): JsonSchema {
  const groups: LeafGroup[] = Object.entries(optional).map(([path, present]) => ({
    path,
    present,
  }));
  const leaves = fields.map((field) => ({ ...field, schema: leafSchema(field) }));
  return objectSchema(leaves, groups, togetherIn(fields));
}

/** The flow record's rules of what comes together, wherever the `portflow` object lies. */
function togetherIn(
  fields: readonly ForeignField[],
): Readonly<Record<string, Record<string, string[]>>> {
  const rules: Record<string, Record<string, string[]>> = {};
  for (const { path } of fields) {
    if (path.endsWith("portflow.end_reason")) {
      rules[path.slice(0, -".end_reason".length)] = TOGETHER[""]!;
    }
    if (path.endsWith(".service.reason") || path === "service.reason") {
      rules[path.slice(0, -".reason".length)] = TOGETHER["service"]!;
    }
  }
  return rules;
}

function leafSchema(field: ForeignField): JsonSchema {
  const { type, constant, values, schema, items } = field;
  return {
    description: descriptionOf(field),
    type: type === "list" ? "array" : type,
    ...(constant === undefined ? {} : { const: constant }),
    ...(values === undefined ? {} : { enum: values }),
    ...schema,
    ...(items === undefined ? {} : { items: membersSchema(items, {}) }),
  };
}

function descriptionOf({ from, constant, present }: ForeignField): string {
  const own = FIELDS.find(({ path }) => path === from);
  const what =
    constant !== undefined ? "the same in every record" : (own?.meaning ?? `from ${from}`);
  return present === ALWAYS ? what : `${what}; present when ${present}`;
}
