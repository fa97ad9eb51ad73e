import { fieldsPage } from "./fields-page.ts";
import { flowSchema, type JsonSchema } from "./flow-schema.ts";
import { statsSchema } from "./stats-schema.ts";
import { zeekSchema } from "./zeek-schema.ts";

function json(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Content of every file in `schema/`, by name. */
export function generatedSchemas(): Readonly<Record<string, string>> {
  return {
    "portflow.flow.schema.json": json(flowSchema()),
    "portflow.stats.schema.json": json(statsSchema()),
    "portflow.zeek.schema.json": json(zeekSchema()),
    "FIELDS.md": fieldsPage(),
  };
}
