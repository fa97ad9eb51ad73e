import type { CaptureSource } from "../../capture/source.ts";
import type { PacketBatch } from "../../core/packet-batch.ts";
import type { ContextTable } from "../../flow/id/context-table.ts";
import type { HashSecret } from "../../flow/packet/flow-hash.ts";
import { Mark, Staged } from "../../flow/packet/staged-packet.ts";
import type { PacketComment } from "../../flow/row/flow-extra.ts";
import type { Books } from "../books/books.ts";
import type { FaultSamples } from "../books/fault-samples.ts";
import type { CompiledPlainRows } from "./compiled-plain-rows.ts";
import { LayerStager } from "./layer-stager.ts";
import { type NamesOrigins, PacketFaults } from "./packet-faults.ts";
import { PacketFilter, Verdict } from "./packet-filter.ts";
import type { PacketRooms } from "./packet-rooms.ts";
import { vlanIdOf } from "./plain-frame.ts";
import { PlainRowStager } from "./plain-row-stager.ts";
import { RowsTold, Unstaged } from "./plain-rows.ts";
import { notesVlans, type StageOptions } from "./stage-options.ts";
import { StagedPackets } from "./staged-packets.ts";

/**
 * The first half of a packet's way: decoded, counted in the books, and, when it belongs to a flow,
 * staged as numbers. Everything that needs the packets in order is here (clock, fragments, packet
 * numbers), so that flows could be kept anywhere. Plain frames go a short way of their own.
 */
export class Stager {
  /** Comments on staged packets, by ordinal; cleared by whoever takes those. */
  readonly comments: Map<number, PacketComment[]> = new Map();
  private books: Books;
  private readonly contexts: ContextTable;
  private readonly filter: PacketFilter | undefined;
  private readonly staged = new StagedPackets();
  private readonly faults = new PacketFaults();
  private readonly plain: PlainRowStager;
  private readonly layers: LayerStager;

  /** @param rooms - where batches and staged packets are mostly, and `contexts` has its VLANs */
  constructor(
    options: StageOptions,
    books: Books,
    contexts: ContextTable,
    secret: HashSecret,
    rooms?: PacketRooms,
  ) {
    contexts.isKey = options.tellsSurroundings !== true;
    this.books = books;
    this.contexts = contexts;
    this.filter = options.filter === undefined ? undefined : new PacketFilter(options.filter);
    const flags = {
      checksums: options.checksums,
      vlans: notesVlans(options),
      // What Zeek does with a cut packet is not told by its headers alone.
      cut: options.zeekRules !== true,
    };
    this.plain = new PlainRowStager(flags, contexts, secret, rooms);
    this.layers = new LayerStager(options, books, contexts, secret, this.staged, this.faults);
  }

  /** The packet clock: the latest time so far; before the first packet -1. */
  get clockSeconds(): number {
    return this.staged.clockSeconds;
  }

  get clockNanoseconds(): number {
    return this.staged.clockNanoseconds;
  }

  /** Staged packets in the array since the caller set it to 0. */
  get stagedCount(): number {
    return this.staged.count;
  }

  set stagedCount(count: number) {
    this.staged.count = count;
  }

  /** Gets some of the faulty packets, where anybody wants to see them. */
  set faultSamples(samples: FaultSamples | undefined) {
    this.faults.samples = samples;
  }

  /** Has WebAssembly stage plain frames from now on. @param compiled - of the rooms */
  useCompiled(compiled: CompiledPlainRows | undefined): void {
    this.plain.useCompiled(compiled);
  }

  /** Counts into other books from now on. */
  countInto(books: Books): void {
    this.books = books;
    this.layers.countInto(books);
  }

  /** Begins a capture. @param name - what to call it in messages. @param origins - where packets of merged captures come from */
  beginCapture(name: string, origins?: NamesOrigins): void {
    this.faults.beginCapture(name, origins);
  }

  /** Forgets the packets so far: those of the next capture have nothing to do with them. */
  restart(): void {
    this.staged.packetsBefore = 0;
    this.restartClock();
  }

  /** Lets the clock begin anew, where it was set back; packets go on being numbered. */
  restartClock(): void {
    this.staged.restartClock();
    this.layers.forgetFragments();
  }

