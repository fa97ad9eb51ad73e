import { ALWAYS } from "../../src/sink/fields/field.ts";

/** A JSON Schema, or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** A leaf to be placed: its path, when it is there, and its schema. */
export type Leaf = {
  readonly path: string;
  readonly present: string;
  readonly schema: JsonSchema;
};

/** An object that leaves lie in; those that are not listed are always there. */
export type LeafGroup = {
  readonly path: string;
  readonly present: string;
  readonly meaning?: string;
};

type ObjectSchema = {
  description?: string;
  type: "object";
  additionalProperties: false;
  required: string[];
  properties: Record<string, JsonSchema>;
  dependentRequired?: Record<string, string[]>;
};

/**
 * A closed object with everything the leaves' paths say, in their order.
 * @param together - by path of an object: members that never come without others
 */
export function objectSchema(
  leaves: readonly Leaf[],
  groups: readonly LeafGroup[],
  together: Readonly<Record<string, Record<string, string[]>>> = {},
): ObjectSchema {
  const objects = new Map<string, ObjectSchema>([["", newObject()]]);
  const objectAt = (path: string): ObjectSchema => {
    const found = objects.get(path);
    if (found !== undefined) return found;
    const group = groups.find((one) => one.path === path);
    const made = newObject(group?.meaning);
    objects.set(path, made);
    // An object takes the place of its first field, so properties keep the record's order.
    place(path, group?.present ?? ALWAYS, made);
    return made;
  };
  const place = (path: string, present: string, schema: JsonSchema): void => {
    const dot = path.lastIndexOf(".");
    const parent = objectAt(path.slice(0, Math.max(dot, 0)));
    const name = path.slice(dot + 1);
    parent.properties[name] = schema;
    if (present === ALWAYS) parent.required.push(name);
  };
  for (const { path, present, schema } of leaves) place(path, present, schema);
  for (const [path, rules] of Object.entries(together)) {
    const object = objects.get(path);
    if (object !== undefined) object.dependentRequired = rules;
  }
  return objects.get("")!;
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
