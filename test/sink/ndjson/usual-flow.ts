import fc from "fast-check";
import { vi } from "vitest";
import { EndReason } from "../../../src/flow/ending/end-reason.ts";
import type { FlowContext, FlowContexts } from "../../../src/flow/id/context-table.ts";
import { type FlowExtra, newFlowExtra } from "../../../src/flow/row/flow-extra.ts";
import {
  Flag,
  ipv6Offset,
  Kind,
  ordinalOffset,
  Row,
  TcpRow,
} from "../../../src/flow/row/flow-row.ts";
import { markTcpFlipped } from "../../../src/flow/row/tcp-state.ts";
import { newNdjsonSink } from "../../../src/sink/ndjson/ndjson.ts";
import type { Sink } from "../../../src/sink/sink.ts";
import { PLAIN } from "../flow-records.ts";
import { AWKWARD_INTERFACE } from "../traffic.ts";

export const TCP = 6;
export const UDP = 17;
export const SEED = 0xbeef;

/** Writes all records member by member: when it asks for the module, that is refused. */
export function plainSink(): Sink {
  const { begin, write, end } = newNdjsonSink({ ...PLAIN, communityIdSeed: SEED });
  return {
    begin,
    write(record, out) {
      vi.stubGlobal("WebAssembly", { Memory: refuse, Module: refuse });
      write(record, out);
      vi.unstubAllGlobals();
    },
    end,
  };
}

function refuse(): never {
  throw new RangeError("refused");
}

/** Mostly zero groups, for every way that IPv6 addresses are shortened. */
const half = fc.constantFrom(0, 0, 0, 1, 0xf, 0x10, 0xabc, 0xffff);
const word = fc.tuple(half, half).map(([high, low]) => (high << 16) | low);
const address = fc.oneof(
  fc.tuple(word, word, word),
  fc.constant([0, 0, 0xffff] as [number, number, number]),
);
const octets = fc
  .constantFrom(0, 9, 10, 99, 100, 255)
  .chain((top) => fc.integer({ min: 0, max: 0xffffff }).map((rest) => (top << 24) | rest));
const counter = fc.constantFrom(0, 7, 10, 999, 1000, 65_536, 999_999, 1_000_000, 2e9, 2 ** 32 - 1);
const nanosecond = fc.constantFrom(0, 1, 1000, 120_000_000, 999_999_999);
/** Those that tags and directions look at. */
const TAG_FLAGS: readonly number[] = [
  Flag.Multicast,
  Flag.Broadcast,
  Flag.SynBy0,
  Flag.SynBy1,
  Flag.SynAckBy0,
  Flag.SynAckBy1,
  Flag.Flipped,
  Flag.FlippedByPort,
];
/** Ports that rules, names and Zeek tell from others, or not: 6665 to 6669 have one row, Zeek knows four. */
export const PORTS: readonly number[] =
  "0 9 20 21 53 67 68 443 546 547 5353 6665 6667 8080 31337 40000 45010 45020 50000"
    .split(" ")
    .map(Number);
const port = fc.oneof(fc.nat(65_535), fc.constantFrom(...PORTS));

