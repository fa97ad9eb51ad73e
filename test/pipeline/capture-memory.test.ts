import { expect, it } from "vitest";
import { CaptureMemory } from "../../src/pipeline/capture-memory.ts";
import { wordSumOf } from "../../src/wire/summable-octets.ts";

it("CaptureMemory gives one capture after another the same summable octets", () => {
  const { allocate } = new CaptureMemory();
  const first = allocate(1000);
  expect(first.length).toBe(1000);
  expect(wordSumOf(first.buffer)).toBeDefined();
  expect(allocate(600).buffer).toBe(first.buffer);
  expect(allocate(600).length).toBe(600);
  const larger = allocate(2000);
  expect(larger.length).toBe(2000);
  expect(wordSumOf(larger.buffer)).toBeDefined();
  expect(allocate(2000).buffer).toBe(larger.buffer);
});
