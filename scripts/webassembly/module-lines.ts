import { assemble } from "./assemble.ts";

const LINE = 96;

/** A module in the text format as a JavaScript expression: its octets in base64, in lines. */
export function moduleLines(text: string): string {
  const octets = Buffer.from(assemble(text)).toString("base64");
  const lines = octets.match(new RegExp(`.{1,${LINE}}`, "g"))!.map((line) => `"${line}"`);
  return lines.join(" +\n  ");
}
