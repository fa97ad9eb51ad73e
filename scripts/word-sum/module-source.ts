import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";
import { assemble } from "./assemble.ts";

const LINE = 96;

/** Source text of `src/wire/word-sum-module.ts`. */
export function wordSumModuleSource(): string {
  const text = readFileSync(join(packageRoot(), "scripts/word-sum/word-sum.wat"), "utf8");
  const octets = Buffer.from(assemble(text)).toString("base64");
  const lines = octets.match(new RegExp(`.{1,${LINE}}`, "g"))!.map((line) => `"${line}"`);
  return `// Made by "npm run word-sum" from scripts/word-sum/word-sum.wat; do not edit.

/** A WebAssembly module with \`wordSum\`, in base64. */
export const WORD_SUM_MODULE: string =
  ${lines.join(" +\n  ")};
`;
}
