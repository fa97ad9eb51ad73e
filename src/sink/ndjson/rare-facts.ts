import { ByteWriter } from "../../core/byte-writer.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import type { FlowContext } from "../../flow/id/context-table.ts";
import { TUNNEL_DEPTH, TUNNEL_WORDS, VLAN_WORDS } from "../../flow/id/context-table.ts";
import type { FlowExtra } from "../../flow/row/flow-extra.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { writeSurroundings } from "../members/surroundings-members.ts";
import { Layout, NO_TEXT, TEXT_START, Told } from "./usual-record-layout.ts";

const TOLD = Layout.Told / 4;
const CONTEXT = Layout.Context / 4;
const MOST_CONTEXT_WORDS = VLAN_WORDS + TUNNEL_WORDS * TUNNEL_DEPTH;
const MOST_MISSED = 0xffff_ffff;

/** Tells the module of what few flows have, which is not in their rows: the module asks for one row at a time. */
export class RareFacts {
  private readonly words: Int32Array;
  /** Where the text of the surroundings is written, and that place. */
  private readonly writer: ByteWriter;
  private readonly place: Uint8Array;
  /** Whose text is there. */
  private context: FlowContext | undefined;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    const from = Layout.Around + TEXT_START;
    this.place = new Uint8Array(memory, from, Layout.Connections - from);
    this.writer = new ByteWriter(this.place);
  }

  /**
   * Tells of a flow.
   * @param row - where the module will find its row
   * @returns false when there is more to tell than the module writes
   */
  tell(view: FlowView, row: number): boolean {
    const { words } = this;
    const { extra, context } = view;
    if (!areWritten(extra) || !this.putContext(context)) return false;
    const isTcp = view.protocol === IpProtocol.Tcp;
    for (let end = 0; end < 2; end += 1) {
      words[TOLD + Told.Retransmits + end] = isTcp ? view.retransmits(end) : 0;
      words[TOLD + Told.OutOfOrder + end] = view.outOfOrder(end);
      words[TOLD + Told.Spi + end] = view.spi(end);
    }
    words[TOLD + Told.Missed] = view.missedBytes;
    words[TOLD + Told.Fragments] = extra?.fragments ?? 0;
    words[TOLD + Told.Of] = row;
    return true;
  }

  /** From now on there is nothing rare until it is told again. */
  forget(): void {
    this.words[TOLD + Told.Of] = 0;
  }

  /** Puts the words and the text of surroundings there. @returns false where they don't fit */
  private putContext(context: FlowContext | undefined): boolean {
    const { words, writer } = this;
    if (context === undefined) {
      words[TOLD + Told.Around] = NO_TEXT;
      words[TOLD + Told.ContextEnd] = Layout.Context;
      return true;
    }
    if (context !== this.context) {
      if (context.words.length > MOST_CONTEXT_WORDS) return false;
      this.context = undefined;
      writer.length = 0;
      writeSurroundings({ context, extra: undefined }, writer);
      if (writer.bytes !== this.place) return false;
      words[Layout.Around / 4] = writer.length;
      words.set(context.words, CONTEXT);
      this.context = context;
    }
    words[TOLD + Told.Around] = writer.length === 0 ? NO_TEXT : Layout.Around;
    words[TOLD + Told.ContextEnd] = Layout.Context + context.words.length * 4;
    return true;
  }
}

/** Whether the module writes all that is rare in a flow, once it is told. */
export function areWritten(extra: FlowExtra | undefined): boolean {
  return (
    extra === undefined ||
    (extra.part <= 1 &&
      extra.firstNanoseconds < 0 &&
      extra.missedBytes <= MOST_MISSED &&
      extra.vlan.length === 0 &&
      extra.comments.length === 0 &&
      extra.carries.length === 0 &&
      extra.history.length === 0)
  );
}
