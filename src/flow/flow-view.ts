import { IpProtocol } from "../wire/ip-protocol.ts";
import type { FlowContext, FlowContexts } from "./id/context-table.ts";
import { flowId, ID_WORDS } from "./id/flow-id.ts";
import { type Direction, decideDirection, zeekOriginator } from "./row/direction.ts";
import type { FlowExtra } from "./row/flow-extra.ts";
import {
  Flag,
  IPV6_DESTINATION_OFFSET,
  ipv6Offset,
  Kind,
  MAC_HIGH,
  MAC_SOURCE_LOW,
  ordinalOffset,
  Row,
  TcpRow,
} from "./row/flow-row.ts";
import { connectionStateWord, isInitiatorsReset, sequenceBytes } from "./row/tcp-state.ts";
import { newSynRow, wholeSyn } from "./table/lone-syn-row.ts";
import { HISTORY_CAPACITY, historyText, zeekHistoryText } from "./tcp/tcp-history.ts";

const SYN_LETTER = 83;
const FLIP_LETTER = 94;
const RESET_LETTER = 82;

/** Where a view finds rows: a flow table, or a copy of some of its rows. */
export type ViewedRows = {
  readonly memory: { readonly words: Int32Array };
  /** Rare facts by row. */
  readonly extras: ReadonlyMap<number, FlowExtra>;
};

/**
 * One ended flow as a record has it: initiator and responder instead of sides. A single view is
 * loaded with row after row, so reading a record makes no objects.
 */
export class FlowView {
  words: Int32Array = new Int32Array(0);
  row = 0;
  endReason = 0;
  protocol = 0;
  isIpv6 = false;
  hasPorts = false;
  sourcePort = 0;
  destinationPort = 0;
  hasMac = false;
  /** Index into the capture's interfaces. */
  interfaceIndex = 0;
  /** Offset of the packet number and the MAC addresses in the row. */
  private ordinal = 0;
  /** Side of the row that is the initiator. */
  initiator = 0;
  /** Whether `turnToZeek` made another end the initiator than `direction` says. */
  isTurned = false;
  readonly direction: Direction = { flipped: 0, certainty: 0, reason: 0 };
  private readonly idWords = new Int32Array(ID_WORDS);
  private isIdKnown = false;
  context: FlowContext | undefined;
  extra: FlowExtra | undefined;
  /** Whether `turnToZeek` made the view Zeek's, whoever the initiator is. */
  isZeeks = false;
  private readonly letters = new Uint8Array(HISTORY_CAPACITY);
  /** How many there are; negative until somebody asks. */
  private letterCount = 0;
  /** A whole row for one lone SYN after the other. */
  private syn: Int32Array | undefined;
  private readonly table: ViewedRows;
  private readonly contexts: FlowContexts;

  constructor(table: ViewedRows, contexts: FlowContexts) {
    this.table = table;
    this.contexts = contexts;
  }

  /** Points the view at an ended row; of one that keeps a lone SYN, at the whole row made from it. */
  load(row: number, endReason: number): void {
    const { words } = this.table.memory;
    if ((words[row + Row.Kind]! & Kind.LoneSyn) === 0) this.show(words, row, endReason);
    else {
      this.syn ??= newSynRow();
      wholeSyn(words, row, this.syn, 0);
      this.show(this.syn, 0, endReason);
    }
  }

  private show(words: Int32Array, row: number, endReason: number): void {
    this.words = words;
    this.row = row;
    this.endReason = endReason;
    const kind = words[row + Row.Kind]!;
    const flags = words[row + Row.Flags]!;
    this.ordinal = ordinalOffset(kind);
    decideDirection(words, row, this.direction);
    this.initiator = this.direction.flipped;
    this.protocol = kind & Kind.ProtocolMask;
    this.isIpv6 = (kind & Kind.Ipv6) !== 0;
    this.hasPorts = (kind & Kind.HasPorts) !== 0;
    this.hasMac = (flags & Flag.HasMac) !== 0;
    this.interfaceIndex = flags >>> Flag.InterfaceShift;
    // Where there are none, the words may hold a security parameter index.
    const ports = this.hasPorts ? words[row + Row.Ports]! : 0;
    this.sourcePort = this.initiator === 0 ? ports >>> 16 : ports & 0xffff;
    this.destinationPort = this.initiator === 0 ? ports & 0xffff : ports >>> 16;
    const context = words[row + Row.Context]!;
    this.context = context === 0 ? undefined : this.contexts.get(context);
    this.extra = (flags & Flag.Extra) === 0 ? undefined : this.table.extras.get(row);
    this.isIdKnown = false;
    this.letterCount = this.protocol === IpProtocol.Tcp ? -1 : 0;
    this.isTurned = false;
    this.isZeeks = false;
  }

