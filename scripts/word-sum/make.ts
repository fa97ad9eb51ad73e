import { writeFileSync } from "node:fs";
import { wordSumModuleSource } from "./module-source.ts";

writeFileSync("src/wire/word-sum-module.ts", wordSumModuleSource());
