import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/core/byte-writer.ts";
import { fragment } from "../../src/core/fragment.ts";

const SEVEN_F_AND_F0 = "\u{10ffff}\x7f\u{f0000}\x7f";

describe("fragment", () => {
  it("is written as the text it was made of, one behind the other, for any text", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 40 })), (texts) => {
        const out = new ByteWriter(1);
        for (const text of texts) out.put(fragment(text));
        expect(out.toString()).toBe(texts.join(""));
      }),
    );
  });

  it("keeps octets that come nearest to no number", () => {
    for (let shift = 0; shift < 8; shift += 1) {
      const text = " ".repeat(shift) + SEVEN_F_AND_F0.repeat(3);
      const out = new ByteWriter();
      out.put(fragment(text));
      expect(out.toString()).toBe(text);
    }
  });
});
