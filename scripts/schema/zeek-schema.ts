import { ALWAYS } from "../../src/sink/fields/field.ts";
import type { ZeekColumn, ZeekType } from "../../src/sink/zeek/zeek-column.ts";
import { ZEEK_COLUMNS } from "../../src/sink/zeek/zeek-columns.ts";
import type { JsonSchema } from "./object-schema.ts";

const JSON_TYPES: Readonly<Record<ZeekType, string>> = {
  time: "number",
  string: "string",
  addr: "string",
  port: "integer",
  enum: "string",
  interval: "number",
  count: "integer",
  bool: "boolean",
  "set[string]": "array",
};

/** JSON Schema of a line of `--format zeek-json`, from the catalogue of columns. */
export function zeekSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:portflow:schema:zeek:1",
    title: "portflow connection in Zeek's form",
    description:
      "One line of --format zeek-json: the columns of Zeek's conn.log under literal dotted keys, then portflow's additions. What is unset is absent.",
    type: "object",
    additionalProperties: false,
    required: ZEEK_COLUMNS.filter(({ present }) => present === ALWAYS).map(({ name }) => name),
    properties: Object.fromEntries(
      ZEEK_COLUMNS.map((column) => [column.name, valueSchema(column)]),
    ),
    dependentRequired: {
      duration: ["orig_bytes", "resp_bytes"],
      orig_bytes: ["duration"],
      resp_bytes: ["duration"],
      registered_service: [
        "registered_service_side",
        "registered_service_status",
        "registered_service_source",
      ],
      transport_orig_p: ["transport", "transport_resp_p"],
      transport_resp_p: ["transport", "transport_orig_p"],
    },
  };
}

function valueSchema({ type, meaning, present, values, schema }: ZeekColumn): JsonSchema {
  const told = present === ALWAYS ? meaning : `${meaning}; set when ${present}`;
  return {
    description: present.startsWith("never") ? `${meaning}; ${present}` : told,
    type: JSON_TYPES[type],
    ...(values === undefined ? {} : { enum: values }),
    ...schema,
  };
}
