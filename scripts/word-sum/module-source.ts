import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";
import { moduleLines } from "../webassembly/module-lines.ts";

/** Source text of `src/wire/word-sum-module.ts`. */
export function wordSumModuleSource(): string {
  const text = readFileSync(join(packageRoot(), "scripts/word-sum/word-sum.wat"), "utf8");
  return `// Made by "npm run word-sum" from scripts/word-sum/word-sum.wat; do not edit.

/** A WebAssembly module with \`wordSum\`, in base64. */
export const WORD_SUM_MODULE: string =
  ${moduleLines(text)};
`;
}
