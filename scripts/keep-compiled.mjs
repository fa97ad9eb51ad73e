// Keeps what V8 makes of the built program's parts when it reads a capture: see src/cli/compiled-parts.ts.
// A process of its own with nothing else in it, as a run of the program is.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  COMPILED_BY,
  COMPILED_SUFFIX,
  CompiledParts,
  thisNode,
} from "../dist/cli/compiled-parts.js";
import { withoutMaglev } from "../dist/core/without-maglev.js";

const root = fileURLToPath(new URL("..", import.meta.url));
// V8 takes it only where its flags are the same.
withoutMaglev();
const scripts = new Map();
const parts = new CompiledParts(join(root, "dist", "cli"), (path, script) =>
  scripts.set(path, script),
);
const { main } = parts.load("run.cjs");
const samples = ["office.pcapng", "web.pcapng"].map((name) => join(root, "samples", name));
for (const format of ["table", "ndjson"]) await main(["read", "--format", format, ...samples]);
for (const [path, script] of scripts) {
  writeFileSync(path + COMPILED_SUFFIX, script.createCachedData());
}
writeFileSync(join(root, "dist", "cli", COMPILED_BY), thisNode());
