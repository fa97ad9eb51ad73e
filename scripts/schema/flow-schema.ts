import type { Field } from "../../src/sink/fields/field.ts";
import { FIELD_GROUPS, FIELDS } from "../../src/sink/fields/fields.ts";
import { type JsonSchema, objectSchema } from "./object-schema.ts";

/** Fields that never come alone. */
export const TOGETHER: Readonly<Record<string, Record<string, string[]>>> = {
  "": { previous_id: ["part"], more: ["part"] },
  service: {
    name: ["port", "status", "source", "port_status"],
    port: ["side", "port_status"],
    side: ["port"],
    description: ["name"],
    status: ["name"],
    source: ["name"],
    hint: ["port"],
  },
};

/** JSON Schema of a flow record, from the field catalogue. */
export function flowSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:portflow:schema:flow:1",
    title: "portflow flow record",
    description:
      "One line of portflow's NDJSON. Absent beats null; byte and packet counts are exact.",
    ...objectSchema(
      FIELDS.map((field) => ({ ...field, schema: fieldSchema(field) })),
      FIELD_GROUPS,
      TOGETHER,
    ),
  };
}

function fieldSchema(field: Field): JsonSchema {
  const { constant, values, type, unit, meaning } = field;
  return {
    description: unit === undefined ? meaning : `${meaning} (${unit})`,
    type: type === "list" ? "array" : type,
    ...(constant === undefined ? {} : { const: constant }),
    ...(values === undefined ? {} : { enum: values }),
    ...field.schema,
  };
}
