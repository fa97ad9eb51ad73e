import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { npmAdvice } from "../../src/core/npm-advice.ts";

const folder = mkdtempSync(join(tmpdir(), "portflow-advice-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function installedIn(place: string): string {
  const root = join(folder, place, "node_modules", "portflow");
  mkdirSync(root, { recursive: true });
  return root;
}

it("of a global installation it is global", () => {
  const root = installedIn("usr/lib");
  expect(npmAdvice("install", "koffi", root)).toBe("npm install -g koffi");
  expect(npmAdvice("rebuild", "cap", root)).toBe("npm rebuild -g cap");
});

it("of one in a project it is the project's", () => {
  const root = installedIn("project");
  writeFileSync(join(folder, "project", "package.json"), "{}");
  expect(npmAdvice("install", "koffi", root)).toBe("npm install koffi");
});

it("of a copy of the sources it is theirs", () => {
  expect(npmAdvice("install", "koffi", join(folder, "portflow"))).toBe("npm install koffi");
  expect(npmAdvice("install", "koffi")).toBe("npm install koffi");
});
