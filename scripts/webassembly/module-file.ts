import { assemble } from "./assemble.ts";

const LINE = 96;

/** A module in the text format as a JavaScript expression: its octets in base64, in lines. */
function moduleLines(text: string): string {
  const octets = Buffer.from(assemble(text)).toString("base64");
  const lines = octets.match(new RegExp(`.{1,${LINE}}`, "g"))!.map((line) => `"${line}"`);
  return lines.join(" +\n  ");
}

/**
 * Source text of a file with a module.
 * @param command - of npm, that makes it
 * @param from - what it is made from
 * @param name - of the constant
 * @param exported - what the module exports, as names in code
 * @param text - the module in the text format
 */
export function moduleFile(
  command: string,
  from: string,
  name: string,
  exported: string,
  text: string,
): string {
  return `// Made by "npm run ${command}" from ${from}; do not edit.

/** A WebAssembly module with ${exported}, in base64. */
export const ${name}: string =
  ${moduleLines(text)};
`;
}
