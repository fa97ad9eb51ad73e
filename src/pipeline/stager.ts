import type { CaptureSource } from "../capture/source.ts";
import { type PacketBatch, PacketMark } from "../core/packet-batch.ts";
import type { ContextTable } from "../flow/context-table.ts";
import type { PacketComment } from "../flow/flow-extra.ts";
import type { HashSecret } from "../flow/flow-hash.ts";
import { hashStaged } from "../flow/hash-staged.ts";
import { Mark, Staged } from "../flow/staged-packet.ts";
import type { Books } from "./books.ts";
import type { FaultSamples } from "./fault-samples.ts";
import { LayerStager } from "./layer-stager.ts";
import { type NamesOrigins, PacketFaults } from "./packet-faults.ts";
import { PacketFilter, Verdict } from "./packet-filter.ts";
import { PlainFrame, stagePlainFrame } from "./plain-frame.ts";
import type { StageOptions } from "./stage-options.ts";
import { StagedPackets } from "./staged-packets.ts";

const ETHERNET = 1;

/**
 * The first half of a packet's way: decoded, counted in the books, and, when it belongs to a flow,
 * staged as numbers. Everything that needs the packets in order is here (clock, fragments, packet
 * numbers), so that flows could be kept anywhere. Plain frames go a short way of their own.
 */
export class Stager {
  /** Comments on staged packets, by ordinal; cleared by whoever takes those. */
  readonly comments: Map<number, PacketComment[]> = new Map();
  private readonly options: StageOptions;
  private readonly zeekRules: boolean;
  /** Whether VLANs are among what is noted of a packet's surroundings. */
  private readonly notesVlans: boolean;
  private books: Books;
  private readonly contexts: ContextTable;
  private readonly secret: HashSecret;
  private readonly filter: PacketFilter | undefined;
  private readonly staged = new StagedPackets();
  private readonly faults = new PacketFaults();
  private readonly layers: LayerStager;
  /** Of the octets of the batch that was staged last. */
  private view: DataView = new DataView(new ArrayBuffer(0));
  private viewed: Uint8Array | undefined;

  constructor(options: StageOptions, books: Books, contexts: ContextTable, secret: HashSecret) {
    this.options = options;
    this.zeekRules = options.zeekRules === true;
    const isTold = options.tellsSurroundings === true;
    this.notesVlans = options.useVlanKey || isTold;
    contexts.isKey = !isTold;
    this.books = books;
    this.contexts = contexts;
    this.secret = secret;
    this.filter = options.filter === undefined ? undefined : new PacketFilter(options.filter);
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
   * packet. The columns are read into locals once: it is the hottest loop there is.
   * @returns the first row that was not looked at
   */
  stageRows(
    batch: PacketBatch,
    from: number,
    firstInterface: number,
    words: Int32Array,
    most: number,
  ): number {
    const { bytes, start, capturedLength, wireLength, linkType } = batch;
    const { seconds, nanoseconds, marks } = batch;
    const { staged, layers, books, contexts, filter, secret, zeekRules } = this;
    const { checksums } = this.options;
    const vlans = this.notesVlans ? contexts : undefined;
    const view = this.viewOf(bytes);
    const stagedBefore = staged.count;
    staged.words = words;
    staged.firstInterface = firstInterface;
    // Nothing is staged, so no packet is under way that has a number out of use.
    if (stagedBefore === 0) contexts.reclaim();
    let i = from;
    for (; i < batch.count && staged.count < most; i += 1) {
      if (filter !== undefined && !this.passes(filter, batch, i)) continue;
      staged.moveClock(seconds[i]!, nanoseconds[i]!, books);
      const first = start[i]!;
      const plain =
        linkType[i] === ETHERNET
          ? stagePlainFrame(
              bytes,
              view,
              first,
              first + capturedLength[i]!,
              first + wireLength[i]!,
              words,
              staged.next,
              checksums && (marks[i]! & PacketMark.ChecksumNotReady) === 0,
              vlans,
            )
          : PlainFrame.Other;
      // What Zeek does with a cut packet is not told by its headers alone.
      if (plain === PlainFrame.Whole || (plain === PlainFrame.Cut && !zeekRules)) {
        books.flowed += 1;
        if (plain === PlainFrame.Cut) books.truncated += 1;
        staged.add(batch, i);
      } else layers.stageRow(batch, i);
    }
    hashStaged(words, stagedBefore, staged.count, secret);
    if (batch.comments.length > 0) this.markCommented(batch, from, i, stagedBefore);
    return i;
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

  private viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.viewed) {
      this.viewed = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.view;
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
