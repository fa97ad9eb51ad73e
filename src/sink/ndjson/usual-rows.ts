import type { ByteWriter } from "../../core/byte-writer.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { likelyServerPorts } from "../../flow/row/likely-server-port.ts";
import { newSynRow } from "../../flow/table/lone-syn-row.ts";
import { PortKinds } from "../../service/port-kinds.ts";
import type { Registry } from "../../service/registry.ts";
import { Side } from "../../service/tag.ts";
import { PORTS, Transport } from "../../service/transport.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { FlowRecord } from "../sink.ts";
import {
  BLOCK_WORDS,
  Layout,
  LONGEST_RECORD,
  Memo,
  PORT_KINDS_OF_UDP,
  Told,
} from "./usual-record-layout.ts";
import { isUsual, type UsualRecords } from "./usual-records.ts";

const TOLD = Layout.Told / 4;
const NAMELESS = Layout.Nameless / 4;

/**
 * Writes the records of usual flows, many in one call: the module reads the rows, and how such flows are
 * tagged is remembered in its memory. What it meets for the first time it is taught from a record.
 */
export class UsualRows {
  /** Where the rows are to be, each behind the code of its end reason. */
  readonly words: Int32Array;
  private readonly records: UsualRecords;
  private readonly all: Int32Array;
  private readonly kinds: readonly [PortKinds, PortKinds];

  /** @param registry - without rules for some servers only */
  constructor(records: UsualRecords, registry: Registry) {
    this.records = records;
    this.all = new Int32Array(records.memory);
    this.words = new Int32Array(records.memory, Layout.Rows, BLOCK_WORDS);
    this.all.set(newSynRow(), Layout.Syn / 4);
    const kindsOf = (transport: number, protocol: number, place: number): PortKinds => {
      const kinds = new Uint16Array(records.memory, place, PORTS);
      return new PortKinds(registry, transport, likelyServerPorts(protocol), kinds);
    };
    this.kinds = [
      kindsOf(Transport.Tcp, IpProtocol.Tcp, Layout.PortKinds),
      kindsOf(Transport.Udp, IpProtocol.Udp, Layout.PortKinds + PORT_KINDS_OF_UDP),
    ];
  }

  /** Begins with the rows that were put there, between two of their words. */
  begin(from: number, to: number, interfaceNames: readonly (string | undefined)[]): void {
    this.records.texts.forgetInterfaces(interfaceNames);
    this.records.facts.forget();
    this.all[TOLD + Told.Nameless] = 0;
    this.records.functions.hashRows(addressOf(from), addressOf(to));
  }

  /** Writes records of them. @returns the first word of the row that it left to others, or `to` */
  write(from: number, to: number, out: ByteWriter): number {
    const { records, all } = this;
    const at = records.placeFor(out);
    if (at < 0) return from;
    const limit = at - out.length + out.bytes.length - LONGEST_RECORD;
    const end = records.functions.records(at, limit, addressOf(from), addressOf(to));
    out.length += end - at;
    return (all[TOLD + Told.Stopped]! - Layout.Rows) / 4;
  }

  /** Tells of what is rare in the flow of the row that was left. @returns false when it has to be written elsewhere */
  tell(view: FlowView, at: number): boolean {
    return isUsual(view) && this.records.facts.tell(view, addressOf(at + 1));
  }

  /** Learns from the record of the row that was left. @returns false when it has to be written elsewhere */
  learn(record: FlowRecord): boolean {
    const { view, tag, interfaceName } = record;
    const { all, records } = this;
    const { texts, services } = records;
    if (!isUsual(view) || !texts.learn(view)) return false;
    if (!texts.learnInterface(view.interfaceIndex, interfaceName)) return false;
    const around = services.aroundPort(record);
    if (!texts.learnAround(around)) return false;
    const kinds = this.kinds[view.protocol === IpProtocol.Udp ? 1 : 0];
    if (kinds.kindOf(view.sourcePort) === 0 || kinds.kindOf(view.destinationPort) === 0)
      return false;
    records.putRow(view);
    const memo = records.functions.memoOf(Layout.SingleRow + 4) / 4;
    all[memo + Memo.Kinds / 4] = all[TOLD + Told.Kinds]!;
    all[memo + Memo.Flags / 4] = all[TOLD + Told.Flags]!;
    all[memo + Memo.Before / 4] = around.beforePlace;
    const portSide = tag.side === Side.Source ? view.initiator : 1 - view.initiator;
    all[memo + Memo.Behind / 4] =
      around.behindPlace |
      (view.initiator === 0 ? 0 : Memo.Initiator) |
      (tag.port < 0 ? 0 : Memo.HasPort | (portSide << Memo.PortSideShift)) |
      (tag.named === 0 ? Memo.Nameless : 0);
    return true;
  }

  /** How many flows without a name were written since `begin`. */
  get namelessCount(): number {
    return this.all[TOLD + Told.Nameless]! / 4;
  }

  /** The row of one of them. */
  namelessRow(index: number): number {
    return (this.all[NAMELESS + index]! - Layout.Rows) / 4;
  }
}

/** Where a word of the rows lies in the module's memory. */
function addressOf(word: number): number {
  return Layout.Rows + word * 4;
}
