import { describe, expect, it } from "vitest";
import { WordBook } from "../../src/compare/word-book.ts";

describe("WordBook", () => {
  it("gives a text the same number again, and the text for it", () => {
    const book = new WordBook();
    const [closed, fin] = [book.numberOf("closed"), book.numberOf("ShADadFf")];
    expect([closed, fin, book.numberOf("closed")]).toEqual([1, 2, 1]);
    expect([book.textOf(1), book.textOf(2)]).toEqual(["closed", "ShADadFf"]);
  });

  // A log whose every word is another one must not make it grow for ever.
  it("takes no more than 16,384 texts, and none of more than 64 characters", () => {
    const book = new WordBook();
    expect(book.numberOf("x".repeat(65))).toBeUndefined();
    for (let i = 1; i <= 16_384; i += 1) expect(book.numberOf(`word ${i}`)).toBe(i);
    expect(book.numberOf("one more")).toBeUndefined();
    expect(book.numberOf("word 1")).toBe(1);
  });
});
