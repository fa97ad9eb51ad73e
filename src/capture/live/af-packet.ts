import type { PacketBatch } from "../../core/packet-batch.ts";
import type { CaptureInterface } from "../source.ts";
import { socketProgram } from "./af-packet-filter.ts";
import { Socket } from "./af-packet-layout.ts";
import { openRing, type PacketRing } from "./af-packet-ring.ts";
import { RingRows, TAG_OCTETS } from "./af-packet-rows.ts";
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
import { HARDWARE_ETHERNET, HARDWARE_LOOPBACK, linkTypeOfHardware } from "./hardware-type.ts";
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

/** IFF_UP of linux/if.h. */
const FLAG_UP = 1;
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
  linkState: LinkState = "up";
  trouble: string | undefined;

  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #ring: PacketRing;
  readonly #index: number;
  readonly #program: Uint8Array;
  readonly #poll: ReturnType<Libc["koffi"]["node"]["poll"]>;
  readonly #lossesBefore: number | undefined;
  readonly #rows: RingRows;
  #onReady: (() => void) | undefined;
  #isListening = false;
  #isClosed = false;
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
    this.#rows = new RingRows(ring, index, hardware, (device) =>
      device === index ? name : this.#nameOf(device),
    );
    this.#lossesBefore = index === 0 ? undefined : deviceLosses(name);
    this.#poll = libc.koffi.node.poll(descriptor, { readable: true }, this.#onPoll);
    this.#poll.stop();
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#rows.interfaces;
  }

  get taken(): number {
    return this.#rows.taken;
  }

  get octets(): number {
    return this.#rows.octets;
  }

  listen(onReady: () => void): void {
    this.#onReady = onReady;
    if (this.linkState === "down") this.#noteReturn();
    if (this.#isListening || this.#isClosed) return;
    this.#isListening = true;
    this.#poll.start({ readable: true }, this.#onPoll);
  }

  take(batch: PacketBatch): void {
    batch.count = 0;
    if (!this.#isClosed) this.#rows.take(batch);
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

  #nameOf(index: number): string {
    const octets = new Uint8Array(INTERFACE_NAME_OCTETS);
    if (this.#libc.interfaceName(index, octets) === null) return `interface ${index}`;
    return Buffer.from(octets.subarray(0, octets.indexOf(0))).toString("utf8");
  }

  /** By its number: it may have got another name. */
  #isThere(): boolean {
    return this.#libc.interfaceName(this.#index, new Uint8Array(INTERFACE_NAME_OCTETS)) !== null;
  }

  /**
   * Nobody tells that a link came up, nor that one which was down is deleted, and packets that wait may
   * be older than its going down: so it is asked now and then. Where Linux doesn't say, it is taken for up.
   */
  #noteReturn(): void {
    if (!this.#isThere()) this.#noteDeletion();
    else if (((deviceNumber(this.#nameOf(this.#index), "flags") ?? FLAG_UP) & FLAG_UP) !== 0) {
      this.linkState = "up";
    }
  }

  #noteDeletion(): void {
    this.linkState = "gone";
    this.trouble = "the interface was deleted";
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
    const losses = deviceLosses(this.#nameOf(this.#index));
    if (losses !== undefined) this.#interfaceDropped = Math.max(0, losses - this.#lossesBefore);
  }

  /** libuv stops a handle whose descriptor is in trouble: the first argument is then negative. */
  readonly #onPoll = (status: unknown): void => {
    if (this.#isClosed) return;
    this.#poll.stop();
    this.#isListening = false;
    if (typeof status === "number" && status < 0) this.#noteTrouble();
    const onReady = this.#onReady;
    this.#onReady = undefined;
    onReady?.();
  };

  /** An interface that is down may come up again; one that was deleted does not. */
  #noteTrouble(): void {
    const error = takeSocketError(this.#libc, this.#descriptor);
    if (this.#index !== 0 && !this.#isThere()) this.#noteDeletion();
    else if (error?.code === "ENETDOWN") this.linkState = "down";
    else if (error !== undefined) {
      this.linkState = "gone";
      this.trouble = `listening failed: ${error.text}`;
    }
  }
}
