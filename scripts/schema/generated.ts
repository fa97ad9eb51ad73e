import { FOREIGN_FORMATS } from "../../src/sink/foreign-formats.ts";
import { columnsDescription } from "./columns-description.ts";
import { compareSchema } from "./compare-schema.ts";
import { explainSchema } from "./explain-schema.ts";
import { fieldsPage } from "./fields-page.ts";
import { flowSchema } from "./flow-schema.ts";
import { foreignPage } from "./foreign-page.ts";
import { foreignSchema } from "./foreign-schema.ts";
import type { JsonSchema } from "./object-schema.ts";
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
    "portflow.compare.schema.json": json(compareSchema()),
    "portflow.explain.schema.json": json(explainSchema()),
    "portflow.zeek.schema.json": json(zeekSchema()),
    ...Object.fromEntries(
      FOREIGN_FORMATS.map((format) => [
        `portflow.${format.name}.schema.json`,
        json(foreignSchema(format)),
      ]),
    ),
    "portflow.csv-metadata.json": json(columnsDescription("csv")),
    "portflow.tsv-metadata.json": json(columnsDescription("tsv")),
    "FIELDS.md": fieldsPage(),
    ...Object.fromEntries(
      FOREIGN_FORMATS.map((format) => [`FIELDS.${format.name}.md`, foreignPage(format)]),
    ),
  };
}
