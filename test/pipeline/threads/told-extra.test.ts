import { expect, it } from "vitest";
import { type FlowExtra, newFlowExtra } from "../../../src/flow/row/flow-extra.ts";
import { extraFrom, toldOf } from "../../../src/pipeline/threads/told-extra.ts";

/** Another value than the one that a flow without the fact has. */
function otherThan(value: unknown): unknown {
  if (Array.isArray(value)) return [1];
  if (typeof value === "number") return value + 1;
  return typeof value === "string" ? "0123456789" : { seconds: 1, nanoseconds: 2 };
}

const blank = newFlowExtra();
const facts = Object.keys(blank).filter((key) => !key.startsWith("ranges")) as (keyof FlowExtra)[];

it("tells nothing of a flow without rare facts", () => {
  expect(toldOf(blank)).toEqual({});
});

it.each(facts)("tells %s, and nothing else, of a flow that has it", (key) => {
  const extra: FlowExtra = { ...blank, [key]: otherThan(blank[key]) };
  const told = structuredClone(toldOf(extra));
  expect(Object.keys(told)).toEqual([key]);
  expect(extraFrom(told)).toEqual(extra);
});
