import type { PacketBatch } from "../../core/packet-batch.ts";
import { PacketMark } from "../../core/packet-batch.ts";
import type { CaptureInterface } from "../source.ts";
import {
  BLOCK_IS_KERNELS,
  BLOCK_IS_OURS,
  Block,
  Header,
  PacketStatus,
} from "./af-packet-layout.ts";
import type { PacketRing } from "./af-packet-ring.ts";
import {
  HARDWARE_ETHERNET,
  HARDWARE_LOOPBACK,
  linkChoice,
  linkTypeOfHardware,
} from "./hardware-type.ts";

const LINK_ETHERNET = 1;
const ADDRESSES_OCTETS = 12;
const ETHER_TYPE_VLAN = 0x8100;

/** Octets of the VLAN tag that the kernel takes out: room for it is wanted before each packet. */
export const TAG_OCTETS = 4;

/** The packets of a ring, block by block, as rows of batches. */
export class RingRows {
  /** Interfaces that packets came from, by number. */
  readonly interfaces: CaptureInterface[] = [];
  /** Packets and their octets so far. */
  taken = 0;
  octets = 0;
  readonly #ring: PacketRing;
  readonly #isAny: boolean;
  readonly #nameOf: (index: number) => string;
  readonly #numbers = new Map<number, number>();
  readonly #statuses: Int32Array;
  #block = 0;
  /** Packets of the block that were not taken yet, and where the next one is. */
  #left = 0;
  #next = 0;
  #holdsBlock = false;

  /**
   * @param index - of the device that all packets come from, 0 where they come from any
   * @param hardware - of that device
   * @param nameOf - name of a device by its index
   */
  constructor(
    ring: PacketRing,
    index: number,
    hardware: number,
    nameOf: (index: number) => string,
  ) {
    this.#ring = ring;
    this.#isAny = index === 0;
    this.#nameOf = nameOf;
    this.#statuses = new Int32Array(ring.words.buffer);
    if (!this.#isAny) this.#addInterface(index, hardware);
  }

  /** Fills a batch with what is there; octets of packets stay in the ring, and are good until the next call. */
  take(batch: PacketBatch): void {
    batch.bytes = this.#ring.octets;
    while (batch.count === 0 && this.#enterBlock()) {
      this.#takeRows(batch);
      if (this.#left === 0 && batch.count === 0) this.#leaveBlock();
    }
  }

  /** Goes to the next block that has packets; the one before goes back to the kernel. */
  #enterBlock(): boolean {
    if (this.#holdsBlock && this.#left > 0) return true;
    if (this.#holdsBlock) this.#leaveBlock();
    const { words, blockOctets } = this.#ring;
    const base = this.#block * blockOctets;
    // An atomic read: what the kernel wrote before the status is seen after it.
    if ((Atomics.load(this.#statuses, (base + Block.Status) >>> 2) & BLOCK_IS_OURS) === 0) {
      return false;
    }
    this.#holdsBlock = true;
    this.#left = words[(base + Block.PacketCount) >>> 2]!;
    this.#next = base + words[(base + Block.FirstPacket) >>> 2]!;
    return true;
  }

  #leaveBlock(): void {
    const { blockOctets, blocks } = this.#ring;
    const status = (this.#block * blockOctets + Block.Status) >>> 2;
    Atomics.store(this.#statuses, status, BLOCK_IS_KERNELS);
    this.#holdsBlock = false;
    this.#block = (this.#block + 1) % blocks;
  }

  /** The hot loop: packets of the block, up to the capacity of the batch. */
  #takeRows(batch: PacketBatch): void {
    const { words, shorts } = this.#ring;
    const { start, capturedLength, wireLength, seconds, nanoseconds } = batch;
    const { linkType, interfaceIndex, marks } = batch;
    const count = Math.min(this.#left, start.length);
    let at = this.#next;
    let octets = 0;
    for (let row = 0; row < count; row += 1) {
      const word = at >>> 2;
      const status = words[word + (Header.Status >>> 2)]!;
      const hardware = shorts[(at + Header.Hardware) >>> 1]!;
      const wire = words[word + (Header.WireLength >>> 2)]!;
      seconds[row] = words[word + (Header.Seconds >>> 2)]!;
      nanoseconds[row] = words[word + (Header.Nanoseconds >>> 2)]!;
      start[row] = at + shorts[(at + Header.LinkHeader) >>> 1]!;
      capturedLength[row] = words[word + (Header.CapturedLength >>> 2)]!;
      wireLength[row] = wire;
      octets += wire;
      marks[row] = (status & PacketStatus.ChecksumNotReady) !== 0 ? PacketMark.ChecksumNotReady : 0;
      linkType[row] = LINK_ETHERNET;
      interfaceIndex[row] = this.#isAny ? this.#interfaceNumber(at, hardware) : 0;
      if (hardware !== HARDWARE_ETHERNET && hardware !== HARDWARE_LOOPBACK) {
        this.#takeOtherLink(batch, row, at, hardware);
      } else if ((status & PacketStatus.VlanValid) !== 0) this.#putTagBack(batch, row, at, status);
      at += words[word + (Header.NextPacket >>> 2)]!;
    }
    this.#next = at;
    this.#left -= count;
    this.taken += count;
    this.octets += octets;
    batch.count = count;
  }

  /** The kernel keeps the outer VLAN tag beside the packet; it goes back between addresses and type. */
  #putTagBack(batch: PacketBatch, row: number, at: number, status: number): void {
    const { octets, words, shorts } = this.#ring;
    const before = batch.start[row]!;
    const start = before - TAG_OCTETS;
    const tag = words[(at + Header.VlanTag) >>> 2]!;
    const hasType = (status & PacketStatus.VlanTypeValid) !== 0;
    const type = hasType ? shorts[(at + Header.VlanType) >>> 1]! : ETHER_TYPE_VLAN;
    octets.copyWithin(start, before, before + ADDRESSES_OCTETS);
    octets[start + 12] = type >>> 8;
    octets[start + 13] = type;
    octets[start + 14] = tag >>> 8;
    octets[start + 15] = tag;
    batch.start[row] = start;
    batch.capturedLength[row]! += TAG_OCTETS;
    batch.wireLength[row]! += TAG_OCTETS;
  }

  /** Neither Ethernet nor loopback. */
  #takeOtherLink(batch: PacketBatch, row: number, at: number, hardware: number): void {
    const { octets, shorts } = this.#ring;
    const protocol = (octets[at + Header.Protocol]! << 8) | octets[at + Header.Protocol + 1]!;
    const choice = linkChoice(hardware, protocol);
    batch.linkType[row] = choice.linkType;
    if (!choice.fromNetwork) return;
    const network = at + shorts[(at + Header.NetworkHeader) >>> 1]!;
    const skipped = Math.min(network - batch.start[row]!, batch.capturedLength[row]!);
    batch.start[row]! += skipped;
    batch.capturedLength[row]! -= skipped;
    batch.wireLength[row]! -= skipped;
  }

  /** Of `any`: the number of the interface that a packet came from. */
  #interfaceNumber(at: number, hardware: number): number {
    const index = this.#ring.words[(at + Header.InterfaceIndex) >>> 2]!;
    return this.#numbers.get(index) ?? this.#addInterface(index, hardware);
  }

  #addInterface(index: number, hardware: number): number {
    const number = this.interfaces.length;
    this.#numbers.set(index, number);
    this.interfaces.push({
      linkType: linkTypeOfHardware(hardware),
      name: this.#nameOf(index),
    });
    return number;
  }
}
