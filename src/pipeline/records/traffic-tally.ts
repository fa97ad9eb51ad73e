import type { FlowTable } from "../../flow/flow-table.ts";
import { FlowView } from "../../flow/flow-view.ts";
import type { FlowContexts } from "../../flow/id/context-table.ts";
import { Row } from "../../flow/row/flow-row.ts";
import type { Registry } from "../../service/registry.ts";
import { entryByNumber } from "../../service/service-entry.ts";
import { newTag, type Tag } from "../../service/tag.ts";
import type { FlowRecord } from "../../sink/sink.ts";
import { tableFlow } from "../../sink/table/table-flow.ts";
import type { RecordTaker } from "../emitter.ts";
import { tagFlow } from "./tag-flow.ts";

/** Things kept of each kind; those that were silent longest make room. */
const MOST_KEPT = 5000;

/** By what traffic is added up. */
const TALLY_KINDS = ["service", "host", "flow"] as const;
export type TallyKind = (typeof TALLY_KINDS)[number];

/** What was seen of one service, host or flow. */
export type TallyEntry = {
  readonly name: string;
  /** For flows: the service. */
  readonly note: string;
  flows: number;
  packets: number;
  bytes: number;
  /** Octets and packets between the last two scans. */
  recentBytes: number;
  recentPackets: number;
};

/** With what came since the last scan. */
type KeptEntry = TallyEntry & { newBytes: number; newPackets: number };

/**
 * Adds up live traffic by service, host and flow, for a person who watches. Open flows are looked at
 * when `scan` is called; ended ones as they pass by on their way to `inner`.
 */
export class TrafficTally implements RecordTaker {
  /** Names the ports. */
  registry: Registry;
  private readonly inner: RecordTaker | undefined;
  private readonly kept: Readonly<Record<TallyKind, Map<string, KeptEntry>>> = {
    service: new Map(),
    host: new Map(),
    flow: new Map(),
  };
  /** Octets and packets of each row when it was looked at last. */
  private readonly seenBytes = new Map<number, number>();
  private readonly seenPackets = new Map<number, number>();
  private readonly tag: Tag = newTag();
  private table: FlowTable | undefined;
  private view: FlowView | undefined;
  private record: FlowRecord | undefined;

  /** @param inner - gets the records, where anybody wants them */
  constructor(registry: Registry, inner: RecordTaker | undefined) {
    this.registry = registry;
    this.inner = inner;
  }

  get isClosed(): boolean {
    return this.inner?.isClosed === true;
  }

  begin(table: FlowTable, contexts: FlowContexts): void {
    this.table = table;
    this.view = new FlowView(table, contexts);
    this.record = { view: this.view, tag: this.tag, entry: undefined, interfaceName: undefined };
    this.inner?.begin(table, contexts);
  }

  take(row: number, endReason: number): boolean {
    this.look(row);
    this.seenBytes.delete(row);
    this.seenPackets.delete(row);
    return this.inner?.take(row, endReason) ?? true;
  }

  async ready(): Promise<void> {
    await this.inner?.ready();
  }

  async finish(): Promise<void> {
    await this.inner?.finish();
  }

  /** Looks at every open flow; what came since the scan before is recent now. */
  scan(): void {
    this.table?.forEachOpen((row) => this.look(row));
    for (const kind of TALLY_KINDS) {
      for (const entry of this.kept[kind].values()) {
        entry.recentBytes = entry.newBytes;
        entry.recentPackets = entry.newPackets;
        entry.newBytes = 0;
        entry.newPackets = 0;
      }
    }
  }

  /** Everything of a kind, in no order. */
  entries(kind: TallyKind): readonly TallyEntry[] {
    return [...this.kept[kind].values()];
  }

  private look(row: number): void {
    const view = this.view!;
    const words = this.table!.memory.words;
    const packets = (words[row + Row.Packets]! >>> 0) + (words[row + Row.Packets + 1]! >>> 0);
    const packetsBefore = this.seenPackets.get(row);
    if (packets === packetsBefore) return;
    view.load(row, 0);
    const bytes = view.bytes(0) + view.bytes(1);
    const bytesBefore = this.seenBytes.get(row);
    this.seenPackets.set(row, packets);
    this.seenBytes.set(row, bytes);
    this.addToAll(
      bytes - (bytesBefore ?? 0),
      packets - (packetsBefore ?? 0),
      packetsBefore === undefined ? 1 : 0,
    );
  }

  private addToAll(bytes: number, packets: number, flows: number): void {
    const record = this.record!;
    tagFlow(this.registry, record.view, this.tag);
    record.entry = this.tag.entry < 0 ? undefined : entryByNumber(this.registry, this.tag.entry);
    const { initiator, responder, service, transport } = tableFlow(record);
    const named = service === "" ? transport : `${service}/${transport}`;
    this.add("service", named, "", bytes, packets, flows);
    this.add("host", initiator.address, "", bytes, packets, flows);
    this.add("host", responder.address, "", bytes, packets, flows);
    const from = initiator.address + initiator.port;
    const to = responder.address + responder.port;
    this.add("flow", `${from} > ${to}`, named, bytes, packets, flows);
  }

  private add(
    kind: TallyKind,
    name: string,
    note: string,
    bytes: number,
    packets: number,
    flows: number,
  ): void {
    const kept = this.kept[kind];
    const key = note === "" ? name : `${name} ${note}`;
    let entry = kept.get(key);
    if (entry === undefined) {
      const none = { flows: 0, packets: 0, bytes: 0, recentBytes: 0, recentPackets: 0 };
      entry = { name, note, ...none, newBytes: 0, newPackets: 0 };
    } else kept.delete(key);
    // At the end of the map stand those that were heard last.
    kept.set(key, entry);
    entry.flows += flows;
    entry.packets += packets;
    entry.bytes += bytes;
    entry.newBytes += bytes;
    entry.newPackets += packets;
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
  }
}
