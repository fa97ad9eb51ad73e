import { expect, it } from "vitest";
import { EndReason } from "../../../src/flow/ending/end-reason.ts";
import { DEFAULT_TIMEOUTS } from "../../../src/flow/ending/timeouts.ts";
import { FlowTable } from "../../../src/flow/flow-table.ts";
import { ContextMirror } from "../../../src/flow/id/context-mirror.ts";
import { Kind, OtherRow, Row } from "../../../src/flow/row/flow-row.ts";
import { UnknownPorts } from "../../../src/pipeline/books/unknown-ports.ts";
import { ROWS_WORDS } from "../../../src/pipeline/threads/encode-messages.ts";
import type { RowsOfSlot } from "../../../src/pipeline/threads/thread-encoders.ts";
import { ThreadTaker } from "../../../src/pipeline/threads/thread-taker.ts";

const UDP = 17;
const VLAN_10 = Int32Array.of(1, 10, 0, 0, 0);
const VLAN_20 = Int32Array.of(1, 20, 0, 0, 0);

it("tells rows of one slot apart whose number means something else in between", async () => {
  const slot = new Int32Array(ROWS_WORDS);
  const sent: RowsOfSlot[] = [];
  const threads = {
    isClosed: false,
    rowsOf: () => slot,
    takeSlot: async () => 1,
    encode: (_: number, rows: RowsOfSlot) => void sent.push(rows),
    finish: async () => undefined,
  };
  const taker = new ThreadTaker(threads, new UnknownPorts(), []);
  const contexts = new ContextMirror();
  const secret = { multiplier: 3, seed: 1 };
  const table = new FlowTable({ timeouts: DEFAULT_TIMEOUTS, secret, contexts, maxFlows: 8 });
  const { words } = table.memory;
  const row = 0;
  words[row + Row.Kind] = UDP | Kind.HasPorts;
  // Numbers that are no part of the key are below 0.
  words[row + Row.Context] = -3;
  taker.begin(table, contexts);
  for (const around of [VLAN_10, VLAN_10, VLAN_20]) {
    if (contexts.get(3)?.words !== around) contexts.define(3, around);
    taker.take(row, EndReason.Idle);
  }
  await taker.ready();
  const [{ contexts: told, count }] = sent as [RowsOfSlot];
  expect(count).toBe(3);
  const met = [0, 1, 2].map((i) => slot[i * (1 + OtherRow.Size) + 1 + Row.Context]!);
  expect(met.map((number) => new Map(told).get(number))).toEqual([VLAN_10, VLAN_10, VLAN_20]);
});
