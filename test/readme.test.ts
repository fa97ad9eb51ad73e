import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { faultTable, withFaultTable } from "../scripts/readme/fault-table.ts";
import { packageRoot } from "../src/core/package-root.ts";
import { FAULTS } from "../src/wire/fault.ts";

const readme = readFileSync(join(packageRoot(), "README.md"), "utf8");

/** Cells without the blanks and dashes that only line them up, and without blank lines. */
function unpadded(text: string): string {
  return text
    .replaceAll(/ *\| */g, "|")
    .replaceAll(/-{3,}/g, "---")
    .replaceAll(/\n+/g, "\n");
}

describe("README, faults", () => {
  it("is what scripts/readme/make.ts writes, however the columns are padded", () => {
    expect(unpadded(readme)).toBe(unpadded(withFaultTable(readme)));
  });

  it("has name, layer and meaning of every fault, in the order of their codes", () => {
    const [, after = ""] = readme.split("\n## Faults\n");
    const rows = (after.split("\n## ")[0] ?? "")
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(rows.map((row) => row.split("|").map((cell) => cell.trim()))).toEqual(
      FAULTS.map(({ name, layer, meaning }) => ["", `\`${name}\``, layer, meaning, ""]),
    );
  });
});

describe("withFaultTable", () => {
  const marks = readme.slice(
    readme.indexOf("<!-- faults"),
    readme.indexOf("<!-- end of faults -->"),
  );
  const begin = marks.split("\n")[0]!;

  it("replaces what stands between the marks and nothing else", () => {
    const text = `before\n${begin}\nold\n<!-- end of faults -->\nafter\n`;
    expect(withFaultTable(text)).toBe(
      `before\n${begin}\n${faultTable()}\n<!-- end of faults -->\nafter\n`,
    );
  });

  it.each([
    ["no marks", "text"],
    ["one mark", `${begin}\n`],
    ["marks the wrong way round", `<!-- end of faults -->\n${begin}\n`],
    ["marks twice", `${begin}\n<!-- end of faults -->\n${begin}\n<!-- end of faults -->\n`],
  ])("throws on %s", (_name, text) => {
    expect(() => withFaultTable(text)).toThrow("marks");
  });
});
