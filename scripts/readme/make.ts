import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";
import { withFaultTable } from "./fault-table.ts";

/** Writes the generated part of README.md: `tsc -p scripts && node build/scripts/readme/make.js`. */
const path = join(packageRoot(), "README.md");
writeFileSync(path, withFaultTable(readFileSync(path, "utf8")));
