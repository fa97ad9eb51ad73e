import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { reasonOf } from "../../src/core/reason-of.ts";

function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error: unknown) {
    return error;
  }
  throw new Error("nothing was thrown");
}

it.each([
  ["a file that is not there", () => readFileSync("/nowhere/x"), "no such file"],
  ["a folder", () => readFileSync("/"), "is a directory"],
  [
    "what is no folder on the way",
    () => readFileSync("/dev/null/x"),
    "a part of the path is not a directory",
  ],
  ["an error of another kind", () => JSON.parse("{"), "JSON"],
])("reasonOf: %s", (_name, action, words) => {
  expect(reasonOf(thrownBy(action))).toContain(words);
});

it("reasonOf: a code without words of ours is told as the system has it", () => {
  expect(reasonOf(Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" }))).toBe(
    "EIO: i/o error, read",
  );
});
