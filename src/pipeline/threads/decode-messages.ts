import { Staged } from "../../flow/packet/staged-packet.ts";
import type { PacketComment } from "../../flow/row/flow-extra.ts";
import type { BookCounts } from "../books/books.ts";
import type { FaultSample } from "../books/fault-samples.ts";
import type { PacketPlace } from "../staging/packet-rooms.ts";
import type { StageOptions } from "../staging/stage-options.ts";
import type { CaptureFailure } from "./capture-failure.ts";
import { type GroupRing, RING_GROUPS } from "./group-ring.ts";

// What the thread that reads and decodes and the one that keeps flows say to each other. Staged
// packets lie in shared memory, where a `GroupRing` says whose turn a piece of it is; messages tell the rest.

/**
 * Packets in a slot, 256 KiB: what one thread wrote is still in a cache when the other reads it. (16,384
 * packets, of which four slots go through memory: a sixth slower where flows are few. 1,024: a tenth
 * slower, for a message wakes the other thread, which costs 20 to 150 us where cores are few.)
 */
export const SLOT_PACKETS = 2048;
/** Words of a slot, with room for the layers of the last packet. */
const SLOT_WORDS: number = (SLOT_PACKETS + 16) * Staged.Size;
/** Words of all slots. */
export const SLOTS_WORDS: number = RING_GROUPS * SLOT_WORDS;

/** The slots, in these words. */
export function slotsIn(words: Int32Array): readonly Int32Array[] {
  return Array.from({ length: RING_GROUPS }, (_, i) =>
    words.subarray(i * SLOT_WORDS, (i + 1) * SLOT_WORDS),
  );
}

/** Given to the thread at its start. */
export type DecodeThreadData = {
  readonly place: PacketPlace;
  readonly ring: GroupRing["shared"];
  readonly secret: { readonly multiplier: number; readonly seed: number };
  readonly options: StageOptions;
  /** Faulty packets that are shown at most. */
  readonly faultSamples: number;
};

/** To the thread that decodes. */
export type DecodeRequest =
  /** After those asked for before. Several paths are merged into one capture. */
  | { readonly type: "read"; readonly paths: readonly string[] }
  /** The next capture's packets have nothing to do with those before. */
  | { readonly type: "restart" }
  /** The capture that is read ends with the batch it is at; the next ones have no packets. */
  | { readonly type: "stop" }
  /** Contexts that no flow used at the end of `epoch`. */
  | { readonly type: "unused"; readonly contexts: readonly number[]; readonly epoch: number };

/** From the thread that decodes: somebody waits for a group, and there is one. */
export type DecodeWake = { readonly type: "wake" };

/** From the thread that decodes, each between two groups. */
export type DecodeReply =
  | { readonly type: "opened"; readonly name: string; readonly octetsTotal: number | undefined }
  /** One of several merged captures can't be read on. */
  | { readonly type: "failed"; readonly failure: CaptureFailure }
  /** What the next group has beside its packets. */
  | {
      readonly type: "beside";
      /** Numbers that mean something new from this group on. */
      readonly contexts: readonly { readonly number: number; readonly words: Int32Array }[];
      /** Comments on packets of the group, by ordinal. */
      readonly comments: readonly (readonly [ordinal: number, readonly PacketComment[]])[];
      /** Names of interfaces met since the last group. */
      readonly interfaces: readonly (string | undefined)[];
    }
  | {
      /** The capture is at its end, or damaged. */
      readonly type: "end";
      readonly books: BookCounts;
      readonly faultSamples: readonly FaultSample[];
      readonly failure: CaptureFailure | undefined;
    };

/** A reply, and how many groups came before it, modulo 2^32. */
export type PlacedReply = { readonly reply: DecodeReply; readonly groups: number };
