import type { PacketBatch } from "../core/packet-batch.ts";
import { PacketMark } from "../core/packet-batch.ts";
import { socketProgram } from "./af-packet-filter.ts";
import {
  BLOCK_IS_KERNELS,
  BLOCK_IS_OURS,
  Block,
  Header,
  PacketStatus,
  Socket,
} from "./af-packet-layout.ts";
import { openRing, type PacketRing } from "./af-packet-ring.ts";
import {
  attachFilter,
  bindPacketSocket,
  makePromiscuous,
  openPacketSocket,
  setPacketOption,
  takeSocketError,
} from "./af-packet-socket.ts";
import { takeNone } from "./bpf-program.ts";
import { deviceLosses, deviceNumber } from "./device-facts.ts";
import {
  HARDWARE_ETHERNET,
  HARDWARE_LOOPBACK,
  linkChoice,
  linkTypeOfHardware,
} from "./hardware-type.ts";
import { type Libc, loadLibc } from "./libc.ts";
import { liveFailure } from "./live-failure.ts";
import {
  ANY_INTERFACE,
  type FanoutGroup,
  type FanoutMember,
  type LinkState,
  type LiveCounts,
  type LiveInterface,
  type LiveOptions,
} from "./live-interface.ts";
import type { CaptureInterface } from "./source.ts";

const LINK_ETHERNET = 1;
/** IFF_UP of linux/if.h. */
const FLAG_UP = 1;
const TAG_OCTETS = 4;
const ADDRESSES_OCTETS = 12;
const ETHER_TYPE_VLAN = 0x8100;
const INTERFACE_NAME_OCTETS = 16;

/**
 * Listens to an interface through a packet socket of Linux: the kernel writes packets into a ring of
 * blocks that both sides see, so none is copied again and no call is made for a packet.
 * @param name - a device, or `any` for all of them, those to come included
 * @throws CaptureError when it may not be listened to, is not there, or koffi is missing; UsageError for a
 *   filter that is none
 * @see packet(7)
 */
export function openAfPacket(name: string, options: LiveOptions): LiveInterface {
  return openMember(name, options, undefined);
}

/**
 * The same as a member of a group that shares the packets. No packet comes before `admit`, so that
 * every member can be there before the first does.
 */
export function openFanoutMember(
  name: string,
  options: LiveOptions,
  group: FanoutGroup,
): FanoutMember {
  return openMember(name, options, group);
}

function openMember(
  name: string,
  options: LiveOptions,
  group: FanoutGroup | undefined,
): FanoutMember {
  const libc = loadLibc(name);
  const isAny = name === ANY_INTERFACE;
  const index = isAny ? 0 : libc.interfaceIndex(name);
  if (index === 0 && !isAny) throw liveFailure(name, libc.lastError(), "no such interface");
  const hardware = isAny ? HARDWARE_ETHERNET : (deviceNumber(name, "type") ?? HARDWARE_ETHERNET);
  const descriptor = openPacketSocket(libc, name);
  let ring: PacketRing | undefined;
  try {
    const set = (option: number, value: number): void =>
      setPacketOption(libc, descriptor, name, option, new Uint8Array(Int32Array.of(value).buffer));
    set(Socket.Version, Socket.RingVersion3);
    // Room before each packet for the VLAN tag that the kernel takes out.
    set(Socket.Reserve, TAG_OCTETS);
    const isLoopback = hardware === HARDWARE_LOOPBACK;
    if (options.direction === "in" || (isLoopback && options.direction === "both")) {
      set(Socket.IgnoreOutgoing, 1);
    }
    const program = socketProgram(name, linkTypeOfHardware(hardware), options);
    attachFilter(libc, descriptor, name, group === undefined ? program : takeNone());
    ring = openRing(libc, descriptor, name, options.ringOctets);
    // Everything is in place before the first packet can come.
    bindPacketSocket(libc, descriptor, name, index);
    if (options.promiscuous && !isAny) makePromiscuous(libc, descriptor, name, index);
    if (group !== undefined) {
      const how = Socket.FanoutHash | (group.defragments ? Socket.FanoutDefragment : 0);
      set(Socket.Fanout, group.id | (how << 16));
    }
    return new AfPacket(libc, descriptor, ring, name, index, hardware, program);
  } catch (error: unknown) {
    ring?.release();
    libc.close(descriptor);
    throw error;
  }
}

class AfPacket implements FanoutMember {
  readonly name: string;
  readonly interfaces: CaptureInterface[] = [];
  taken = 0;
  octets = 0;
  linkState: LinkState = "up";
  trouble: string | undefined;

  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #ring: PacketRing;
  readonly #index: number;
  readonly #program: Uint8Array;
  readonly #poll: ReturnType<Libc["koffi"]["node"]["poll"]>;
  readonly #numbers = new Map<number, number>();
  readonly #lossesBefore: number | undefined;
  readonly #statuses: Int32Array;
  #onReady: (() => void) | undefined;
  #isListening = false;
  #isClosed = false;
  #block = 0;
  /** Packets of the block that were not taken yet, and where the next one is. */
  #left = 0;
  #next = 0;
  #holdsBlock = false;
  #received = 0;
  #dropped = 0;
  #interfaceDropped: number | undefined;

