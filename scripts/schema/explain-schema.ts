import type { JsonSchema } from "./object-schema.ts";
import { described, record } from "./stats-schema.ts";

const count: JsonSchema = { type: "integer", minimum: 0 };
const number: JsonSchema = { type: "integer", minimum: 1 };
const seconds: JsonSchema = { type: "number", minimum: 0 };
const text: JsonSchema = { type: "string", minLength: 1 };

const note: JsonSchema = record({
  code: {
    enum: [
      ..."opened new_part direction handshake retransmit leaves_hole fills_hole missed zero_window".split(
        " ",
      ),
      ..."closed reset after_close fragment bad_checksum".split(" "),
    ],
  },
  text,
});

const packet: JsonSchema = record({
  number: described(number, "number in the capture, from 1"),
  time: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z$" },
  from: described({ enum: ["src", "dst"] }, "which end of the flow sent it"),
  "flags?": described({ type: "string", pattern: "^S?A?P?F?R?U?E?C?$" }, "of TCP"),
  "seq?": count,
  "ack?": count,
  payload_bytes: count,
  ip_bytes: count,
  bytes: count,
  "history?": described(text, "letters that it added; all of them when the flow turned round"),
  "notes?": described({ type: "array", minItems: 1, items: note }, "what it did to the flow"),
});

/** JSON Schema of a line of `portflow explain --json`. */
export function explainSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:portflow:schema:explain:1",
    title: "portflow explain",
    description: "How one flow came about.",
    ...record({
      type: { const: "explain" },
      schema: { const: "portflow.explain/1" },
      flow: described(
        {
          type: "object",
          required: ["type", "schema", "id"],
          properties: { type: { const: "flow" }, schema: { const: "portflow.flow/1" }, id: text },
          additionalProperties: true,
        },
        "the flow's record, see portflow.flow.schema.json",
      ),
      direction: record({ certainty: text, reason: text, meaning: text }),
      end: record({
        reason: text,
        meaning: text,
        "closed_by?": described(number, "packet that ended the conversation"),
        idle_timeout: described(seconds, "the timeout that held for it at its end, seconds"),
        longest_silence: described(seconds, "between two of its packets, seconds"),
        "silence_ended_by?": number,
        "followed_by?": described(number, "packet of the same ends that came after its end"),
        "followed_after?": seconds,
      }),
      tag: record({
        meaning: text,
        "registry?": described(
          { type: "object", additionalProperties: true },
          "what ports why --json says of the port",
        ),
      }),
      packets: record({
        total: number,
        shown: described(
          { type: "array", items: packet },
          "the first ones, the last ones, and those that did something",
        ),
        notes_left_out: count,
      }),
    }),
  };
}
