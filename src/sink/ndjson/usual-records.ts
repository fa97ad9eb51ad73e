import type { ByteWriter } from "../../core/byte-writer.ts";
import { wordsAt } from "../../core/text-at.ts";
import { exportsOf } from "../../core/web-assembly.ts";
import { EndReason } from "../../flow/ending/end-reason.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { copyRow } from "../../flow/row/row-copy.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { ServiceText } from "../members/service-text.ts";
import { isUsualConnection, type TcpText } from "../members/tcp-text.ts";
import type { FlowRecord } from "../sink.ts";
import { areWritten, RareFacts } from "./rare-facts.ts";
import { Layout, LONGEST_RECORD } from "./usual-record-layout.ts";
import type { UsualRecordMemory } from "./usual-record-memory.ts";
import { USUAL_RECORD_MODULE } from "./usual-record-module.ts";
import { UsualTexts } from "./usual-texts.ts";

const SINGLE_ROW = Layout.SingleRow / 4;

/** What the module exports; see scripts/usual-record. */
export type UsualRecordFunctions = {
  /** Writes the record of the row at `from`. @returns where it ends, -1 when a text that it needs is not there */
  record(
    at: number,
    from: number,
    initiator: number,
    before: number,
    port: number,
    behind: number,
  ): number;
  /** Writes records of rows up to the first that it can't. @returns where the last one ends */
  records(at: number, limit: number, from: number, to: number): number;
  /** Makes the Community IDs of those rows. */
  hashRows(from: number, to: number): void;
  /** @returns where the tag of the whole row at `row` is remembered, if at all */
  memoOf(row: number): number;
};

/** Makes what writes usual records; undefined where WebAssembly has no vectors. */
export function newUsualRecords(
  { webAssembly, buffer }: UsualRecordMemory,
  communityIdSeed: number,
  services: ServiceText,
  connections: TcpText,
): UsualRecords | undefined {
  const functions = exportsOf(USUAL_RECORD_MODULE, webAssembly) as UsualRecordFunctions | undefined;
  if (functions === undefined) return undefined;
  const texts = new UsualTexts(buffer, communityIdSeed, connections);
  return new UsualRecords(buffer, functions, texts, services);
}

/**
 * Writes the records of flows as most are: TCP or UDP with ports and without anything rare, in one call
 * of a WebAssembly module, which copies sixteen octets at a time and shares its machine code among threads.
 */
export class UsualRecords {
  readonly memory: SharedArrayBuffer;
  readonly functions: UsualRecordFunctions;
  readonly texts: UsualTexts;
  readonly services: ServiceText;
  readonly facts: RareFacts;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  /** The last writer's memory, and where that begins in this memory; -1 where it is another one. */
  private written: DataView | undefined;
  private base = -1;

  constructor(
    memory: SharedArrayBuffer,
    functions: UsualRecordFunctions,
    texts: UsualTexts,
    services: ServiceText,
  ) {
    this.memory = memory;
    this.functions = functions;
    this.texts = texts;
    this.services = services;
    this.facts = new RareFacts(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
  }

  /** Writes a record, if it is a usual one. @returns whether it was */
  write(record: FlowRecord, out: ByteWriter): boolean {
    const { view, interfaceName } = record;
    if (!isUsual(view)) return false;
    const { texts } = this;
    const around = this.services.aroundPort(record);
    if (around.beforePlace <= 0 && !texts.learnAround(around)) return false;
    const { interfaceIndex } = view;
    const isNamed = texts.isNamed(interfaceIndex, interfaceName);
    if (!isNamed && !texts.learnInterface(interfaceIndex, interfaceName)) return false;
    if (!this.facts.tell(view, Layout.SingleRow + 4)) return false;
    this.putRow(view);
    const place = this.placeFor(out);
    const at = place < 0 ? Layout.Record : place;
    const { beforePlace, behindPlace } = around;
    let end = this.recordAt(at, view, beforePlace, record.tag.port, behindPlace);
    if (end < 0) {
      if (!texts.learn(view)) return false;
      end = this.recordAt(at, view, beforePlace, record.tag.port, behindPlace);
      if (end < 0) return false;
    }
    const length = end - at;
    if (place < 0) {
      out.reserve(length);
      wordsAt(out.memory, out.length, this.doubles, Layout.Record / 8, length);
    }
    out.length += length;
    return true;
  }

  /** Where the next record belongs, if that is in this memory; -1 elsewhere. */
  placeFor({ memory, bytes, length }: ByteWriter): number {
    if (memory !== this.written) {
      this.written = memory;
      this.base = memory.buffer === this.memory ? memory.byteOffset : -1;
    }
    return this.base < 0 || length + LONGEST_RECORD > bytes.length ? -1 : this.base + length;
  }

  private recordAt(
    at: number,
    view: FlowView,
    before: number,
    port: number,
    behind: number,
  ): number {
    return this.functions.record(at, Layout.SingleRow, view.initiator, before, port, behind);
  }

  /** Copies the row of a view to `Layout.SingleRow`. */
  putRow(view: FlowView): void {
    copyRow(view.words, view.row, view.endReason, this.words, SINGLE_ROW);
  }
}

/** Whether nothing is to be told of the flow but what the module writes. */
export function isUsual(view: FlowView): boolean {
  const { protocol } = view;
  return (
    areWritten(view.extra) &&
    view.hasPorts &&
    view.endReason !== EndReason.Active &&
    (protocol === IpProtocol.Tcp ? isUsualConnection(view) : protocol === IpProtocol.Udp)
  );
}
