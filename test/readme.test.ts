import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { faultTable, withFaultTable } from "../scripts/readme/fault-table.ts";
import { packageRoot } from "../src/core/package-root.ts";
import { FAULTS } from "../src/wire/fault.ts";
import { shell } from "./support/run-portflow.ts";

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

describe("README, first steps", () => {
  const [, after = ""] = readme.split("\n## First steps\n");
  const [, block = ""] = after.split(/^```(?:sh)?$/m);
  const lines = block.split("\n").map((line) => line.replace(/ +# .*$/, ""));
  const folder = mkdtempSync(join(tmpdir(), "portflow-readme-"));
  cpSync(join(packageRoot(), "samples"), join(folder, "samples"), { recursive: true });
  afterAll(() => rmSync(folder, { recursive: true }));
  const lacks = (program: string): boolean => shell(`command -v ${program}`, folder).status !== 0;

  it("are some", () => {
    expect(lines.filter((line) => line.includes("portflow ")).length).toBeGreaterThan(8);
  });

  it.each(lines.filter((line) => line !== "" && !line.startsWith("sudo ")))("%s", (line) => {
    if (line.includes("jq ") && lacks("jq")) return;
    const { status, stderr } = shell(`set -o pipefail; ${line}`, folder);
    // The only one that needs what may not be there.
    if (line.includes("--filter") && /libpcap/.test(stderr)) return;
    expect(status).toBe(0);
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
