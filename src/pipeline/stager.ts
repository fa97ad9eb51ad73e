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
import { DatagramHeads } from "./datagram-heads.ts";
import type { FaultSamples } from "./fault-samples.ts";
import { PacketFilter, Verdict } from "./packet-filter.ts";
import { PacketFragments, vlansAround } from "./packet-fragments.ts";
import { PlainFrame, stagePlainFrame } from "./plain-frame.ts";
import type { StageOptions } from "./stage-options.ts";
import { fateInZeek, lacksChecksum } from "./zeek-fate.ts";

/** Tunnel layers followed at most. */
const TUNNEL_DEPTH = 8;
const ETHERNET = 1;
const LARGEST_INTERFACE = 0xffff;

/** Staged packets that one packet can become, with `--tunnels both` and what an ICMP error quotes. */
export const LAYERS_PER_PACKET: number = TUNNEL_DEPTH + 2;

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
  private readonly zeekRules: boolean;
  /** Whether VLANs and tunnels are among what is noted of a packet's surroundings. */
  private readonly notesVlans: boolean;
  private readonly notesTunnels: boolean;
  /** Whether what is staged lies in a fragment of a tunnel's packet: its rest is in the others. */
  private isInsideFragment = false;
  private books: Books;
  private readonly contexts: ContextTable;
  private readonly secret: HashSecret;
  private readonly fragments: PacketFragments;
  /** First fragments of tunnels' packets, where what is inside waits for the others. */
  private readonly heads: DatagramHeads | undefined;
  private readonly firstPiece = newDecodedHeaders();
  private readonly filter: PacketFilter | undefined;
  private readonly layers: DecodedHeaders[] = [];
  private readonly quoted = newDecodedHeaders();
  private staged: Int32Array = new Int32Array(0);
  /** The octets that are being decoded, and the first that was not captured. */
  private octets: Uint8Array = new Uint8Array(0);
  private octetsEnd = 0;
  /** First octet of the packet that was not on the wire. */
  private frameEnd = 0;
  /** Whether Zeek goes no further than a layer around what is staged. */
  private isInsideLost = false;
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
    this.zeekRules = options.zeekRules === true;
    this.books = books;
    this.contexts = contexts;
    const isTold = options.tellsSurroundings === true;
    this.notesVlans = options.useVlanKey || isTold;
    this.notesTunnels = options.useTunnelKey !== false || isTold;
    contexts.isKey = !isTold;
    this.secret = secret;
    this.fragments = new PacketFragments(secret);
    const joins = options.fragments !== "apart" && options.tunnels !== "outer";
    this.heads = this.zeekRules && joins ? new DatagramHeads() : undefined;
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
    this.heads?.clear();
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
    const { bytes, start, capturedLength, wireLength, linkType } = batch;
    const { seconds, nanoseconds, marks } = batch;
    const { books, contexts, filter, secret, verifiesChecksums, zeekRules } = this;
    const vlans = this.notesVlans ? contexts : undefined;
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
      const wireEnd = first + wireLength[i]!;
      const plain =
        linkType[i] === ETHERNET
          ? stagePlainFrame(
              bytes,
              view,
              first,
              capturedEnd,
              wireEnd,
              staged,
              at,
              secret,
              verifies,
              vlans,
            )
          : PlainFrame.Other;
      // What Zeek does with a cut packet is not told by its headers alone.
      if (plain === PlainFrame.Whole || (plain === PlainFrame.Cut && !zeekRules)) {
        books.flowed += 1;
        if (plain === PlainFrame.Cut) books.truncated += 1;
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
    this.octets = batch.bytes;
    this.octetsEnd = capturedEnd;
    this.frameEnd = Math.max(wireEnd, capturedEnd);
    this.isInsideFragment = false;
    this.isInsideLost = false;
    const outcome = decodeFrame(batch.bytes, first, capturedEnd, wireEnd, linkType, headers);
    if (outcome !== Outcome.Flow) {
      this.countUnflowed(batch, i, outcome, headers);
      return;
    }
    books.flowed += 1;
    if (this.heads !== undefined && headers.fragment !== Fragment.None && headers.truncated === 0) {
      this.stageFragment(batch, i, firstInterface, headers, this.heads);
      return;
    }
    const hasTunnel = this.options.tunnels !== "outer" && headers.tunnelType !== 0;
    if (headers.vlanCount === 0 && !hasTunnel) {
      this.stage(batch, i, firstInterface, headers, 0);
      return;
    }
    contexts.begin(headers, this.notesVlans);
    if (hasTunnel) this.stageLayers(batch, i, firstInterface, headers);
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

  private countUnflowed(
    batch: PacketBatch,
    i: number,
    outcome: number,
    headers: DecodedHeaders,
  ): void {
    const { books } = this;
    if (outcome === Outcome.NotIp) books.notIp[headers.etherType]! += 1;
    else if (outcome === Outcome.Malformed) this.countFault(books.malformed, i, headers);
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

  /** Stages a packet that has a tunnel: what it carries, or that as well. */
  private stageLayers(
    batch: PacketBatch,
    i: number,
    firstInterface: number,
    outermost: DecodedHeaders,
  ): void {
    const isBoth = this.options.tunnels === "both";
    // What follows of a fragmented tunnel packet has no inner header to be seen.
    if (outermost.fragment !== Fragment.None && !isBoth) {
      this.joinFragment(outermost, this.aroundFragment(outermost, 0));
    }
    if (isBoth) this.stage(batch, i, firstInterface, outermost, this.contexts.number());
    const innermost = this.followTunnels(batch, i, firstInterface, outermost, isBoth);
    if (!isBoth) this.stage(batch, i, firstInterface, innermost, this.contexts.number());
  }

  /**
   * A fragment by Zeek's rules: it counts outside of the tunnel, and what the first one showed of the
   * inside counts with the one that makes the datagram whole. Where only the inside is wanted, that one
   * counts nowhere else.
   */
  private stageFragment(
    batch: PacketBatch,
    i: number,
    firstInterface: number,
    headers: DecodedHeaders,
    heads: DatagramHeads,
  ): void {
    const { fragments, contexts, options, octets, octetsEnd, firstPiece } = this;
    const around = this.aroundFragment(headers, 0);
    const isLost = this.isLostInZeek(batch, i, headers);
    const total = isLost ? 0 : fragments.addToDatagram(headers, around, this.clockSeconds);
    const { datagram } = fragments;
    if (!isLost && fragments.isNewDatagram) heads.forget(datagram);
    if (!isLost && headers.tunnelType !== 0) {
      const { frameStart, wireEnd } = headers;
      heads.keep(datagram, octets, frameStart, octetsEnd, wireEnd, batch.linkType[i]!);
    }
    const head = total === 0 ? undefined : heads.of(datagram);
    const isBoth = options.tunnels === "both";
    contexts.begin(headers, this.notesVlans);
    if (head === undefined || isBoth) {
      this.stage(batch, i, firstInterface, headers, contexts.number(), total);
    }
    if (head === undefined) return;
    decodeFrame(head.octets, 0, head.end, head.wireEnd, head.linkType, firstPiece);
    this.octets = head.octets;
    this.octetsEnd = head.end;
    const innermost = this.followTunnels(batch, i, firstInterface, firstPiece, isBoth);
    if (isBoth) return;
    if (innermost !== firstPiece) {
      this.joinFragment(headers, around);
      this.stage(batch, i, firstInterface, innermost, contexts.number());
      return;
    }
    // It is no tunnel after all.
    this.octets = octets;
    this.octetsEnd = octetsEnd;
    this.isInsideLost = false;
    this.stage(batch, i, firstInterface, headers, contexts.number(), total);
  }

  /**
   * Follows a packet into its tunnels; what is broken inside belongs to the layer that holds it.
   * @param isBoth - whether each layer is staged on the way
   * @returns the innermost layer
   */
  private followTunnels(
    batch: PacketBatch,
    i: number,
    firstInterface: number,
    outermost: DecodedHeaders,
    isBoth: boolean,
  ): DecodedHeaders {
    let outer = outermost;
    for (let depth = 1; depth <= TUNNEL_DEPTH && outer.tunnelType !== 0; depth += 1) {
      const inner = this.layers[depth]!;
      // A layer that is staged tells by itself.
      if (this.zeekRules && !isBoth && outer !== this.firstPiece) {
        this.isInsideLost ||= this.isLostInZeek(batch, i, outer);
      }
      if (decodeTunnel(this.octets, outer, inner, this.octetsEnd) !== Outcome.Flow) {
        if (inner.fault !== 0) this.countFault(this.books.faults, i, inner);
        break;
      }
      if (inner.hasMac === 0 && outer.hasMac !== 0) copyMac(outer, inner);
      if (this.notesTunnels) this.contexts.addTunnel(outer);
      this.isInsideFragment ||= outer.fragment !== Fragment.None;
      if (this.notesVlans) this.contexts.addVlans(inner);
      outer = inner;
      if (isBoth) {
        this.stage(batch, i, firstInterface, outer, this.contexts.number());
        this.books.extraLayers += 1;
      }
    }
    return outer;
  }

  /** Whether Zeek looks at nothing that a layer carries: it is broken, or its checksum is wrong. */
  private isLostInZeek(batch: PacketBatch, i: number, headers: DecodedHeaders): boolean {
    if (this.isBad(batch, i, headers)) return true;
    return fateInZeek(this.octets, headers, this.wireEndOf(headers), this.verifiesChecksums) !== 0;
  }

  /** First octet that was not on the wire: of the frame, or of the tunnel that holds a layer. */
  private wireEndOf(headers: DecodedHeaders): number {
    // The rest of it is in the other fragments.
    if (this.isInsideFragment) return Number.MAX_SAFE_INTEGER;
    return headers === this.layers[0] ? this.frameEnd : headers.wireEnd;
  }

  /** Whether a checksum is wrong, as far as they are verified; notes the fault. */
  private isBad(batch: PacketBatch, i: number, headers: DecodedHeaders): boolean {
    const isReady = (batch.marks[i]! & PacketMark.ChecksumNotReady) === 0;
    if (!this.verifiesChecksums || !isReady) return false;
    if (findWrongChecksum(this.octets, headers)) return true;
    return this.zeekRules && lacksChecksum(this.octets, headers);
  }

  private stage(
    batch: PacketBatch,
    i: number,
    firstInterface: number,
    headers: DecodedHeaders,
    context: number,
    whole = -1,
  ): void {
    const { books, staged } = this;
    // A wrong checksum is a fault as well, so it is looked for before faults are counted.
    const isBad = this.isBad(batch, i, headers);
    let marks = isBad ? Mark.BadChecksum : 0;
    if (this.zeekRules) marks |= this.fateOf(headers, isBad);
    const isCut = headers.truncated !== 0 && !this.isInsideFragment;
    if (this.zeekRules && isCut) marks |= Mark.CutPayload;
    if (this.isInside(headers)) marks |= Mark.Inside;
    // Zeek can't put together what was cut, and takes the first piece as it is.
    const isPart =
      headers.fragment !== Fragment.None &&
      this.options.fragments !== "apart" &&
      !(isCut && headers.fragment === Fragment.First);
    let datagramLength = Math.max(whole, 0);
    if (headers.fragment !== Fragment.None) {
      const around = this.aroundFragment(headers, context);
      if (isPart && whole < 0 && (marks & Mark.Unseen) === 0) {
        datagramLength = this.fragments.addToDatagram(headers, around, this.clockSeconds);
      }
      this.joinFragment(headers, around);
    }
    if (headers.fault !== 0) this.countFault(books.faults, i, headers);
    if (headers.truncated !== 0) books.truncated += 1;
    if (headers.hasPorts === 0) {
      books.noPorts += 1;
      if (headers.hasIcmp !== 0 && this.stageQuote(headers, context)) marks |= Mark.Quoting;
    }
    const at = this.stagedCount * Staged.Size;
    stageHeaders(staged, at, headers, context, this.secret, this.options.spiKey);
    if (isPart) {
      marks |= Mark.PartOfDatagram;
      staged[at + Staged.DatagramLength] = datagramLength;
    }
    staged[at + Staged.Marks]! |= marks;
    this.stageCapture(batch, i, firstInterface, at);
  }

  private isInside(headers: DecodedHeaders): boolean {
    return headers !== this.layers[0] && this.options.tunnels === "both";
  }

  /** What Zeek does with a layer, and with those inside it from then on. */
  private fateOf(headers: DecodedHeaders, isBad: boolean): number {
    const isLost = this.isInsideLost;
    const fate = fateInZeek(this.octets, headers, this.wireEndOf(headers), this.verifiesChecksums);
    this.isInsideLost ||= isBad || fate !== 0;
    return isLost ? Mark.Unseen : fate;
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
  private stageQuote(headers: DecodedHeaders, context: number): boolean {
    const { quoted, staged } = this;
    if (!quotesPacket(headers.protocol, headers.icmpType)) return false;
    if (!decodeIcmpQuote(this.octets, headers, this.octetsEnd, quoted)) return false;
    const at = this.stagedCount * Staged.Size;
    stageHeaders(staged, at, quoted, context, this.secret);
    staged[at + Staged.Marks] = Mark.Quote;
    staged[at + Staged.ClockSeconds] = this.clockSeconds;
    staged[at + Staged.ClockNanoseconds] = this.clockNanoseconds;
    this.stagedCount += 1;
    return true;
  }

  private countFault(bin: Float64Array, i: number, headers: DecodedHeaders): void {
    const { fault, faultOffset } = headers;
    bin[fault]! += 1;
    const { faultSamples } = this;
    if (faultSamples === undefined || !faultSamples.wants(fault)) return;
    faultSamples.add({
      ...this.originOf(i),
      fault,
      offset: faultOffset,
      values: faultValues(this.octets, headers),
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
    if (!this.contexts.isKey) return 0;
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
