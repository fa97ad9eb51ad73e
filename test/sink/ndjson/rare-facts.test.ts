import { expect, it } from "vitest";
import { EndReason } from "../../../src/flow/ending/end-reason.ts";
import { FlowView } from "../../../src/flow/flow-view.ts";
import { Flag, Kind, OtherRow, Row } from "../../../src/flow/row/flow-row.ts";
import { RareFacts } from "../../../src/sink/ndjson/rare-facts.ts";
import { Layout, Told } from "../../../src/sink/ndjson/usual-record-layout.ts";
import { newUsualRecordMemory } from "../../../src/sink/ndjson/usual-record-memory.ts";
import { contexts, UDP } from "./usual-flow.ts";

const PLACE = 4096;
const TOLD = Layout.Told / 4;

/** A flow over UDP in surroundings of so many words. */
function viewIn(contextWords: number): FlowView {
  const words = new Int32Array(OtherRow.Size);
  words[Row.Kind] = UDP | Kind.HasPorts;
  words[Row.Flags] = Flag.HasMac;
  words[Row.Context] = 1;
  const around = { words: new Int32Array(contextWords) };
  const view = new FlowView(
    { memory: { words }, extras: new Map() },
    { ...contexts, get: () => around },
  );
  view.load(0, EndReason.Idle);
  return view;
}

it("tells of one row, until it forgets", () => {
  const { buffer } = newUsualRecordMemory(0)!;
  const told = new Int32Array(buffer);
  const facts = new RareFacts(buffer);
  expect(facts.tell(viewIn(5), PLACE)).toBe(true);
  expect(told[TOLD + Told.Of]).toBe(PLACE);
  facts.forget();
  expect(told[TOLD + Told.Of]).toBe(0);
});

// Four VLANs and eight tunnels, the most there are, take 93 words.
it.each([
  [93, true],
  [94, false],
])("surroundings of %i words: %s", (count, expected) => {
  const { buffer } = newUsualRecordMemory(0)!;
  expect(new RareFacts(buffer).tell(viewIn(count), PLACE)).toBe(expected);
});
