import { writeFileSync } from "node:fs";
import { usualRecordModuleSource } from "./module-source.ts";

writeFileSync("src/sink/ndjson/usual-record-module.ts", usualRecordModuleSource());