  /**
   * Stages rows of a batch, from `from` on, until the batch ends or `words` has no room for the next
   * packet.
   * @returns the first row that was not looked at
   */
  stageRows(
    batch: PacketBatch,
    from: number,
    firstInterface: number,
    words: Int32Array,
    most: number,
  ): number {
    const { staged, plain, contexts, filter } = this;
    const stagedBefore = staged.count;
    staged.words = words;
    staged.firstInterface = firstInterface;
    // Nothing is staged, so no packet is under way that has a number out of use.
    if (stagedBefore === 0) contexts.reclaim();
    plain.begin(batch, staged);
    let i = from;
    while (i < batch.count && staged.count < most) {
      if (filter === undefined)
        i = this.stageSome(batch, i, Math.min(batch.count, i + most - staged.count));
      else {
        if (this.passes(filter, batch, i)) this.stageSome(batch, i, i + 1);
        i += 1;
      }
    }
    plain.hash(words, stagedBefore, staged.count);
    if (batch.comments.length > 0) this.markCommented(batch, from, i, stagedBefore);
    return i;
  }

  /**
   * Stages plain frames of the rows `from` to `end`, and the first other one.
   * @returns the first row that was not looked at
   */
  private stageSome(batch: PacketBatch, from: number, end: number): number {
    const { staged, plain, books } = this;
    let i = from;
    /** The row for which the clock was moved. */
    let moved = -1;
    if (staged.clockSeconds < 0) moved = this.moveClock(batch, i);
    while (i < end) {
      const next = plain.stage(batch, staged, i, end, moved);
      staged.count += next - i;
      books.flowed += next - i;
      books.truncated += plain.told[RowsTold.Cut]!;
      i = next;
      if (i === end) break;
      const why = plain.told[RowsTold.Why]!;
      if (why === Unstaged.NewVlan) {
        this.contexts.ofVlan(vlanIdOf(batch.bytes, batch.start[i]!));
      } else {
        if (i !== moved) moved = this.moveClock(batch, i);
        if (why === Unstaged.Clock) continue;
        this.layers.stageRow(batch, i);
        return i + 1;
      }
    }
    return i;
  }

  /** Moves the clock to a row's time. @returns the row */
  private moveClock(batch: PacketBatch, row: number): number {
    this.staged.moveClock(batch.seconds[row]!, batch.nanoseconds[row]!, this.books);
    return row;
  }

  /** Counts a batch whose rows were all staged. */
  endBatch(batch: PacketBatch): void {
    batch.comments.length = 0;
    this.books.read += batch.count;
    this.staged.packetsBefore += batch.count;
    this.faults.endBatch(batch.count);
  }

  /** Puts into the books what the capture itself says. */
  endCapture(source: CaptureSource): void {
    const { books, staged } = this;
    if (staged.clockSeconds >= 0) books.noteTime(staged.clockSeconds, staged.clockNanoseconds);
    books.noteCapture(source);
  }

  /** Packets that are left out don't move the clock either, as if they had not been captured. */
  private passes(filter: PacketFilter, batch: PacketBatch, i: number): boolean {
    const { bytes, start, capturedLength, wireLength, linkType } = batch;
    const first = start[i]!;
    const verdict = filter.verdict(
      bytes,
      first,
      first + capturedLength[i]!,
      wireLength[i]!,
      linkType[i]!,
    );
    if (verdict === Verdict.NoMatch) this.books.filtered += 1;
    else if (verdict === Verdict.NoMeaning) this.books.unsupportedLink[linkType[i]! & 0xffff]! += 1;
    return verdict === Verdict.Match;
  }

  /** Marks the packets of rows `from` to `to` that have comments, where they were staged. */
  private markCommented(batch: PacketBatch, from: number, to: number, stagedBefore: number): void {
    const { words, count, packetsBefore } = this.staged;
    const found = new Map<number, PacketComment[]>();
    for (const { row, text } of batch.comments) {
      if (row < from || row >= to) continue;
      const ordinal = packetsBefore + row + 1;
      const comment = { packet: this.faults.originOf(row).packet, text };
      found.set(ordinal, [...(found.get(ordinal) ?? []), comment]);
    }
    if (found.size === 0) return;
    for (let i = stagedBefore; i < count; i += 1) {
      const at = i * Staged.Size;
      const ordinal = words[at + Staged.Ordinal]!;
      const comments = found.get(ordinal);
      if (comments === undefined || (words[at + Staged.Marks]! & Mark.Quote) !== 0) continue;
      words[at + Staged.Marks]! |= Mark.Commented;
      this.comments.set(ordinal, comments);
    }
  }
}
