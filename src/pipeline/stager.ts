import type { CaptureSource, PacketOrigin } from "../capture/source.ts";
import { type PacketBatch, PacketMark } from "../core/packet-batch.ts";
import type { ContextTable } from "../flow/context-table.ts";
import type { PacketComment } from "../flow/flow-extra.ts";
import type { HashSecret } from "../flow/flow-hash.ts";
import { Mark, Staged, stageHeaders } from "../flow/staged-packet.ts";
import { findWrongChecksum } from "../wire/checksum.ts";
import { decodeFrame, decodeTunnel } from "../wire/decode.ts";
import {
  type DecodedHeaders,
  Fragment,
  newDecodedHeaders,
  Outcome,
} from "../wire/decoded-headers.ts";
import { faultValues } from "../wire/fault-values.ts";
import { decodeIcmpQuote, quotesPacket } from "../wire/icmp-quote.ts";
import type { Books } from "./books.ts";
import type { FaultSamples } from "./fault-samples.ts";
import { PacketFilter, Verdict } from "./packet-filter.ts";
import { PacketFragments, vlansAround } from "./packet-fragments.ts";
import { stagePlainFrame } from "./plain-frame.ts";

/** Tunnel layers followed at most. */
const TUNNEL_DEPTH = 8;
const ETHERNET = 1;
const LARGEST_INTERFACE = 0xffff;

/** Staged packets that one packet can become, with `--tunnels both` and what an ICMP error quotes. */
export const LAYERS_PER_PACKET: number = TUNNEL_DEPTH + 2;

/** Which of a tunnelled packet's flows counts it. */
export type TunnelPolicy = "inner" | "outer" | "both";

/** Whether later IP fragments go to the flow of their first, or to one without ports. */
export type FragmentPolicy = "join" | "apart";

/** How packets are staged. */
export type StageOptions = {
  readonly useVlanKey: boolean;
  readonly tunnels: TunnelPolicy;
  /** `join` when left out. */
  readonly fragments?: FragmentPolicy;
  /** Whether checksums are verified. */
  readonly checksums: boolean;
  /** Whether comments on packets are kept with their flows. */
  readonly comments?: boolean;
  /** Whether TCP payload that the snaplen cut counts as missed, as in Zeek; false unless given. */
  readonly missesCutPayload?: boolean;
  /** Only packets that match, in the language of pcap-filter(7); the others are counted as filtered. */
  readonly filter?: string;
};

/**
 * The first half of a packet's way: decoded, counted in the books, and, when it belongs to a flow,
 * staged as numbers. Everything that needs the packets in order is here (clock, fragments, packet
 * numbers), so that flows could be kept anywhere.
 */
export class Stager {
  /** The packet clock: the latest time so far; before the first packet -1. */
  clockSeconds = -1;
  clockNanoseconds = 0;
  /** Staged packets in the array since the caller set it to 0. */
  stagedCount = 0;
  /** Comments on staged packets, by ordinal; cleared by whoever takes those. */
  readonly comments: Map<number, PacketComment[]> = new Map();
  /** Gets some of the faulty packets, where anybody wants to see them. */
  faultSamples: FaultSamples | undefined;
  private readonly options: StageOptions;
  private readonly verifiesChecksums: boolean;
  private readonly missesCutPayload: boolean;
  /** Whether what is staged lies in a fragment of a tunnel's packet: its rest is in the others. */
  private isInsideFragment = false;
  private books: Books;
  private readonly contexts: ContextTable;
  private readonly secret: HashSecret;
  private readonly fragments: PacketFragments;
  private readonly filter: PacketFilter | undefined;
  private readonly layers: DecodedHeaders[] = [];
  private readonly quoted = newDecodedHeaders();
  private staged: Int32Array = new Int32Array(0);
  /** Of the octets of the batch that was staged last. */
  private view: DataView = new DataView(new ArrayBuffer(0));
  private viewed: Uint8Array | undefined;
  /** Packets before the batch, of the captures whose flows go on. */
  private packetsBefore = 0;
  private captureName = "";
  private origins: Pick<CaptureSource, "originOf"> | undefined;
  private packetsBeforeCapture = 0;

  constructor(options: StageOptions, books: Books, contexts: ContextTable, secret: HashSecret) {
    this.options = options;
    this.verifiesChecksums = options.checksums;
    this.missesCutPayload = options.missesCutPayload === true;
    this.books = books;
    this.contexts = contexts;
    this.secret = secret;
    this.fragments = new PacketFragments(secret);
    this.filter = options.filter === undefined ? undefined : new PacketFilter(options.filter);
    for (let i = 0; i < LAYERS_PER_PACKET; i += 1) this.layers.push(newDecodedHeaders());
  }

