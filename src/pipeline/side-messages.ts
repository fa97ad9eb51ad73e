import type { RegistryOptions } from "../service/registry.ts";
import type { SinkOptions } from "../sink/sink.ts";
import type { AnnotateOptions } from "./annotator.ts";
import type { BookCounts, FlowCounts } from "./books/books.ts";
import type { FaultSample } from "./books/fault-samples.ts";
import type { UnknownPortsState } from "./books/unknown-ports.ts";
import type { StageOptions } from "./staging/stage-options.ts";
import type { CaptureFailure } from "./threads/capture-failure.ts";

// What a thread that takes whole captures, one of several, and the one that writes their records say
// to each other.

/** Given to a thread at its start. */
export type SideThreadData = {
  readonly flows: AnnotateOptions & StageOptions;
  readonly registry: RegistryOptions;
  readonly format: string;
  readonly sink: SinkOptions;
  /** Faulty packets that are shown at most; undefined where none is. */
  readonly faultSamples: number | undefined;
  /** Octets of records that may be on their way; the thread waits then, so memory stays bounded. */
  readonly octetsUnderWay: number;
};

/** To a thread. */
export type SideRequest =
  /** After those asked for before. */
  | { readonly type: "read"; readonly capture: number; readonly path: string }
  /** So many octets of records have been written. */
  | { readonly type: "taken"; readonly octets: number }
  /** Open flows end as interrupted, and no capture is read on. */
  | { readonly type: "stop" }
  /** No capture is left. */
  | { readonly type: "finish" };

/** What a thread says of the capture of that number. */
export type SideReply = { readonly capture: number } & (
  | { readonly type: "progress"; readonly packetsRead: number; readonly octetsRead: number }
  /** Whole encoded records, or what stands before the first. */
  | { readonly type: "records"; readonly octets: Uint8Array }
  /** The capture is at its end, or damaged. */
  | {
      readonly type: "end";
      readonly counts: BookCounts;
      readonly faultSamples: readonly FaultSample[];
      readonly failure: CaptureFailure | undefined;
    }
);

/** What it says of all its captures, at its end. */
export type SideFinish = {
  readonly type: "finished";
  readonly counts: FlowCounts;
  readonly unknownPorts: UnknownPortsState;
};