  /** Number of the flow's first packet in its capture, from 1; modulo 2^32. */
  get firstPacket(): number {
    return this.words[this.row + this.ordinal]! >>> 0;
  }

  /** The flow's id, worked out when somebody asks. */
  get id(): Int32Array {
    if (!this.isIdKnown) {
      flowId(this.words, this.row, this.contexts, this.extra, this.idWords);
      this.isIdKnown = true;
    }
    return this.idWords;
  }

  /**
   * Turns the view to Zeek's originator: the same in all but a few cases, see `decideDirection`. The
   * history becomes Zeek's to the letter. Whoever does so turns it back: the next output sees the same
   * view.
   */
  turnToZeek(): void {
    const { words, row } = this;
    this.isZeeks = true;
    const originator = zeekOriginator(words, row);
    this.isTurned = originator !== this.initiator;
    if (this.isTurned) this.exchangeEnds();
    if (this.protocol !== IpProtocol.Tcp) return;
    this.letterCount = zeekHistoryText(words, row, originator, this.extra, this.letters);
  }

  /** Undoes `turnToZeek`. */
  turnBack(): void {
    if (this.isTurned) this.exchangeEnds();
    this.isTurned = false;
    this.isZeeks = false;
    this.letterCount = this.protocol === IpProtocol.Tcp ? -1 : 0;
  }

  private exchangeEnds(): void {
    const { sourcePort, destinationPort } = this;
    this.initiator = 1 - this.initiator;
    this.sourcePort = destinationPort;
    this.destinationPort = sourcePort;
  }

  /** Letters of the connection's history; none but TCP has any. */
  get historyLength(): number {
    if (this.letterCount < 0) {
      const { words, row, initiator, extra } = this;
      this.letterCount = historyText(words, row, initiator, extra, this.letters);
    }
    return this.letterCount;
  }

  /** Those letters as character codes: as many as `historyLength` says, which is to be asked first. */
  get history(): Uint8Array {
    return this.letters;
  }

  /** Word `i` (0 to 3) of an address; `end` 0 is the initiator's. IPv4 addresses are word 3. */
  addressWord(end: number, i: number): number {
    const side = end ^ this.initiator;
    if (i === 3) return this.words[this.row + Row.Source + side]!;
    if (!this.isIpv6) return 0;
    const base = this.row + ipv6Offset(this.words[this.row + Row.Kind]!);
    return this.words[base + side * IPV6_DESTINATION_OFFSET + i]!;
  }

  /** First two octets of a MAC address. */
  macHigh(end: number): number {
    const both = this.words[this.row + this.ordinal + MAC_HIGH]!;
    return (end ^ this.initiator) === 0 ? both >>> 16 : both & 0xffff;
  }

  /** Last four octets of a MAC address. */
  macLow(end: number): number {
    return this.words[this.row + this.ordinal + MAC_SOURCE_LOW + (end ^ this.initiator)]!;
  }

  /** Packets sent by the initiator (0) or the responder (1). */
  packets(end: number): number {
    return this.counter(Row.Packets, end);
  }

  /** Octets of frames on the wire. */
  bytes(end: number): number {
    return this.counter(Row.Bytes, end);
  }

  /** Octets of IP datagrams. */
  ipBytes(end: number): number {
    return this.counter(Row.IpBytes, end);
  }

  /** Octets above the transport header. */
  payloadBytes(end: number): number {
    return this.counter(Row.PayloadBytes, end);
  }