  /** Counts into other books from now on. */
  countInto(books: Books): void {
    this.books = books;
  }

  /** Begins a capture. @param name - what to call it in messages. @param origins - where packets of merged captures come from */
  beginCapture(name: string, origins?: Pick<CaptureSource, "originOf">): void {
    this.captureName = name;
    this.origins = origins;
    this.packetsBeforeCapture = this.packetsBefore;
  }

  /** Forgets the packets so far: those of the next capture have nothing to do with them. */
  restart(): void {
    this.packetsBefore = 0;
    this.restartClock();
  }

  /** Lets the clock begin anew, where it was set back; packets go on being numbered. */
  restartClock(): void {
    this.clockSeconds = -1;
    this.clockNanoseconds = 0;
    this.fragments.clear();
  }

  /**
   * Stages rows of a batch, from `from` on, until the batch ends or `staged` has no room for the next
   * packet. The columns are read into locals once: it is the hottest loop there is.
   * @returns the first row that was not looked at
   */
  stageRows(
    batch: PacketBatch,
    from: number,
    firstInterface: number,
    staged: Int32Array,
    most: number,
  ): number {
    const { bytes, start, capturedLength, linkType } = batch;
    const { seconds, nanoseconds, marks } = batch;
    const { books, contexts, filter, secret, verifiesChecksums } = this;
    const view = this.viewOf(bytes);
    this.staged = staged;
    const stagedBefore = this.stagedCount;
    // Nothing is staged, so no packet is under way that has a number out of use.
    if (this.stagedCount === 0) contexts.reclaim();
    let i = from;
    for (; i < batch.count && this.stagedCount < most; i += 1) {
      const first = start[i]!;
      const capturedEnd = first + capturedLength[i]!;
      if (filter !== undefined && !this.passes(filter, batch, i)) continue;
      this.moveClock(seconds[i]!, nanoseconds[i]!);
      const at = this.stagedCount * Staged.Size;
      const verifies = verifiesChecksums && (marks[i]! & PacketMark.ChecksumNotReady) === 0;
      if (
        linkType[i] === ETHERNET &&
        stagePlainFrame(bytes, view, first, capturedEnd, staged, at, secret, verifies)
      ) {
        books.flowed += 1;
        this.stageCapture(batch, i, firstInterface, at);
        continue;
      }
      this.stageDecoded(batch, i, firstInterface, first, capturedEnd);
    }
    if (batch.comments.length > 0) this.markCommented(batch, from, i, stagedBefore);
    return i;
  }

  /** Decodes a packet that is not a plain one, and stages what becomes of it. */
  private stageDecoded(
    batch: PacketBatch,
    i: number,
    firstInterface: number,
    first: number,
    capturedEnd: number,
  ): void {
    const { books, contexts } = this;
    const headers = this.layers[0]!;
    const wireEnd = first + batch.wireLength[i]!;
    const linkType = batch.linkType[i]!;
    const outcome = decodeFrame(batch.bytes, first, capturedEnd, wireEnd, linkType, headers);
    if (outcome !== Outcome.Flow) {
      this.countUnflowed(batch, i, outcome, headers);
      return;
    }
    books.flowed += 1;
    const hasTunnel = this.options.tunnels !== "outer" && headers.tunnelType !== 0;
    if (headers.vlanCount === 0 && !hasTunnel) {
      this.stage(batch, i, firstInterface, headers, 0);
      return;
    }
    contexts.begin(headers, this.options.useVlanKey);
    if (hasTunnel) this.stageLayers(batch, i, firstInterface, headers, capturedEnd);
    else this.stage(batch, i, firstInterface, headers, contexts.number());
  }

