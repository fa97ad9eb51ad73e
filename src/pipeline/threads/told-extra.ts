import { type FlowExtra, newFlowExtra } from "../../flow/row/flow-extra.ts";

/** What another thread is told of a flow's rare facts: those that differ from what a flow has without them. */
export type ToldExtra = Partial<FlowExtra>;

const blank = newFlowExtra();
/** Holes matter only to the flow's further packets. */
const { ranges0: _0, ranges1: _1, ...told } = blank;
const KEYS = Object.keys(told) as readonly (keyof typeof told)[];

/**
 * Some thirty facts take longer to send than the record to write, and few of them are ever set.
 * @param extra - its lists become those of the result
 */
export function toldOf(extra: FlowExtra): ToldExtra {
  const some: Partial<Record<keyof FlowExtra, unknown>> = {};
  for (const key of KEYS) {
    const value = extra[key];
    const isSet = Array.isArray(value) ? value.length > 0 : value !== blank[key];
    if (isSet) some[key] = value;
  }
  return some as ToldExtra;
}

/** All that a record may ask for, from what was told. */
export function extraFrom(some: ToldExtra): FlowExtra {
  return { ...newFlowExtra(), ...some };
}
