import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteWriter } from "../../../src/core/byte-writer.ts";
import { EndReason } from "../../../src/flow/ending/end-reason.ts";
import { FlowView } from "../../../src/flow/flow-view.ts";
import { ContextTable } from "../../../src/flow/id/context-table.ts";
import { type FlowExtra, newFlowExtra } from "../../../src/flow/row/flow-extra.ts";
import { Flag, Kind, Row, TcpRow } from "../../../src/flow/row/flow-row.ts";
import { writeTcpObject } from "../../../src/sink/members/tcp-object.ts";
import { TcpText } from "../../../src/sink/members/tcp-text.ts";

const TCP = 6;
const ROW = 16;
const SIDE_1_BEGAN = 1 << 20;

// Codes of tcp-history.ts; 14 marks a turned direction.
const letter = fc.constantFrom<number>(14, 1, 2, 3, 4, 5, 6, 17, 18, 19, 20, 21, 22);
const state = fc.constantFrom(0, 1, 4, 5, 6, 6);
const mostlyZero = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(1000));
// Few values each: connections that differ in one of them only are what may be mistaken for each other.
const connection = fc.record({
  history: fc.array(letter, { maxLength: 24 }),
  states: fc.tuple(state, state, fc.boolean()),
  flags: fc.constantFrom(0x2, 0x202, 0x1202, 0x1212, 0x1a1a),
  retransmits: fc.tuple(mostlyZero, mostlyZero),
  handshake: mostlyZero,
  sent: fc.constantFrom<number>(0, 100),
  hasExtra: fc.integer({ min: 0, max: 9 }).map((die) => die === 0),
  isZeeks: fc.integer({ min: 0, max: 9 }).map((die) => die === 0),
});

type Connection = typeof connection extends fc.Arbitrary<infer Value> ? Value : never;

function viewOf(one: Connection): FlowView {
  const words = new Int32Array(ROW + TcpRow.Size);
  const extras = new Map<number, FlowExtra>();
  words[ROW + Row.Kind] = TCP | Kind.HasPorts;
  words[ROW + Row.Ports] = (40_000 << 16) | 443;
  words[ROW + Row.Flags] = Flag.SynBy0 | (one.hasExtra ? Flag.Extra : 0);
  if (one.hasExtra) extras.set(ROW, { ...newFlowExtra(), missedBytes: 7, outOfOrder1: 1 });
  const [state0, state1, isTurned] = one.states;
  words[ROW + TcpRow.States] = state0 | (state1 << 6) | (isTurned ? SIDE_1_BEGAN : 0);
  words[ROW + TcpRow.Flags] = one.flags;
  words[ROW + TcpRow.Retransmits] = one.retransmits[0];
  words[ROW + TcpRow.Retransmits + 1] = one.retransmits[1];
  words[ROW + TcpRow.LastSequence] = one.sent;
  words[ROW + TcpRow.HandshakeNanoseconds] = one.handshake;
  one.history.forEach((code, i) => {
    words[ROW + TcpRow.History + Math.floor(i / 6)]! |= code << ((i % 6) * 5);
  });
  const view = new FlowView({ memory: { words }, extras }, new ContextTable());
  view.load(ROW, EndReason.CaptureEnd);
  if (one.isZeeks) view.turnToZeek();
  return view;
}

function repeated(history: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, i) => history[(i % 12) % history.length] ?? 1);
}

it("a text kept of another connection is the text that this one would get", () => {
  fc.assert(
    fc.property(fc.array(connection, { minLength: 2, maxLength: 20 }), (connections) => {
      const texts = new TcpText();
      const twins = connections.flatMap((one, i) => {
        const next = connections[(i + 1) % connections.length]!;
        return [
          one,
          { ...one, flags: next.flags },
          { ...one, states: next.states },
          { ...one, sent: 100 - one.sent },
          { ...one, isZeeks: !one.isZeeks },
          { ...one, history: one.history.slice(0, 6) },
          // The same in the words that are compared.
          { ...one, history: repeated(one.history, 12) },
          { ...one, history: repeated(one.history, 24) },
          one,
        ];
      });
      for (const one of twins) {
        const kept = new ByteWriter();
        const plain = new ByteWriter();
        texts.write(viewOf(one), kept);
        writeTcpObject(viewOf(one), plain);
        expect(kept.toString()).toBe(plain.toString());
      }
    }),
  );
});
