import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../src/core/package-root.ts";
import { Staged } from "../src/flow/packet/staged-packet.ts";
import { Row, TcpRow } from "../src/flow/row/flow-row.ts";

const dist = join(packageRoot(), "dist");

/** Compiled modules of a room, comments left out. */
function compiled(room: string): string[] {
  const folder = join(dist, room);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".js"))
    .map((name) =>
      readFileSync(join(folder, name), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""),
    );
}

test("compiled modules have numbers where their sources have constants", () => {
  for (const room of ["wire", "flow", "sink", "pipeline"]) {
    for (const text of compiled(room)) {
      expect(text).not.toMatch(/\b(?:Row|TcpRow|OtherRow|Staged|Mark|Flag|Kind|Fragment)\.[A-Z]/);
    }
  }
});

test("the numbers are those of the sources", () => {
  const text = readFileSync(join(dist, "flow", "table", "new-row.js"), "utf8");
  const source = readFileSync(join(packageRoot(), "src", "flow", "table", "new-row.ts"), "utf8");
  expect(source).toContain("words[row + Row.Context] = staged[at + Staged.Context]!;");
  expect(text).toContain(`words[row + ${Row.Context}] = staged[at + ${Staged.Context}];`);
  const history = readFileSync(join(dist, "flow", "tcp", "tcp-history.js"), "utf8");
  expect(history).toContain(`words[row + ${TcpRow.History}] = `);
});
