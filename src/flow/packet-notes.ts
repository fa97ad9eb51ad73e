import { flowId, ID_WORDS } from "./id/flow-id.ts";
import { keepQuote, newQuote, readQuote, setQuotedId } from "./id/icmp-quote.ts";
import { noteParent, stagedAround } from "./id/tunnel-parents.ts";
import { Mark, Staged } from "./packet/staged-packet.ts";
import type { FlowExtra, PacketComment } from "./row/flow-extra.ts";
import { Flag, Kind, Row } from "./row/flow-row.ts";
import type { OpenRows } from "./table/open-rows.ts";
import { bothClosed } from "./tcp/tcp-closing.ts";
import { noteBadChecksum } from "./tcp/tcp-letters.ts";
import { trackPacket } from "./tcp/tcp-packet.ts";
import { trackInOrder } from "./tcp/tcp-tracker.ts";
import { messageEnds } from "./transport-end.ts";
import { noteCounted } from "./uncounted.ts";

/** Comments kept of a flow. */
const MOST_COMMENTS = 32;

/** What a packet says to its flow beside its counts: of its transport, of the flows around and in it, of comments. */
export class PacketNotes {
  private readonly open: OpenRows;
  private readonly zeekRules: boolean;
  private readonly quote = newQuote();
  private readonly idWords = new Int32Array(ID_WORDS);

  constructor(open: OpenRows, zeekRules: boolean) {
    this.open = open;
    this.zeekRules = zeekRules;
  }

  /** What the transport header says. @param flags - of the row */
  noteTransport(row: number, side: number, flags: number, staged: Int32Array, at: number): void {
    const marks = staged[at + Staged.Marks]!;
    if ((flags & Flag.Extra) !== 0 || (marks & Mark.BadChecksum) !== 0) {
      this.noteWithExtra(row, side, marks, staged, at);
    } else if ((marks & Mark.HasTcp) === 0) this.noteOther(row, side, marks, staged, at);
    else if (
      (marks & Mark.CutPayload) !== 0 ||
      !trackInOrder(this.open.memory.words, row, side, staged, at)
    ) {
      this.track(row, side, staged, at);
    }
    if ((marks & Mark.HasSpi) !== 0) this.noteSpi(row, side, staged[at + Staged.MessageType]!);
  }

  /** What the ICMP error that comes next quotes, and which flow that is now. */
  noteQuote(staged: Int32Array, at: number): void {
    const { open, quote, idWords } = this;
    readQuote(staged, at, quote);
    const row = open.find(staged, at);
    if (row === 0 || open.isPastDeadline(row)) return;
    flowId(open.memory.words, row, open.contexts, open.extras.get(row), idWords);
    setQuotedId(quote, idWords);
  }

  /** The flow around this one, where a packet's layers are all staged. */
  noteAround(row: number, staged: Int32Array, at: number): void {
    const { open } = this;
    const around = stagedAround(staged, at);
    if (around < 0) return;
    const parent = open.find(staged, around);
    if (parent === 0) return;
    const parentExtra = open.extras.get(parent);
    noteParent(open.memory.words, parent, parentExtra, open.contexts, open.extra(row));
  }

  /** Keeps what the capture says of the packet. */
  noteComments(row: number, comments: readonly PacketComment[]): void {
    const extra: FlowExtra = this.open.extra(row);
    extra.comments = [...extra.comments, ...comments].slice(0, MOST_COMMENTS);
  }

  private track(row: number, side: number, staged: Int32Array, at: number): void {
    const { open, zeekRules } = this;
    trackPacket(open.memory.words, row, side, staged, at, zeekRules, open.extraOf);
  }

  /** A packet of a flow that has rare facts, or becomes one of them. */
  private noteWithExtra(
    row: number,
    side: number,
    marks: number,
    staged: Int32Array,
    at: number,
  ): void {
    const { open } = this;
    const words = open.memory.words;
    const isTcp = (marks & Mark.HasTcp) !== 0;
    // No connection of Zeek's gets it.
    if ((marks & (Mark.Unseen | Mark.Refused)) !== 0) return;
    if ((marks & Mark.BadChecksum) !== 0) {
      // Whoever gets it drops it: it says nothing about the connection but that it was there.
      if (isTcp) noteBadChecksum(words, row, side, open.extraOf);
      else this.noteOther(row, side, marks, staged, at);
      return;
    }
    const wasClosed = isTcp && bothClosed(words, row);
    if (isTcp) this.track(row, side, staged, at);
    else this.noteOther(row, side, marks, staged, at);
    noteCounted(words, row, side, staged, at, wasClosed, open.extra(row));
  }

  /** Packets without a TCP header: SCTP and DCCP say what opens and what ends an association. */
  private noteOther(
    row: number,
    side: number,
    marks: number,
    staged: Int32Array,
    at: number,
  ): void {
    const words = this.open.memory.words;
    if ((marks & Mark.Quoting) !== 0) keepQuote(words, row, this.quote);
    if ((marks & Mark.HasMessage) !== 0) {
      const protocol = words[row + Row.Kind]! & Kind.ProtocolMask;
      words[row + Row.Flags]! |= messageEnds(protocol, staged[at + Staged.MessageType]!, side);
    }
    words[row + Row.Flags]! &= ~Flag.HalfOpen;
  }

  /** A later index, of renewed keys, does not replace the first. */
  private noteSpi(row: number, side: number, spi: number): void {
    const extra = this.open.extra(row);
    if (side === 0) {
      if (extra.spi0 === 0) extra.spi0 = spi;
    } else if (extra.spi1 === 0) extra.spi1 = spi;
  }
}
