import { writeFileSync } from "node:fs";
import { plainRowsModuleSource, usualPacketsModuleSource } from "./module-source.ts";

writeFileSync("src/flow/table/usual-packets-module.ts", usualPacketsModuleSource());
writeFileSync("src/pipeline/staging/plain-rows-module.ts", plainRowsModuleSource());
