import type { FlowContexts } from "./context-table.ts";
import type { EndedRows } from "./ended-rows.ts";
import type { FlowExtra } from "./flow-extra.ts";
import { flowId, ID_WORDS } from "./flow-id.ts";
import { Row } from "./flow-row.ts";

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const DIGIT_MASK = DIGITS - 1;
const NANOSECOND_PASSES = 3;

/**
 * The order in which records are written: by the time at which the packet clock closed them, then
 * by start, then by id. A radix sort, because the end of a capture sorts millions of rows at once and
 * a comparison sort of typed arrays would take seconds for that.
 * @returns indexes into `ended`
 */
export function sortEnded(
  ended: EndedRows,
  words: Int32Array,
  contexts: FlowContexts,
  extras: ReadonlyMap<number, FlowExtra>,
): Int32Array {
  const count = ended.count;
  const order = new Int32Array(count);
  for (let i = 0; i < count; i += 1) order[i] = i;
  if (count < 2) return order;
  const startSeconds = new Int32Array(count);
  const startNanoseconds = new Int32Array(count);
  for (let i = 0; i < count; i += 1) {
    startSeconds[i] = words[ended.rows[i]! + Row.StartSeconds]!;
    startNanoseconds[i] = words[ended.rows[i]! + Row.StartNanoseconds]!;
  }
  const spare = new Int32Array(count);
  let sorted = radix(order, spare, startNanoseconds, NANOSECOND_PASSES);
  sorted = radix(sorted, other(sorted, order, spare), startSeconds, 3);
  sorted = radix(sorted, other(sorted, order, spare), ended.nanoseconds, NANOSECOND_PASSES);
  sorted = radix(sorted, other(sorted, order, spare), ended.seconds, 3);
  sortTies(sorted, ended, words, contexts, extras, startSeconds, startNanoseconds);
  return sorted;
}

function other(current: Int32Array, a: Int32Array, b: Int32Array): Int32Array {
  return current === a ? b : a;
}

/** Stable sort of `order` by unsigned keys, digit by digit; a digit that all keys share costs one look. */
function radix(
  order: Int32Array,
  spare: Int32Array,
  keys: Int32Array | Uint32Array,
  passes: number,
): Int32Array {
  let from = order;
  let to = spare;
  const counts = new Int32Array(DIGITS);
  for (let pass = 0; pass < passes; pass += 1) {
    const shift = pass * DIGIT_BITS;
    counts.fill(0);
    for (let i = 0; i < from.length; i += 1) counts[(keys[from[i]!]! >>> shift) & DIGIT_MASK]! += 1;
    if (counts[(keys[from[0]!]! >>> shift) & DIGIT_MASK] === from.length) continue;
    let sum = 0;
    for (let digit = 0; digit < DIGITS; digit += 1) {
      const here = counts[digit]!;
      counts[digit] = sum;
      sum += here;
    }
    for (let i = 0; i < from.length; i += 1) {
      const digit = (keys[from[i]!]! >>> shift) & DIGIT_MASK;
      to[counts[digit]!] = from[i]!;
      counts[digit]! += 1;
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/** Rows closed and started at the same nanosecond go by id. */
function sortTies(
  order: Int32Array,
  ended: EndedRows,
  words: Int32Array,
  contexts: FlowContexts,
  extras: ReadonlyMap<number, FlowExtra>,
  startSeconds: Int32Array,
  startNanoseconds: Int32Array,
): void {
  for (let from = 0; from < order.length; ) {
    const first = order[from]!;
    let to = from + 1;
    while (to < order.length) {
      const next = order[to]!;
      // Times rarely agree to the nanosecond: one read settles it.
      if (
        startNanoseconds[first] !== startNanoseconds[next] ||
        startSeconds[first] !== startSeconds[next] ||
        ended.nanoseconds[first] !== ended.nanoseconds[next] ||
        ended.seconds[first] !== ended.seconds[next]
      ) {
        break;
      }
      to += 1;
    }
    if (to - from > 1) {
      const run = order.subarray(from, to);
      const ids = new Map<number, Int32Array>();
      for (const index of run) {
        const id = new Int32Array(ID_WORDS);
        const row = ended.rows[index]!;
        flowId(words, row, contexts, extras.get(row), id);
        ids.set(index, id);
      }
      run.sort((a, b) => compareIds(ids.get(a)!, ids.get(b)!));
    }
    from = to;
  }
}

function compareIds(a: Int32Array, b: Int32Array): number {
  for (let i = 0; i < ID_WORDS; i += 1) {
    if (a[i] !== b[i]) return a[i]! >>> 0 < b[i]! >>> 0 ? -1 : 1;
  }
  return 0;
}