  private viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.viewed) {
      this.viewed = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.view;
  }

  /** Counts a batch whose rows were all staged. */
  endBatch(batch: PacketBatch): void {
    batch.comments.length = 0;
    this.books.read += batch.count;
    this.packetsBefore += batch.count;
  }

  /** Puts into the books what the capture itself says. */
  endCapture(source: CaptureSource): void {
    const { books } = this;
    if (this.clockSeconds >= 0) books.noteTime(this.clockSeconds, this.clockNanoseconds);
    books.files += source.counters.files;
    books.bytes += source.counters.bytes;
    books.sections += source.counters.sections;
    books.packetsWithoutTime += source.counters.packetsWithoutTime;
    books.timesClamped += source.counters.timesClamped;
    books.capturedOctets += source.counters.capturedOctets;
    books.inbound += source.counters.inbound;
    books.outbound += source.counters.outbound;
    books.byInterface.add(source);
    books.interfaces += source.interfaces.length;
    for (const { droppedPackets } of source.interfaces) {
      if (droppedPackets !== undefined) books.dropped = (books.dropped ?? 0) + droppedPackets;
    }
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

  private countUnflowed(
    batch: PacketBatch,
    i: number,
    outcome: number,
    headers: DecodedHeaders,
  ): void {
    const { books } = this;
    if (outcome === Outcome.NotIp) books.notIp[headers.etherType]! += 1;
    else if (outcome === Outcome.Malformed) this.countFault(books.malformed, batch, i, headers);
    else books.unsupportedLink[batch.linkType[i]! & 0xffff]! += 1;
  }

  /** Packets that lag behind the clock are counted; it never goes back. */
  private moveClock(seconds: number, nanoseconds: number): void {
    if (seconds === this.clockSeconds && nanoseconds >= this.clockNanoseconds) {
      this.clockNanoseconds = nanoseconds;
      return;
    }
    const { books } = this;
    if (seconds > this.clockSeconds) {
      this.clockSeconds = seconds;
      this.clockNanoseconds = nanoseconds;
    } else books.timeWentBackwards += 1;
    // Only a packet that is the first, or late, can be the earliest.
    books.noteTime(seconds, nanoseconds);
  }

  /** Follows a packet into its tunnels; what is broken inside belongs to the layer that holds it. */
  private stageLayers(
    batch: PacketBatch,
    i: number,
    firstInterface: number,
    outermost: DecodedHeaders,
    capturedEnd: number,
  ): void {
    let outer = outermost;
    const isBoth = this.options.tunnels === "both";
    // What follows of a fragmented tunnel packet has no inner header to be seen.
    if (outer.fragment !== Fragment.None && !isBoth) {
      this.joinFragment(outer, this.aroundFragment(outer, 0));
    }
    if (isBoth) this.stage(batch, i, firstInterface, outer, this.contexts.number());
    for (let depth = 1; depth <= TUNNEL_DEPTH && outer.tunnelType !== 0; depth += 1) {
      const inner = this.layers[depth]!;
      if (decodeTunnel(batch.bytes, outer, inner, capturedEnd) !== Outcome.Flow) {
        if (inner.fault !== 0) this.countFault(this.books.faults, batch, i, inner);
        break;
      }
      if (inner.hasMac === 0 && outer.hasMac !== 0) copyMac(outer, inner);
      this.contexts.addTunnel(outer);
      this.isInsideFragment ||= outer.fragment !== Fragment.None;
      if (this.options.useVlanKey) this.contexts.addVlans(inner);
      outer = inner;
      if (isBoth) {
        this.stage(batch, i, firstInterface, outer, this.contexts.number());
        this.books.extraLayers += 1;
      }
    }
    if (!isBoth) this.stage(batch, i, firstInterface, outer, this.contexts.number());
    this.isInsideFragment = false;
  }

  private stage(
    batch: PacketBatch,
    i: number,
    firstInterface: number,
    headers: DecodedHeaders,
    context: number,
  ): void {
    const { books, staged } = this;
    let datagramLength = 0;
    const isPart = headers.fragment !== Fragment.None && this.options.fragments !== "apart";
    if (headers.fragment !== Fragment.None) {
      const around = this.aroundFragment(headers, context);
      if (isPart) {
        datagramLength = this.fragments.addToDatagram(headers, around, this.clockSeconds);
      }
      this.joinFragment(headers, around);
    }
    // A wrong checksum is a fault as well, so it is looked for before faults are counted.
    const isReady = (batch.marks[i]! & PacketMark.ChecksumNotReady) === 0;
    const isBad = this.verifiesChecksums && isReady && findWrongChecksum(batch.bytes, headers);
    if (headers.fault !== 0) this.countFault(books.faults, batch, i, headers);
    if (headers.truncated !== 0) books.truncated += 1;
    let marks = 0;
    if (headers.hasPorts === 0) {
      books.noPorts += 1;
      if (headers.hasIcmp !== 0 && this.stageQuote(batch, i, headers, context))
        marks = Mark.Quoting;
    }
    const at = this.stagedCount * Staged.Size;
    stageHeaders(staged, at, headers, context, this.secret);
    if (isBad) marks |= Mark.BadChecksum;
    const isCut = headers.truncated !== 0 && !this.isInsideFragment;
    if (this.missesCutPayload && isCut) marks |= Mark.CutPayload;
    if (isPart) {
      marks |= Mark.PartOfDatagram;
      staged[at + Staged.DatagramLength] = datagramLength;
    }
    staged[at + Staged.Marks]! |= marks;
    this.stageCapture(batch, i, firstInterface, at);
  }

  /** What the capture says of a packet, and the clock. */
  private stageCapture(batch: PacketBatch, i: number, firstInterface: number, at: number): void {
    const { staged } = this;
    staged[at + Staged.Seconds] = batch.seconds[i]!;
    staged[at + Staged.Nanoseconds] = batch.nanoseconds[i]!;
    staged[at + Staged.ClockSeconds] = this.clockSeconds;
    staged[at + Staged.ClockNanoseconds] = this.clockNanoseconds;
    staged[at + Staged.WireLength] = batch.wireLength[i]!;
    staged[at + Staged.Ordinal] = this.packetsBefore + i + 1;
    staged[at + Staged.Interface] = Math.min(
      firstInterface + batch.interfaceIndex[i]!,
      LARGEST_INTERFACE,
    );
    this.stagedCount += 1;
  }

  /** Puts what an ICMP error quotes before it; the two lie in the same VLAN and tunnel. */
  private stageQuote(
    batch: PacketBatch,
    i: number,
    headers: DecodedHeaders,
    context: number,
  ): boolean {
    const { quoted, staged } = this;
    if (!quotesPacket(headers.protocol, headers.icmpType)) return false;
    const capturedEnd = batch.start[i]! + batch.capturedLength[i]!;
    if (!decodeIcmpQuote(batch.bytes, headers, capturedEnd, quoted)) return false;
    const at = this.stagedCount * Staged.Size;
    stageHeaders(staged, at, quoted, context, this.secret);
    staged[at + Staged.Marks] = Mark.Quote;
    staged[at + Staged.ClockSeconds] = this.clockSeconds;
    staged[at + Staged.ClockNanoseconds] = this.clockNanoseconds;
    this.stagedCount += 1;
    return true;
  }

  private countFault(
    bin: Float64Array,
    batch: PacketBatch,
    i: number,
    headers: DecodedHeaders,
  ): void {
    const { fault, faultOffset } = headers;
    bin[fault]! += 1;
    const { faultSamples } = this;
    if (faultSamples === undefined || !faultSamples.wants(fault)) return;
    faultSamples.add({
      ...this.originOf(i),
      fault,
      offset: faultOffset,
      values: faultValues(batch.bytes, headers),
    });
  }

  /** Marks the packets of rows `from` to `to` that have comments, where they were staged. */
  private markCommented(batch: PacketBatch, from: number, to: number, stagedBefore: number): void {
    const found = new Map<number, PacketComment[]>();
    for (const { row, text } of batch.comments) {
      if (row < from || row >= to) continue;
      const ordinal = this.packetsBefore + row + 1;
      const comment = { packet: this.originOf(row).packet, text };
      found.set(ordinal, [...(found.get(ordinal) ?? []), comment]);
    }
    if (found.size === 0) return;
    for (let i = stagedBefore; i < this.stagedCount; i += 1) {
      const comments = found.get(this.staged[i * Staged.Size + Staged.Ordinal]!);
      const isQuote = (this.staged[i * Staged.Size + Staged.Marks]! & Mark.Quote) !== 0;
      if (comments === undefined || isQuote) continue;
      this.staged[i * Staged.Size + Staged.Marks]! |= Mark.Commented;
      this.comments.set(this.staged[i * Staged.Size + Staged.Ordinal]!, comments);
    }
  }

  private originOf(row: number): PacketOrigin {
    const packet = this.packetsBefore - this.packetsBeforeCapture + row + 1;
    return this.origins?.originOf?.(row) ?? { capture: this.captureName, packet };
  }

  private joinFragment(headers: DecodedHeaders, around: number): void {
    this.books.fragments += 1;
    if (this.options.fragments === "apart") return;
    if (!this.fragments.join(headers, around, this.clockSeconds)) this.books.orphanFragments += 1;
  }

  /** What tells datagrams apart beside their own headers: the context inside a tunnel, else the VLANs. */
  private aroundFragment(headers: DecodedHeaders, context: number): number {
    if (headers !== this.layers[0]) return context;
    return this.options.useVlanKey ? vlansAround(headers) : 0;
  }
}

function copyMac(from: DecodedHeaders, to: DecodedHeaders): void {
  to.hasMac = 1;
  to.sourceMacHigh = from.sourceMacHigh;
  to.sourceMacLow = from.sourceMacLow;
  to.destinationMacHigh = from.destinationMacHigh;
  to.destinationMacLow = from.destinationMacLow;
}
