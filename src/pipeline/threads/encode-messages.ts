import type { RegistryOptions } from "../../service/registry.ts";
import type { SinkOptions } from "../../sink/sink.ts";
import type { UnknownPortsState } from "../books/unknown-ports.ts";
import type { ToldExtra } from "./told-extra.ts";

// What the thread that keeps flows and those that encode records say to each other. Rows lie in slots
// of shared memory, each row behind the code of its end reason; the octets of a slot's records lie in
// memory that the thread shares. Messages only say whose turn a slot is.

/** Words of a slot's rows: some 1,300 rows of TCP, 2 ms of encoding. With a quarter, telling of it costs a tenth more. */
export const ROWS_WORDS: number = 1 << 16;
/** Records of a slot at most: the rows of lone SYNs are short, their records are not. */
export const SLOT_RECORDS = 1536;
/** Octets of a slot's records. What is never touched takes no memory, so it may be ample. */
export const RECORDS_OCTETS: number = 1 << 22;

/** How another thread can make the same records. */
export type EncodeRecipe = {
  readonly format: string;
  readonly sink: SinkOptions;
  readonly registry: RegistryOptions;
};

/** Given to a thread at its start. */
export type EncodeThreadData = EncodeRecipe & {
  /** `ROWS_WORDS` words for each slot. */
  readonly rows: SharedArrayBuffer;
  /** What the threads found out about ports, see service/facts.ts: no port costs more than one of them. */
  readonly facts: SharedArrayBuffer;
  /** It gets the first slot, and says what stands before the first record and after the last. */
  readonly isFirst: boolean;
};

/** To a thread that encodes. */
export type EncodeRequest =
  | {
      readonly type: "rows";
      readonly slot: number;
      readonly count: number;
      /** Words that the rows take. */
      readonly length: number;
      /** Records of the run before those of the slot. */
      readonly recordsBefore: number;
      /** Rare facts by offset of the row in the slot. */
      readonly extras: readonly (readonly [number, ToldExtra])[];
      /** What the context numbers in the slot mean. */
      readonly contexts: readonly (readonly [number, Int32Array])[];
      /** All names, when there are others than before. */
      readonly interfaceNames: readonly (string | undefined)[] | undefined;
    }
  | { readonly type: "finish" };

/** From a thread that encodes. */
export type EncodeReply =
  /** It has loaded what it needs. */
  | {
      readonly type: "ready";
      /** Shared memory for its records: `RECORDS_OCTETS` octets for each slot. */
      readonly records: readonly Uint8Array[];
    }
  | {
      readonly type: "encoded";
      readonly slot: number;
      /** Octets in the thread's memory for the slot. */
      readonly length: number;
      /** Where they did not fit the slot: all of them. */
      readonly moved: Uint8Array<ArrayBuffer> | undefined;
    }
  | {
      readonly type: "finished";
      /** What is left to write. */
      readonly octets: Uint8Array<ArrayBuffer>;
      readonly unknownPorts: UnknownPortsState;
    };
