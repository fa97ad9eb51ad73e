import {
  BATCH_CAPACITY,
  BATCH_OCTETS,
  newPacketBatch,
  type PacketBatch,
} from "../../core/packet-batch.ts";
import type { WebAssemblyMemory } from "../../core/web-assembly.ts";
import { VLAN_WORDS_BY_ID } from "../../flow/id/context-table.ts";
import { GrowableMemory } from "../../flow/row/growable-memory.ts";
import { TUNNEL_OF_PORT } from "../../wire/udp-tunnel.ts";
import { RowsTold } from "./plain-rows.ts";

/** Octets of a capture that are at hand, at most: two buffers that are read into in turn. */
const WINDOW_OCTETS = 5 << 19;
/** What vectors may read behind them. */
const BEHIND = 64;
const PORTS = 65536;
/** Words for rows to begin with. */
const ROW_WORDS = 1 << 16;
const TOLD_OCTETS = RowsTold.Size * 4;
const VLAN_OCTETS = VLAN_WORDS_BY_ID * 4;

/** Where packets are on their way into flows, as it may be given to another thread. */
export type PacketPlace = {
  readonly memory: WebAssemblyMemory | SharedArrayBuffer;
  /** First octet. */
  readonly at: number;
};

/** A memory for rows, with `PacketRooms` in it. */
export type PacketMemory = {
  readonly memory: GrowableMemory;
  readonly rooms: PacketRooms;
  /** Where they are. */
  readonly place: PacketPlace;
};

/** @param words - for staged packets */
export function newPacketMemory(words: number): PacketMemory {
  const batch = BATCH_CAPACITY * BATCH_OCTETS;
  const octets = TOLD_OCTETS + VLAN_OCTETS + PORTS + batch + words * 4 + WINDOW_OCTETS + BEHIND;
  const memory = new GrowableMemory(octets / 4 + ROW_WORDS);
  const place = { memory: memory.shared, at: memory.take(octets) };
  return { memory, rooms: new PacketRooms(place, words), place };
}

/**
 * What a packet passes on its way from a capture to its flow, side by side in one memory, in which
 * WebAssembly finds all of it: the window of the capture, the batch, staged packets.
 */
export class PacketRooms {
  /** Undefined where the memory is none of WebAssembly's. */
  readonly webAssembly: WebAssemblyMemory | undefined;
  /** See `stagePlainRows`. */
  readonly told: Int32Array;
  readonly vlans: Int32Array;
  readonly tunnelPorts: Uint8Array;
  readonly batch: PacketBatch;
  readonly staged: Int32Array;
  /** For the window of one capture at a time. */
  readonly window: Uint8Array;

  /** @param words - for staged packets */
  constructor({ memory, at }: PacketPlace, words: number) {
    const buffer = memory instanceof SharedArrayBuffer ? memory : memory.buffer;
    this.webAssembly = memory instanceof SharedArrayBuffer ? undefined : memory;
    let next = at;
    const take = (octets: number): number => {
      next += octets;
      return next - octets;
    };
    this.told = new Int32Array(buffer, take(TOLD_OCTETS), RowsTold.Size);
    this.vlans = new Int32Array(buffer, take(VLAN_OCTETS), VLAN_WORDS_BY_ID);
    this.tunnelPorts = new Uint8Array(buffer, take(PORTS), PORTS);
    this.batch = newPacketBatch(BATCH_CAPACITY, buffer, take(BATCH_CAPACITY * BATCH_OCTETS));
    this.staged = new Int32Array(buffer, take(words * 4), words);
    this.window = new Uint8Array(buffer, take(WINDOW_OCTETS), WINDOW_OCTETS);
    this.tunnelPorts.set(TUNNEL_OF_PORT);
  }

  /** Gives the window's octets again and again, as long as they are enough. */
  readonly allocate = (octets: number): Uint8Array =>
    octets <= this.window.length ? this.window.subarray(0, octets) : new Uint8Array(octets);
}
