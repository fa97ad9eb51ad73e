import type { PacketBatch } from "../../core/packet-batch.ts";
import type { ByteWindow } from "../input/byte-window.ts";
import type { CaptureCounters } from "../source.ts";
import {
  BLOCK_TOTAL_LENGTH,
  Block,
  EnhancedPacket,
  leastLength,
  ObsoletePacket,
  roundUpLength,
  SimplePacket,
  TRAILER,
} from "./pcapng-block.ts";
import { type PacketOptions, readComments, readPacketOptions } from "./pcapng-options.ts";
import type { PcapngInterfaces, SectionInterface } from "./pcapng-section.ts";

/** A packet block with less beyond its packet has no option but the end of options. */
const LEAST_WITH_OPTION = EnhancedPacket.least + 4;
/** `epb_flags`, direction. */
const INBOUND = 1;
const OUTBOUND = 2;

/** Reads the packet blocks of a pcapng file into rows. */
export class PcapngPackets {
  /** Byte order of the section. */
  littleEndian = true;
  readonly #window: ByteWindow;
  readonly #interfaces: PcapngInterfaces;
  readonly #counters: CaptureCounters;
  readonly #keepsComments: boolean;
  readonly #options: PacketOptions = { direction: 0, drops: 0, hasComments: false };
  /** Time of the packet before, for blocks that have none. */
  #lastSeconds = 0;
  #lastNanoseconds = 0;

  /**
   * @param counters - the source's, counted on here
   * @param keepsComments - whether comments on packets are put into the batch
   */
  constructor(
    window: ByteWindow,
    interfaces: PcapngInterfaces,
    counters: CaptureCounters,
    keepsComments: boolean,
  ) {
    this.#keepsComments = keepsComments;
    this.#window = window;
    this.#interfaces = interfaces;
    this.#counters = counters;
  }