/** Flows as most are, with every number that is written in a way of its own. */
export const usualFlow = fc.record({
  protocol: fc.constantFrom(TCP, UDP),
  isIpv6: fc.boolean(),
  ports: fc.tuple(port, port),
  low: fc.tuple(octets, octets),
  high: fc.tuple(address, address),
  flags: fc
    .array(fc.constantFrom(...TAG_FLAGS), { maxLength: 2 })
    .map((all) => all.reduce((sum, flag) => sum | flag, 0)),
  isSecondFirst: fc.boolean(),
  hasMac: fc.boolean(),
  mac: fc.array(fc.integer(), { minLength: 3, maxLength: 3 }),
  ordinal: fc.integer(),
  start: fc.tuple(fc.constantFrom(0, 1_772_438_400, 2 ** 31, 2 ** 32 - 200), nanosecond),
  lasts: fc.tuple(fc.constantFrom(1, 9, 100), nanosecond),
  counters: fc.array(counter, { minLength: 8, maxLength: 8 }),
  letters: fc.constantFrom(0, 1, 0x22, 0x423),
  // Words of a long history, and payload that came twice.
  moreLetters: fc.oneof(
    fc.constant([0, 0, 0]),
    fc.constantFrom([0x22, 0, 0], [0x423, 5, 0], [3, 2, 1]),
  ),
  retransmits: fc.tuple(fc.constantFrom(0, 0, 1, 12_345), fc.constantFrom(0, 0, 7)),
  handshake: fc.constantFrom(0, 1, 250_000, 4_000_000_000),
  endReason: fc.constantFrom<number>(EndReason.Idle, EndReason.Closed, EndReason.CaptureEnd),
  port: fc.constantFrom(-1, 0, 443, 65_535),
  interfaceName: fc.constantFrom(undefined, "eth0", AWKWARD_INTERFACE),
});

const index = fc.constantFrom(0, 0, 1, -1, 0x1234_5678);
const count = fc.constantFrom(0, 0, 1, 999, 70_000);
/** What few flows have and records tell of. */
export const rareFacts = fc
  .record({
    fragments: count,
    spi0: index,
    spi1: index,
    outOfOrder0: count,
    outOfOrder1: count,
    synData0: fc.constantFrom(0, 1),
    synData1: fc.constantFrom(0, 1),
    missedBytes: fc.constantFrom(0, 0, 1460, 2 ** 32 - 1),
  })
  .map((some): FlowExtra => ({ ...newFlowExtra(), ...some }));

/** What lies around flows, by number: nothing, a VLAN, two VLANs and a tunnel over IPv4, one over IPv6. */
export const CONTEXTS: readonly (FlowContext | undefined)[] = [
  undefined,
  { words: Int32Array.of(1, 100, 0, 0, 0) },
  { words: Int32Array.of(2, 4094, 7, 0, 0, 1, 77, 4, 0, 0, 0, 1, 0, 0, 0, 2) },
  { words: Int32Array.of(0, 0, 0, 0, 0, 2, -1, 6, 1, 2, 3, 4, 5, 6, 7, 8) },
];
export const contexts: FlowContexts = {
  get: (number) => CONTEXTS[number],
  count: 0,
  acquire() {},
  release() {},
};

/** What is told of one. */
export type UsualFlow = Omit<
  typeof usualFlow extends fc.Arbitrary<infer Value> ? Value : never,
  "protocol" | "lasts"
> & { readonly protocol: number; readonly lasts: readonly [number, number] };

/** Puts the row of a flow at a word. */
export function putRow(one: UsualFlow, words: Int32Array, row: number): void {
  const kind = one.protocol | Kind.HasPorts | (one.isIpv6 ? Kind.Ipv6 : 0);
  words[row + Row.Kind] = kind;
  words[row + Row.Ports] = (one.ports[0] << 16) | one.ports[1];
  words[row + Row.Flags] = one.flags | (one.hasMac ? Flag.HasMac : 0);
  words.set(one.low, row + Row.Source);
  words.set(one.start, row + Row.StartSeconds);
  words.set([one.start[0] + one.lasts[0], one.lasts[1]], row + Row.EndSeconds);
  words.set(one.counters, row + Row.Packets);
  if (one.protocol === TCP) {
    words[row + TcpRow.HandshakeNanoseconds] = one.handshake;
    words.set([one.letters, ...one.moreLetters], row + TcpRow.History);
    words.set(one.retransmits, row + TcpRow.Retransmits);
    words[row + TcpRow.Flags] = one.letters & 0x1f1f;
    if (one.isSecondFirst) markTcpFlipped(words, row);
  }
  words.set([one.ordinal, ...one.mac], row + ordinalOffset(kind));
  if (one.isIpv6) words.set(one.high.flat(), row + ipv6Offset(kind));
}
