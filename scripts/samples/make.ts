import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";
import { SAMPLES } from "./all.ts";

/** Writes the captures of `samples/`: `tsc -p scripts && node build/scripts/samples/make.js`. */
const folder = join(packageRoot(), "samples");
mkdirSync(folder, { recursive: true });
for (const [name, build] of Object.entries(SAMPLES)) {
  const octets = build();
  writeFileSync(join(folder, name), octets);
  console.log(`${name}: ${octets.length} octets`);
}
