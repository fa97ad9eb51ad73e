import { type PacketBatch, PacketMark } from "../../core/packet-batch.ts";
import type { ContextTable } from "../../flow/id/context-table.ts";
import type { HashSecret } from "../../flow/packet/flow-hash.ts";
import { Mark, Staged, stageHeaders } from "../../flow/packet/staged-packet.ts";
import { findWrongChecksum } from "../../wire/checksum.ts";
import { copyMac } from "../../wire/copy-mac.ts";
import { decodeFrame, decodeTunnel } from "../../wire/decode.ts";
import {
  type DecodedHeaders,
  Fragment,
  newDecodedHeaders,
  Outcome,
} from "../../wire/decoded-headers.ts";
import { decodeIcmpQuote, quotesPacket } from "../../wire/icmp-quote.ts";
import { Tunnel } from "../../wire/tunnel.ts";
import type { Books } from "../books/books.ts";
import { DatagramHeads } from "./datagram-heads.ts";
import type { PacketFaults } from "./packet-faults.ts";
import { PacketFragments, vlansAround } from "./packet-fragments.ts";
import { notesTunnels, notesVlans, type StageOptions } from "./stage-options.ts";
import type { StagedPackets } from "./staged-packets.ts";
import { isIpv4ToZeek } from "./zeek-address.ts";
import { isWrongToZeek } from "./zeek-checksum.ts";
import { cutMarks, fateInZeek, lengthInZeek, takeEnds } from "./zeek-fate.ts";
import { isClosedToZeek, isMisfit } from "./zeek-tunnel.ts";

/** Tunnel layers followed at most. */
const TUNNEL_DEPTH = 8;
/** The same of Zeek: `Tunnel::max_depth`. */
const ZEEK_TUNNEL_DEPTH = 4;

/** Staged packets that one packet can become, with `--tunnels both` and what an ICMP error quotes. */
const LAYERS_PER_PACKET: number = TUNNEL_DEPTH + 2;

/** Words for so many staged packets, and for the layers of the last. */
export function stagedWords(packets: number): number {
  return (packets + LAYERS_PER_PACKET) * Staged.Size;
}

/**
 * The long way of a packet, whatever it is: decodes it, counts it in the books and, where it belongs to
 * a flow, stages it, its tunnels' layers, and what it quotes. It goes through the methods one packet at
 * a time; the fields say which one.
 */
export class LayerStager {
  private readonly options: StageOptions;
  private readonly zeekRules: boolean;
  private readonly mostDepth: number;
  /** Whether VLANs and tunnels are among what is noted of a packet's surroundings. */
  private readonly notesVlans: boolean;
  private readonly notesTunnels: boolean;
  private readonly contexts: ContextTable;
  private readonly staged: StagedPackets;
  private readonly faults: PacketFaults;
  private readonly fragments: PacketFragments;
  /** First fragments of tunnels' packets, where what is inside waits for the others. */
  private readonly heads: DatagramHeads | undefined;
  private readonly firstPiece = newDecodedHeaders();
  private readonly layers: DecodedHeaders[] = [];
  private readonly quoted = newDecodedHeaders();
  private books: Books;
  private batch: PacketBatch | undefined;
  private row = 0;
  /** Whether the capture has the packet's checksums, and they are verified. */
  private verifies = false;
  /** The octets that are being decoded, and the first that was not captured. */
  private octets: Uint8Array = new Uint8Array(0);
  private octetsEnd = 0;
  /** First octet of the packet that was not on the wire. */
  private frameEnd = 0;
  /** Whether what is staged lies in a fragment of a tunnel's packet: its rest is in the others. */
  private isInsideFragment = false;
  /** Whether Zeek goes no further than a layer around what is staged. */
  private isInsideLost = false;