  /**
   * The hot loop: packet blocks that are whole and sound, up to the capacity of the batch. It stops
   * at everything else, so that packets are handed over before a fault in a later block is reported.
   */
  readRows(batch: PacketBatch): void {
    const window = this.#window;
    const { view, end } = window;
    const littleEndian = this.littleEndian;
    const { start, capturedLength, wireLength, linkType, interfaceIndex } = batch;
    const section = this.#interfaces.section;
    const capacity = start.length;
    let interfaceId = -1;
    let found: SectionInterface | undefined;
    let position = window.position;
    let row = 0;
    let octets = 0;
    batch.comments.length = 0;
    while (row < capacity && end - position >= SimplePacket.least) {
      if (view.getUint32(position, littleEndian) !== Block.EnhancedPacket) {
        const length = this.#readOldPacket(position, batch, row);
        if (length === 0) break;
        octets += capturedLength[row]!;
        row += 1;
        position += length;
        continue;
      }
      if (end - position < EnhancedPacket.least) break;
      const total = roundUpLength(view.getUint32(position + BLOCK_TOTAL_LENGTH, littleEndian));
      const captured = view.getUint32(position + EnhancedPacket.capturedLength, littleEndian);
      const id = view.getUint32(position + EnhancedPacket.interface, littleEndian);
      if (total > end - position || captured + EnhancedPacket.least > total) break;
      if (roundUpLength(view.getUint32(position + total - TRAILER, littleEndian)) !== total) break;
      if (id !== interfaceId) {
        found = section[id];
        interfaceId = id;
      }
      if (found === undefined) break;
      this.#counters.timesClamped += found.time.write(
        view.getUint32(position + EnhancedPacket.timeUpper, littleEndian),
        view.getUint32(position + EnhancedPacket.timeLower, littleEndian),
        batch,
        row,
      );
      start[row] = position + EnhancedPacket.data;
      capturedLength[row] = captured;
      wireLength[row] = view.getUint32(position + EnhancedPacket.wireLength, littleEndian);
      linkType[row] = found.linkType;
      interfaceIndex[row] = found.globalIndex;
      octets += captured;
      this.#readOptions(position, total, batch, row, found);
      row += 1;
      position += total;
    }
    this.#counters.capturedOctets += octets;
    batch.bytes = window.bytes;
    batch.count = row;
    window.position = position;
    if (row > 0) {
      this.#lastSeconds = batch.seconds[row - 1]!;
      this.#lastNanoseconds = batch.nanoseconds[row - 1]!;
    }
  }

  /**
   * Simple and obsolete packet blocks, for `readRows`.
   * @returns total length of the block, 0 when it is not a whole and sound packet block
   */
  #readOldPacket(position: number, batch: PacketBatch, row: number): number {
    const { view, end } = this.#window;
    const littleEndian = this.littleEndian;
    const type = view.getUint32(position, littleEndian);
    if (type !== Block.SimplePacket && type !== Block.Packet) return 0;
    const total = roundUpLength(view.getUint32(position + BLOCK_TOTAL_LENGTH, littleEndian));
    if (total > end - position || total < leastLength(type)) return 0;
    if (roundUpLength(view.getUint32(position + total - TRAILER, littleEndian)) !== total) return 0;
    if (this.fault(position, type, total) !== undefined) return 0;
    const simple = type === Block.SimplePacket;
    const found = this.#interfaceOf(position, type)!;
    batch.start[row] = position + (simple ? SimplePacket.data : EnhancedPacket.data);
    batch.capturedLength[row] = this.#capturedLength(position, type);
    batch.wireLength[row] = view.getUint32(
      position + (simple ? SimplePacket.wireLength : EnhancedPacket.wireLength),
      littleEndian,
    );
    batch.linkType[row] = found.linkType;
    batch.interfaceIndex[row] = found.globalIndex;
    if (simple) {
      this.#repeatTime(batch, row);
      return total;
    }
    this.#counters.timesClamped += found.time.write(
      view.getUint32(position + EnhancedPacket.timeUpper, littleEndian),
      view.getUint32(position + EnhancedPacket.timeLower, littleEndian),
      batch,
      row,
    );
    this.#interfaces.addObsoleteDrops(position, view, littleEndian);
    this.#readOptions(position, total, batch, row, found);
    return total;
  }

  /** Options of the packet in `row`; where there is none, nothing changes. */
  #readOptions(
    block: number,
    total: number,
    batch: PacketBatch,
    row: number,
    found: SectionInterface,
  ): void {
    if (total - batch.capturedLength[row]! < LEAST_WITH_OPTION) return;
    const { view } = this.#window;
    const options = this.#options;
    const start = block + EnhancedPacket.data + roundUpLength(batch.capturedLength[row]!);
    readPacketOptions(view, start, block + total - TRAILER, this.littleEndian, options);
    if (options.direction === INBOUND) this.#counters.inbound += 1;
    else if (options.direction === OUTBOUND) this.#counters.outbound += 1;
    if (options.drops > 0) this.#interfaces.addDrops(found, options.drops);
    if (!this.#keepsComments || !options.hasComments) return;
    const end = block + total - TRAILER;
    const { littleEndian } = this;
    for (const text of readComments({ view, start, end, littleEndian })) {
      batch.comments.push({ row, text });
    }
  }

  #repeatTime(batch: PacketBatch, row: number): void {
    batch.seconds[row] = row > 0 ? batch.seconds[row - 1]! : this.#lastSeconds;
    batch.nanoseconds[row] = row > 0 ? batch.nanoseconds[row - 1]! : this.#lastNanoseconds;
    this.#counters.packetsWithoutTime += 1;
  }

  /** What is wrong with a packet block whose total lengths are sound; undefined when nothing is. */
  fault(block: number, type: number, total: number): string | undefined {
    if (this.#interfaceOf(block, type) === undefined) {
      return `of interface ${this.#interfaceId(block, type)}, which the section does not describe,`;
    }
    const captured = this.#capturedLength(block, type);
    if (captured <= total - leastLength(type)) return undefined;
    return `of ${total} octets with ${captured} octets of packet`;
  }

  #interfaceOf(block: number, type: number): SectionInterface | undefined {
    return this.#interfaces.section[this.#interfaceId(block, type)];
  }

  #interfaceId(block: number, type: number): number {
    const { view } = this.#window;
    if (type === Block.SimplePacket) return 0;
    if (type === Block.Packet) {
      return view.getUint16(block + ObsoletePacket.interface, this.littleEndian);
    }
    return view.getUint32(block + EnhancedPacket.interface, this.littleEndian);
  }

  /** A simple packet block does not state it: the wire length, cut to the snaplen of interface 0. */
  #capturedLength(block: number, type: number): number {
    const { view } = this.#window;
    if (type !== Block.SimplePacket) {
      return view.getUint32(block + EnhancedPacket.capturedLength, this.littleEndian);
    }
    const wire = view.getUint32(block + SimplePacket.wireLength, this.littleEndian);
    const limit = this.#interfaces.section[0]!.snapLength;
    return limit === 0 ? wire : Math.min(wire, limit);
  }
}
