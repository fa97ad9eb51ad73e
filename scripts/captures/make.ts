import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";
import { CAPTURES } from "./all.ts";

/** Writes `test/captures/`: `tsc -p scripts && node build/scripts/captures/make.js`. */
const folder = join(packageRoot(), "test", "captures");
mkdirSync(folder, { recursive: true });
for (const [name, build] of Object.entries(CAPTURES)) {
  const octets = build();
  writeFileSync(join(folder, name), octets);
  console.log(`${name}: ${octets.length} octets`);
}
