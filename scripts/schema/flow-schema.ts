import { ALWAYS, type Field } from "../../src/sink/field.ts";
import { FIELD_GROUPS, FIELDS } from "../../src/sink/fields.ts";

/** A JSON Schema, or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown };

type ObjectSchema = {
  description?: string;
  type: "object";
  additionalProperties: false;
  required: string[];
  properties: Record<string, JsonSchema>;
  dependentRequired?: Record<string, string[]>;
};

/** Fields that never come alone. */
const TOGETHER: Readonly<Record<string, Record<string, string[]>>> = {
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
  const root = newObject();
  const objects = new Map<string, ObjectSchema>([["", root]]);
  for (const group of FIELD_GROUPS) objects.set(group.path, newObject(group.meaning));
  const add = (path: string, present: string, schema: JsonSchema): void => {
    const dot = path.lastIndexOf(".");
    const parent = objects.get(path.slice(0, Math.max(dot, 0)));
    if (parent === undefined) throw new Error(`${path}: no group for the object it lies in`);
    const name = path.slice(dot + 1);
    parent.properties[name] = schema;
    if (present === ALWAYS) parent.required.push(name);
  };
  const placed = new Set<string>();
  for (const field of FIELDS) {
    // An object takes the place of its first field, so properties keep the record's order.
    for (const { path, present } of FIELD_GROUPS) {
      if (placed.has(path) || !field.path.startsWith(`${path}.`)) continue;
      placed.add(path);
      add(path, present, objects.get(path)!);
    }
    add(field.path, field.present, fieldSchema(field));
  }
  for (const [path, rules] of Object.entries(TOGETHER)) {
    objects.get(path)!.dependentRequired = rules;
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:portflow:schema:flow:1",
    title: "portflow flow record",
    description:
      "One line of portflow's NDJSON. Absent beats null; byte and packet counts are exact.",
    ...root,
  };
}

function newObject(description?: string): ObjectSchema {
  return {
    ...(description === undefined ? {} : { description }),
    type: "object",
    additionalProperties: false,
    required: [],
    properties: {},
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