  constructor(
    options: StageOptions,
    books: Books,
    contexts: ContextTable,
    secret: HashSecret,
    staged: StagedPackets,
    faults: PacketFaults,
  ) {
    this.options = options;
    this.zeekRules = options.zeekRules === true;
    this.mostDepth = this.zeekRules ? ZEEK_TUNNEL_DEPTH : TUNNEL_DEPTH;
    this.notesVlans = notesVlans(options);
    this.notesTunnels = notesTunnels(options);
    this.books = books;
    this.contexts = contexts;
    this.staged = staged;
    this.faults = faults;
    this.fragments = new PacketFragments(secret);
    const joins = options.fragments !== "apart" && options.tunnels !== "outer";
    this.heads = this.zeekRules && joins ? new DatagramHeads() : undefined;
    for (let i = 0; i < LAYERS_PER_PACKET; i += 1) this.layers.push(newDecodedHeaders());
  }

  /** Counts into other books from now on. */
  countInto(books: Books): void {
    this.books = books;
  }

  /** Forgets the fragments so far. */
  forgetFragments(): void {
    this.fragments.clear();
    this.heads?.clear();
  }

  /** Stages what becomes of a row of a batch; the clock has been moved. */
  stageRow(batch: PacketBatch, row: number): void {
    const { books, contexts } = this;
    const first = batch.start[row]!;
    const capturedEnd = first + batch.capturedLength[row]!;
    const wireEnd = first + batch.wireLength[row]!;
    const headers = this.layers[0]!;
    this.batch = batch;
    this.row = row;
    this.verifies =
      this.options.checksums && (batch.marks[row]! & PacketMark.ChecksumNotReady) === 0;
    this.octets = batch.bytes;
    this.octetsEnd = capturedEnd;
    this.frameEnd = Math.max(wireEnd, capturedEnd);
    this.isInsideFragment = false;
    this.isInsideLost = false;
    const linkType = batch.linkType[row]!;
    const outcome = decodeFrame(batch.bytes, first, capturedEnd, wireEnd, linkType, headers);
    if (outcome !== Outcome.Flow) {
      this.countUnflowed(outcome, linkType, headers);
      return;
    }
    books.flowed += 1;
    if (this.zeekRules) takeEnds(batch.bytes, headers);
    if (this.heads !== undefined && headers.fragment !== Fragment.None && headers.truncated === 0) {
      this.stageFragment(headers, linkType, this.heads);
      return;
    }
    const hasTunnel = this.options.tunnels !== "outer" && headers.tunnelType !== 0;
    if (headers.vlanCount === 0 && !hasTunnel) {
      this.stage(headers, 0);
      return;
    }
    contexts.begin(headers, this.notesVlans);
    if (hasTunnel) this.stageLayers(headers);
    else this.stage(headers, contexts.number());
  }

  private countUnflowed(outcome: number, linkType: number, headers: DecodedHeaders): void {
    const { books } = this;
    if (outcome === Outcome.NotIp) books.notIp[headers.etherType]! += 1;
    else if (outcome === Outcome.Malformed) this.countFault(books.malformed, headers);
    else books.unsupportedLink[linkType & 0xffff]! += 1;
  }

  /** Stages a packet that has a tunnel: what it carries, or that as well. */
  private stageLayers(outermost: DecodedHeaders): void {
    const isBoth = this.options.tunnels === "both";
    // What follows of a fragmented tunnel packet has no inner header to be seen.
    if (outermost.fragment !== Fragment.None && !isBoth) {
      this.joinFragment(outermost, this.aroundFragment(outermost, 0));
    }
    if (isBoth) this.stage(outermost, this.contexts.number());
    const innermost = this.followTunnels(outermost, isBoth);
    if (!isBoth) this.stage(innermost, this.contexts.number());
  }

