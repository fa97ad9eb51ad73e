import { describe, expect, it } from "vitest";
import { displayWidth, fitted, printable } from "../../../src/sink/table/terminal-text.ts";

describe("printable", () => {
  it.each([
    ["https", "https"],
    ["Büro-世界", "Büro-世界"],
    // Escape sequence, line end, bell: what could act on the terminal.
    ["\u001b[2J\r\n\u0007", "?[2J???"],
    // C1 control sequence introducer and right-to-left override.
    ["\u009b1m\u202etxt", "?1m?txt"],
    ["a\u2028b\u200bc\ufeffd", "a?b?c?d"],
  ])("%j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});

describe("displayWidth", () => {
  it.each([
    ["", 0],
    ["https", 5],
    ["Büro", 4],
    // The same with a combining diaeresis.
    ["Bu\u0308ro", 4],
    ["世界", 4],
    ["한글", 4],
    ["🙂", 2],
    ["…", 1],
  ])("%j takes %d", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe("fitted", () => {
  it.each([
    ["https", 5, "https"],
    ["https", 4, "htt…"],
    ["世界", 4, "世界"],
    ["世界人", 4, "世…"],
  ])("%j in %d columns", (text, columns, shown) => {
    expect(fitted(text, columns)).toBe(shown);
    expect(displayWidth(fitted(text, columns))).toBeLessThanOrEqual(columns);
  });
});
