import type { FlowExtra } from "../flow/flow-extra.ts";
import type { RegistryOptions } from "../service/registry.ts";
import type { SinkOptions } from "../sink/sink.ts";
import type { UnknownPortsState } from "./unknown-ports.ts";

// What the thread that keeps flows and the one that encodes records say to each other. Rows lie in
// shared memory, each behind the code of its end reason.

/** Words of a slot: some 1,300 rows of TCP. */
export const ENCODE_SLOT_WORDS: number = 1 << 16;
/** Slots: one is filled, one is encoded, the others even out the difference in speed. */
export const ENCODE_SLOTS = 4;

/** How another thread can make the same records. */
export type EncodeRecipe = {
  readonly format: string;
  readonly sink: SinkOptions;
  readonly registry: RegistryOptions;
};

/** Given to the thread at its start. */
export type EncodeThreadData = EncodeRecipe & {
  readonly memory: SharedArrayBuffer;
  /** Open descriptor of the output, and what to call it in messages. */
  readonly descriptor: number;
  readonly path: string;
};

/** To the thread that encodes. */
export type EncodeRequest =
  | {
      readonly type: "rows";
      readonly slot: number;
      readonly count: number;
      /** Rare facts by offset of the row in the slot. */
      readonly extras: readonly (readonly [number, FlowExtra])[];
      /** What the context numbers in the slot mean. */
      readonly contexts: readonly (readonly [number, Int32Array])[];
      /** All names, when there are others than before. */
      readonly interfaceNames: readonly (string | undefined)[] | undefined;
    }
  | { readonly type: "finish" };

/** From the thread that encodes. */
export type EncodeReply =
  /** A slot may be filled again. */
  | { readonly type: "free"; readonly slot: number; readonly isClosed: boolean }
  | { readonly type: "failed"; readonly code: string; readonly message: string }
  | {
      readonly type: "finished";
      readonly isClosed: boolean;
      readonly unknownPorts: UnknownPortsState;
    };