  /**
   * A fragment by Zeek's rules: it counts outside of the tunnel, and what the first one showed of the
   * inside counts with the one that makes the datagram whole. Where only the inside is wanted, that one
   * counts nowhere else.
   */
  private stageFragment(headers: DecodedHeaders, linkType: number, heads: DatagramHeads): void {
    const { fragments, contexts, options, octets, octetsEnd, firstPiece } = this;
    const around = this.aroundFragment(headers, 0);
    const isLost = this.isLostInZeek(headers);
    const total = isLost ? 0 : fragments.addToDatagram(headers, around, this.staged.clockSeconds);
    const { datagram } = fragments;
    if (!isLost && fragments.isNewDatagram) heads.forget(datagram);
    if (!isLost && headers.tunnelType !== 0) {
      heads.keep(datagram, octets, headers.frameStart, octetsEnd, headers.wireEnd, linkType);
    }
    const head = total === 0 ? undefined : heads.of(datagram);
    const isBoth = options.tunnels === "both";
    contexts.begin(headers, this.notesVlans);
    if (head === undefined || isBoth) this.stage(headers, contexts.number(), total);
    if (head === undefined) return;
    decodeFrame(head.octets, 0, head.end, head.wireEnd, head.linkType, firstPiece);
    this.octets = head.octets;
    this.octetsEnd = head.end;
    const innermost = this.followTunnels(firstPiece, isBoth);
    if (isBoth) return;
    if (innermost !== firstPiece) {
      this.joinFragment(headers, around);
      this.stage(innermost, contexts.number());
      return;
    }
    // It is no tunnel after all.
    this.octets = octets;
    this.octetsEnd = octetsEnd;
    this.isInsideLost = false;
    this.stage(headers, contexts.number(), total);
  }

  /**
   * Follows a packet into its tunnels; what is broken inside belongs to the layer that holds it.
   * @param isBoth - whether each layer is staged on the way
   * @returns the innermost layer
   */
  private followTunnels(outermost: DecodedHeaders, isBoth: boolean): DecodedHeaders {
    let outer = outermost;
    let around: number = Tunnel.None;
    for (let depth = 1; depth <= this.mostDepth && outer.tunnelType !== 0; depth += 1) {
      const inner = this.layers[depth]!;
      if (this.zeekRules && isClosedToZeek(this.octets, outer, around)) break;
      // A layer that is staged tells by itself.
      if (this.zeekRules && !isBoth && outer !== this.firstPiece) {
        this.isInsideLost ||= this.isLostInZeek(outer);
      }
      if (decodeTunnel(this.octets, outer, inner, this.octetsEnd) !== Outcome.Flow) {
        if (inner.fault !== 0) this.countFault(this.books.faults, inner);
        break;
      }
      if (inner.hasMac === 0 && outer.hasMac !== 0) copyMac(outer, inner);
      this.isInsideFragment ||= outer.fragment !== Fragment.None;
      this.noteLayer(outer, inner);
      around = outer.tunnelType;
      outer = inner;
      if (isBoth) {
        this.stage(outer, this.contexts.number());
        this.books.extraLayers += 1;
      }
    }
    return outer;
  }

  /** Notes what lies around a layer; by Zeek's rules its ends may be others than its header names. */
  private noteLayer(outer: DecodedHeaders, inner: DecodedHeaders): void {
    if (this.notesTunnels) this.contexts.addTunnel(outer);
    if (this.notesVlans) this.contexts.addVlans(inner);
    if (!this.zeekRules) return;
    takeEnds(this.octets, inner);
    if (!this.isInsideFragment)
      this.isInsideLost ||= isMisfit(this.octets, outer, inner, this.octetsEnd);
  }

  /**
   * Stages one layer.
   * @param whole - IP length of the datagram that a fragment makes whole, 0 where it makes none; -1 where
   *   that is still to be found out
   */
  private stage(headers: DecodedHeaders, context: number, whole = -1): void {
    const { books, staged } = this;
    // A wrong checksum is a fault as well, so it is looked for before faults are counted.
    const isBad = this.isBad(headers);
    let marks = isBad ? Mark.BadChecksum : 0;
    const isCut = headers.truncated !== 0 && !this.isInsideFragment;
    if (this.zeekRules) marks |= this.fateOf(headers, isBad, isCut);
    if (headers !== this.layers[0] && this.options.tunnels === "both") marks |= Mark.Inside;
    // Zeek can't put together what was cut, and takes the first piece as it is.
    const isPart =
      headers.fragment !== Fragment.None &&
      this.options.fragments !== "apart" &&
      !(isCut && headers.fragment === Fragment.First);
    let datagramLength = Math.max(whole, 0);
    if (headers.fragment !== Fragment.None) {
      const around = this.aroundFragment(headers, context);
      if (isPart && whole < 0 && (marks & Mark.Unseen) === 0) {
        datagramLength = this.fragments.addToDatagram(headers, around, staged.clockSeconds);
      }
      this.joinFragment(headers, around);
    }
    if (headers.fault !== 0) this.countFault(books.faults, headers);
    if (headers.truncated !== 0) books.truncated += 1;
    if (headers.hasPorts === 0) {
      books.noPorts += 1;
      if (headers.hasIcmp !== 0 && this.stageQuote(headers, context)) marks |= Mark.Quoting;
    }
    const { words, next } = staged;
    this.writeHeaders(headers, context, this.options.spiKey);
    if (isPart) {
      marks |= Mark.PartOfDatagram;
      words[next + Staged.DatagramLength] = datagramLength;
    }
    words[next + Staged.Marks]! |= marks;
    if (this.zeekRules) words[next + Staged.IpLength] = lengthInZeek(this.octets, headers);
    staged.add(this.batch!, this.row);
  }

