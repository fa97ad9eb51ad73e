import { writeFileSync } from "node:fs";
import { usualRecordModuleSource } from "./module-source.ts";

writeFileSync("src/sink/usual-record-module.ts", usualRecordModuleSource());
