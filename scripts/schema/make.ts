import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";
import { generatedSchemas } from "./generated.ts";

/** Writes `schema/`: `tsc -p scripts && node build/scripts/schema/make.js`. */
const folder = join(packageRoot(), "schema");
mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(generatedSchemas())) {
  writeFileSync(join(folder, name), content);
  console.log(`schema/${name}: ${content.length} characters`);
}