  /** Puts what an ICMP error quotes before it; the two lie in the same VLAN and tunnel. */
  private stageQuote(headers: DecodedHeaders, context: number): boolean {
    const { quoted, staged } = this;
    if (!quotesPacket(headers.protocol, headers.icmpType)) return false;
    if (!decodeIcmpQuote(this.octets, headers, this.octetsEnd, quoted)) return false;
    this.writeHeaders(quoted, context, false);
    staged.addQuote();
    return true;
  }

  /** Writes a layer's words behind what is staged. */
  private writeHeaders(headers: DecodedHeaders, context: number, bySpi?: boolean): void {
    const { words, next } = this.staged;
    const version = headers.ipVersion;
    if (this.zeekRules && isIpv4ToZeek(headers)) headers.ipVersion = 4;
    stageHeaders(words, next, headers, context, bySpi);
    headers.ipVersion = version;
  }

  /** Whether a checksum is wrong, as far as they are verified; notes the fault. */
  private isBad(headers: DecodedHeaders): boolean {
    if (!this.verifies) return false;
    if (findWrongChecksum(this.octets, headers)) return true;
    return this.zeekRules && isWrongToZeek(this.octets, headers);
  }

  /** What Zeek does with a layer, and with those inside it from then on. */
  private fateOf(headers: DecodedHeaders, isBad: boolean, isCut: boolean): number {
    const isLost = this.isInsideLost;
    // No fault, so nothing else tells of it.
    if (isBad && headers.fault === 0) this.books.wrongToZeek += 1;
    const fate = this.ownFateOf(headers);
    this.isInsideLost ||= isBad || fate !== 0;
    const cut = isCut ? cutMarks(headers) : 0;
    return cut | (isLost ? Mark.Unseen : fate);
  }

  /** Whether Zeek looks at nothing that a layer carries: it is broken, or its checksum is wrong. */
  private isLostInZeek(headers: DecodedHeaders): boolean {
    return this.isBad(headers) || this.ownFateOf(headers) !== 0;
  }

  private ownFateOf(headers: DecodedHeaders): number {
    return fateInZeek(this.octets, headers, this.wireEndOf(headers), this.options.checksums);
  }

  /** First octet that was not on the wire: of the frame, or of the tunnel that holds a layer. */
  private wireEndOf(headers: DecodedHeaders): number {
    // The rest of it is in the other fragments.
    if (this.isInsideFragment) return Number.MAX_SAFE_INTEGER;
    return headers === this.layers[0] ? this.frameEnd : headers.wireEnd;
  }

  private joinFragment(headers: DecodedHeaders, around: number): void {
    const { books, fragments, staged } = this;
    books.fragments += 1;
    if (this.options.fragments === "apart") return;
    if (!fragments.join(headers, around, staged.clockSeconds)) books.orphanFragments += 1;
  }

  /** What tells datagrams apart beside their own headers: the context inside a tunnel, else the VLANs. */
  private aroundFragment(headers: DecodedHeaders, context: number): number {
    if (!this.contexts.isKey) return 0;
    if (headers !== this.layers[0]) return context;
    return this.options.useVlanKey ? vlansAround(headers) : 0;
  }

  private countFault(bin: Float64Array, headers: DecodedHeaders): void {
    this.faults.count(bin, this.row, this.octets, headers);
  }
}