  get startSeconds(): number {
    return this.words[this.row + Row.StartSeconds]! >>> 0;
  }

  get startNanoseconds(): number {
    return this.words[this.row + Row.StartNanoseconds]!;
  }

  get endSeconds(): number {
    return this.words[this.row + Row.EndSeconds]! >>> 0;
  }

  get endNanoseconds(): number {
    return this.words[this.row + Row.EndNanoseconds]!;
  }

  /** Octets of TCP payload as the sequence numbers show it: gaps count, repeats do not. */
  sequenceBytes(end: number): number {
    const side = end ^ this.initiator;
    const { extra } = this;
    const all = sequenceBytes(this.words, this.row, side);
    if (extra === undefined) return all;
    const before = side === 0 ? extra.sequenceBytesBefore0 : extra.sequenceBytesBefore1;
    // A SYN can begin the numbers anew.
    return Math.max(0, all - before);
  }

  /** TCP packets whose payload brought nothing new. */
  retransmits(end: number): number {
    const side = end ^ this.initiator;
    const repeats = this.words[this.row + TcpRow.Retransmits + side]!;
    const { extra } = this;
    if (extra === undefined) return repeats;
    const notLost = side === 0 ? extra.synData0 : extra.synData1;
    // Data that fills a hole behind the side's own reset is late, but was never counted as a repeat.
    return Math.max(0, repeats - notLost - this.outOfOrder(end));
  }

  /** TCP packets that filled a hole which later ones had left. */
  outOfOrder(end: number): number {
    const { extra } = this;
    if (extra === undefined) return 0;
    return (end ^ this.initiator) === 0 ? extra.outOfOrder0 : extra.outOfOrder1;
  }

  /** Security parameter index of the first IPsec packet that an end sent; 0 for none. */
  spi(end: number): number {
    const { extra } = this;
    if (extra === undefined) return 0;
    return ((end ^ this.initiator) === 0 ? extra.spi0 : extra.spi1) >>> 0;
  }

  /** Octets of TCP payload that were acknowledged but never captured. */
  get missedBytes(): number {
    return this.extra?.missedBytes ?? 0;
  }

  /** Handshake round trip of TCP, nanoseconds; 0 when not measured. */
  get handshakeNanoseconds(): number {
    return this.words[this.row + TcpRow.HandshakeNanoseconds]! >>> 0;
  }

  /** Union of the TCP flags an end sent. */
  tcpFlags(end: number): number {
    return (this.words[this.row + TcpRow.Flags]! >>> ((end ^ this.initiator) * 8)) & 255;
  }

  /** Zeek's word for the connection. */
  get connectionState(): string {
    const { words, row, initiator } = this;
    const isHalfReset = isInitiatorsReset(words, row, initiator);
    return connectionStateWord(words, row, initiator, isHalfReset && this.isSynThenReset());
  }

  /**
   * A counter, `Row.Packets` and what follows, where it is quickly had.
   * @returns what it counted, or a negative number where the slower ways have to be gone
   */
  smallCounter(counter: number, end: number): number {
    return this.extra === undefined ? this.words[this.row + counter + (end ^ this.initiator)]! : -1;
  }

  /** A counter: `Row.Packets` or one of those that follow. */
  counter(word: number, end: number): number {
    const at = word + (end ^ this.initiator);
    const carry = this.extra?.carries[at - Row.Packets] ?? 0;
    return carry * 0x1_0000_0000 + (this.words[this.row + at]! >>> 0);
  }

  /** Nothing of the initiator but SYN and then RST: `^?S[^HAFGIQ]*R` in Zeek's terms. */
  private isSynThenReset(): boolean {
    const { historyLength, history } = this;
    let i = historyLength > 0 && history[0] === FLIP_LETTER ? 1 : 0;
    if (i >= historyLength || history[i] !== SYN_LETTER) return false;
    for (i += 1; i < historyLength; i += 1) {
      const letter = history[i]!;
      if (letter === RESET_LETTER) return true;
      // H A F G I Q of the initiator.
      if (letter === 72 || letter === 65 || letter === 70) return false;
      if (letter === 71 || letter === 73 || letter === 81) return false;
    }
    return false;
  }
}
