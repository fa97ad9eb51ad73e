import { CAUSES } from "../../src/compare/cause.ts";
import { COMPARED_FIELDS } from "../../src/compare/fields.ts";
import type { JsonSchema } from "./object-schema.ts";
import { described, record } from "./stats-schema.ts";

const count: JsonSchema = { type: "integer", minimum: 0 };
const text: JsonSchema = { type: "string", minLength: 1 };
const value: JsonSchema = { anyOf: [{ type: "string" }, { type: "number" }] };
const cause: JsonSchema = { enum: Object.keys(CAUSES) };
const field: JsonSchema = { enum: ["direction", ...COMPARED_FIELDS.map(({ name }) => name)] };

const alone: JsonSchema = record({ explained: count, unexplained: count });

const flow: JsonSchema = record({
  community_id: described(
    { type: "string", pattern: "^1:[A-Za-z0-9+/]{27}=$" },
    "Community ID with seed 0, by which the flows were joined",
  ),
  flow: described(text, "transport and ends in words"),
  "ours?": described(text, "ids of our records; absent where we have none"),
  "other?": described(text, "lines of the other log; absent where it has none"),
  "cause?": described(cause, "why it is in one log only, or in several parts"),
  "differences?": {
    type: "array",
    minItems: 1,
    items: record({
      field,
      ours: value,
      other: value,
      "cause?": described(cause, "absent where no known one explains it"),
    }),
  },
});

/** JSON Schema of what `portflow compare --format json` writes. */
export function compareSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:portflow:schema:compare:1",
    title: "portflow compare",
    description: "Our flows beside another log's: what agrees, what differs, and why.",
    ...record({
      type: { const: "compare" },
      schema: { const: "portflow.compare/1" },
      ours: record({ path: text, flows: count }),
      other: record({
        path: text,
        "format?": described({ enum: ["portflow", "zeek", "eve"] }, "absent where it has no flow"),
        flows: count,
        other_records: described(count, "records that are no flows"),
        malformed: described(count, "lines that are no records, and flows without what makes one"),
      }),
      matched: described(
        record({ total: count, agree: count, explained: count, unexplained: count, split: count }),
        "flows, or groups of split ones, that both logs have",
      ),
      only_ours: alone,
      only_other: alone,
      is_explained: described({ type: "boolean" }, "whether every difference has a known cause"),
      fields: described(
        {
          type: "object",
          propertyNames: field,
          additionalProperties: record({ agree: count, explained: count, unexplained: count }),
        },
        "how often each value was the same in both",
      ),
      causes: {
        type: "array",
        items: record({ cause, count, meaning: text }),
      },
      unexplained: described({ type: "array", items: flow }, "the first of them, see --limit"),
      explained: described({ type: "array", items: flow }, "the first of them, see --limit"),
    }),
  };
}
