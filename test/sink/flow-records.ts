import { ByteWriter } from "../../src/core/byte-writer.ts";
import { EndReason } from "../../src/flow/ending/end-reason.ts";
import { endedReason, endedRow } from "../../src/flow/ending/ended-rows.ts";
import { EndedSorter } from "../../src/flow/ending/ended-sorter.ts";
import { DEFAULT_TIMEOUTS, type FlowTimeouts } from "../../src/flow/ending/timeouts.ts";
import { FlowTable } from "../../src/flow/flow-table.ts";
import { FlowView } from "../../src/flow/flow-view.ts";
import { ContextTable } from "../../src/flow/id/context-table.ts";
import { hashStaged } from "../../src/flow/packet/hash-staged.ts";
import { Mark, Staged, stageHeaders } from "../../src/flow/packet/staged-packet.ts";
import { tagFlow } from "../../src/pipeline/records/tag-flow.ts";
import { loadRegistry, type Registry } from "../../src/service/registry.ts";
import { serviceEntry } from "../../src/service/service-entry.ts";
import { newTag } from "../../src/service/tag.ts";
import { parseUserRules } from "../../src/service/user-rules.ts";
import type { FlowRecord, Sink, SinkOptions } from "../../src/sink/sink.ts";
import { decodeFrame, decodeTunnel } from "../../src/wire/decode.ts";
import { type DecodedHeaders, newDecodedHeaders, Outcome } from "../../src/wire/decoded-headers.ts";
import { decodeIcmpQuote, quotesPacket } from "../../src/wire/icmp-quote.ts";
import type { TimedPacket } from "../support/timed-packet.ts";

/** Options of sinks as most tests want them. */
export const PLAIN: SinkOptions = { communityIdSeed: 0, color: false, columns: 100 };

export type RecordsOptions = {
  readonly timeouts?: Partial<FlowTimeouts>;
  /** The user's port rules, as a rules file has them. */
  readonly rules?: string;
  /** Names of the capture interfaces. */
  readonly interfaces?: readonly string[];
  readonly endReason?: EndReason;
};

const registries = new Map<string, Registry>();

function registryOf(rules: string): Registry {
  let registry = registries.get(rules);
  if (registry === undefined) {
    registry = loadRegistry({ userRules: parseUserRules(rules) });
    registries.set(rules, registry);
  }
  return registry;
}

/** Decodes packets, keeps their flows, tags them and shows every record; tunnels are looked into. */
export function eachRecord(
  packets: readonly TimedPacket[],
  visit: (record: FlowRecord) => void,
  options: RecordsOptions = {},
): void {
  const registry = registryOf(options.rules ?? "");
  const secret = { multiplier: 0x9e3779b1 | 1, seed: 1 };
  const contexts = new ContextTable();
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const table = new FlowTable({ timeouts, secret, contexts, maxFlows: 1e6 });
  const staged = new Int32Array(Staged.Size);
  packets.forEach((packet, index) => {
    let headers = newDecodedHeaders();
    decodeFrame(packet.bytes, 0, packet.bytes.length, packet.bytes.length, 1, headers);
    if (headers.outcome !== Outcome.Flow) return;
    contexts.begin(headers, true);
    for (let depth = 0; headers.tunnelType !== 0 && depth < 8; depth += 1) {
      const inner = newDecodedHeaders();
      if (decodeTunnel(packet.bytes, headers, inner, packet.bytes.length) !== Outcome.Flow) break;
      contexts.addTunnel(headers);
      contexts.addVlans(inner);
      headers = inner;
    }
    const seconds = Math.floor(packet.microseconds / 1e6);
    const nanoseconds = (packet.microseconds - seconds * 1e6) * 1000 + (packet.nanoseconds ?? 0);
    const context = contexts.number();
    const isQuoting = stageQuote(packet.bytes, headers, context);
    stageHeaders(staged, 0, headers, context);
    hashStaged(staged, 0, 1, secret.multiplier, secret.seed);
    if (isQuoting) staged[Staged.Marks]! |= Mark.Quoting;
    staged[Staged.Seconds] = seconds;
    staged[Staged.Nanoseconds] = nanoseconds;
    staged[Staged.ClockSeconds] = seconds;
    staged[Staged.ClockNanoseconds] = nanoseconds;
    staged[Staged.WireLength] = packet.wireLength ?? packet.bytes.length;
    staged[Staged.Ordinal] = index + 1;
    staged[Staged.Interface] = packet.interfaceIndex ?? 0;
    if (packet.comment !== undefined) staged[Staged.Marks]! |= Mark.Commented;
    table.comments = new Map([[index + 1, [{ packet: index + 1, text: packet.comment ?? "" }]]]);
    table.update(staged, 0, 1);
  });
  /** Hands what an ICMP error quotes to the table; leaves `staged` all 0. */
  function stageQuote(bytes: Uint8Array, headers: DecodedHeaders, context: number): boolean {
    staged.fill(0);
    const quote = newDecodedHeaders();
    if (headers.hasIcmp === 0 || !quotesPacket(headers.protocol, headers.icmpType)) return false;
    if (!decodeIcmpQuote(bytes, headers, bytes.length, quote)) return false;
    stageHeaders(staged, 0, quote, context);
    hashStaged(staged, 0, 1, secret.multiplier, secret.seed);
    staged[Staged.Marks] = Mark.Quote;
    staged[Staged.ClockSeconds] = table.clockSeconds;
    table.update(staged, 0, 1);
    staged.fill(0);
    return true;
  }

  table.endAll(options.endReason ?? EndReason.CaptureEnd);
  const view = new FlowView(table, contexts);
  const record: FlowRecord = {
    view,
    tag: newTag(),
    entry: undefined,
    interfaceName: undefined,
  };
  const { entries, count } = table.ended;
  new EndedSorter(entries, count, {
    words: table.memory.words,
    contexts,
    extras: table.extras,
  }).sortTo(count);
  for (const entry of entries.subarray(0, count)) {
    view.load(endedRow(entry), endedReason(entry));
    tagFlow(registry, view, record.tag);
    record.entry = serviceEntry(registry, record.tag);
    record.interfaceName = options.interfaces?.[view.interfaceIndex];
    visit(record);
  }
}

/** Everything a sink writes for the packets' flows. */
export function written(
  make: (options: SinkOptions) => Sink,
  packets: readonly TimedPacket[],
  options: RecordsOptions = {},
  sinkOptions: SinkOptions = PLAIN,
): string {
  const sink = make(sinkOptions);
  const out = new ByteWriter();
  sink.begin(out);
  eachRecord(packets, (record) => sink.write(record, out), options);
  sink.end(out);
  return out.toString();
}