  constructor(
    libc: Libc,
    descriptor: number,
    ring: PacketRing,
    name: string,
    index: number,
    hardware: number,
    program: Uint8Array,
  ) {
    this.#libc = libc;
    this.#program = program;
    this.#descriptor = descriptor;
    this.#ring = ring;
    this.#index = index;
    this.name = name;
    this.#statuses = new Int32Array(ring.words.buffer);
    this.#lossesBefore = index === 0 ? undefined : deviceLosses(name);
    if (index !== 0) this.#addInterface(index, name, hardware);
    this.#poll = libc.koffi.node.poll(descriptor, { readable: true }, this.#onPoll);
    this.#poll.stop();
  }

  listen(onReady: () => void): void {
    this.#onReady = onReady;
    // Nobody tells that a link came up; packets do, and so does asking now and then.
    if (this.linkState === "down" && ((deviceNumber(this.name, "flags") ?? 0) & FLAG_UP) !== 0) {
      this.linkState = "up";
    }
    if (this.#isListening || this.#isClosed) return;
    this.#isListening = true;
    this.#poll.start({ readable: true }, this.#onPoll);
  }

  take(batch: PacketBatch): void {
    batch.count = 0;
    if (this.#isClosed) return;
    batch.bytes = this.#ring.octets;
    while (batch.count === 0 && this.#enterBlock()) {
      this.#takeRows(batch);
      if (this.#left === 0 && batch.count === 0) this.#leaveBlock();
    }
  }

  counts(): LiveCounts {
    if (!this.#isClosed) this.#readCounts();
    return {
      received: this.#received,
      dropped: this.#dropped,
      interfaceDropped: this.#interfaceDropped,
    };
  }

  admit(): void {
    if (!this.#isClosed) attachFilter(this.#libc, this.#descriptor, this.name, this.#program);
  }

  seal(): void {
    if (!this.#isClosed) attachFilter(this.#libc, this.#descriptor, this.name, takeNone());
  }

  get isDrained(): boolean {
    const { received, dropped } = this.counts();
    return this.#isClosed || this.taken >= (received ?? 0) - (dropped ?? 0);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#readCounts();
    this.#isClosed = true;
    this.#isListening = false;
    this.#poll.close();
    this.#ring.release();
    this.#libc.close(this.#descriptor);
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
      interfaceIndex[row] = this.#index === 0 ? this.#interfaceNumber(at, hardware) : 0;
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
    return this.#numbers.get(index) ?? this.#addInterface(index, undefined, hardware);
  }

  #addInterface(index: number, name: string | undefined, hardware: number): number {
    const number = this.interfaces.length;
    this.#numbers.set(index, number);
    this.interfaces.push({
      linkType: linkTypeOfHardware(hardware),
      name: name ?? this.#nameOf(index),
    });
    return number;
  }

  #nameOf(index: number): string {
    const octets = new Uint8Array(INTERFACE_NAME_OCTETS);
    if (this.#libc.interfaceName(index, octets) === null) return `interface ${index}`;
    return Buffer.from(octets.subarray(0, octets.indexOf(0))).toString("utf8");
  }

  /** By its number: it may have got another name. */
  #isThere(): boolean {
    return this.#libc.interfaceName(this.#index, new Uint8Array(INTERFACE_NAME_OCTETS)) !== null;
  }

  /** What the kernel counted since it was asked last; it forgets what it tells. */
  #readCounts(): void {
    const counts = new Uint32Array(3);
    const octets = new Uint8Array(counts.buffer);
    const length = new Uint8Array(Uint32Array.of(octets.length).buffer);
    const { LevelPacket, Statistics } = Socket;
    if (this.#libc.getsockopt(this.#descriptor, LevelPacket, Statistics, octets, length) === 0) {
      this.#received += counts[0]!;
      this.#dropped += counts[1]!;
    }
    if (this.#lossesBefore === undefined) return;
    const losses = deviceLosses(this.name);
    if (losses !== undefined) this.#interfaceDropped = Math.max(0, losses - this.#lossesBefore);
  }

  /** libuv stops a handle whose descriptor is in trouble: the first argument is then negative. */
  readonly #onPoll = (status: unknown): void => {
    if (this.#isClosed) return;
    this.#poll.stop();
    this.#isListening = false;
    if (typeof status === "number" && status < 0) this.#noteTrouble();
    else if (this.linkState === "down") this.linkState = "up";
    const onReady = this.#onReady;
    this.#onReady = undefined;
    onReady?.();
  };

  /** An interface that is down may come up again; one that was deleted does not. */
  #noteTrouble(): void {
    const error = takeSocketError(this.#libc, this.#descriptor);
    if (this.#index !== 0 && !this.#isThere()) {
      this.linkState = "gone";
      this.trouble = "the interface was deleted";
    } else if (error?.code === "ENETDOWN") this.linkState = "down";
    else if (error !== undefined) {
      this.linkState = "gone";
      this.trouble = `listening failed: ${error.text}`;
    }
  }
}
