import { FAULTS } from "../../src/wire/fault.ts";

const BEGIN = "<!-- faults: written by scripts/readme/make.ts from src/wire/fault.ts -->";
const END = "<!-- end of faults -->";

/** The table of every fault, in Markdown. */
export function faultTable(): string {
  const rows = FAULTS.map(
    ({ name, layer, meaning }) => `| \`${name}\` | ${layer} | ${meaning.replaceAll("|", "\\|")} |`,
  );
  return ["| fault | layer | meaning |", "|---|---|---|", ...rows].join("\n");
}

/**
 * A text in which the table stands where its marks are.
 * @throws Error when a mark is missing or there twice
 */
export function withFaultTable(text: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  const isOnce = text.lastIndexOf(BEGIN) === begin && text.lastIndexOf(END) === end;
  if (begin < 0 || end < begin || !isOnce) throw new Error("the marks of the fault table are gone");
  return `${text.slice(0, begin)}${BEGIN}\n${faultTable()}\n${text.slice(end)}`;
}
