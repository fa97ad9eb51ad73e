import type {
  FanoutGroup,
  LinkState,
  LiveCounts,
  LiveOptions,
} from "../../capture/live/live-interface.ts";
import type { ExitCode } from "../../core/errors.ts";
import type { RegistryOptions } from "../../service/registry.ts";
import type { SinkOptions } from "../../sink/sink.ts";
import type { AnnotateOptions } from "../annotator.ts";
import type { RunCounts } from "../books/books.ts";
import type { UnknownPortsState } from "../books/unknown-ports.ts";
import type { StageOptions } from "../staging/stage-options.ts";

// What the threads that share an interface and the one that writes their records say to each other.

/** Chunks of an output that a thread may have on their way; it waits then, so memory stays bounded. */
export const CHUNKS_UNDER_WAY = 2;

/** Given to a thread at its start. */
export type FanoutThreadData = {
  readonly interfaceName: string;
  readonly live: LiveOptions;
  readonly group: FanoutGroup;
  readonly registry: RegistryOptions;
  /** The outputs, by number. */
  readonly outputs: readonly {
    readonly destination: string;
    readonly format: string;
    readonly sink: SinkOptions;
  }[];
  /** What a thread may take: its share of flows and memory. */
  readonly run: AnnotateOptions & StageOptions;
};

/** To a thread. */
export type FanoutRequest =
  /** Every member of the group is there: let packets in. */
  | { readonly type: "admit" }
  /** A chunk has been taken. */
  | { readonly type: "taken"; readonly output: number; readonly isClosed: boolean }
  /** The port rules are to be read again. */
  | { readonly type: "reload" }
  | { readonly type: "stop"; readonly isInterrupted: boolean }
  /** The run has failed: give the interface up and end. */
  | { readonly type: "close" };

/** What a thread has counted so far. */
export type FanoutReport = {
  readonly counts: RunCounts;
  readonly openFlows: number;
  readonly flowOctets: number;
  readonly taken: number;
  readonly octets: number;
  readonly linkState: LinkState;
  readonly trouble: string | undefined;
  readonly kernel: LiveCounts;
};

/** From a thread. */
export type FanoutReply =
  | { readonly type: "opened" }
  | { readonly type: "admitted" }
  /** Whole encoded records of an output. */
  | {
      readonly type: "records";
      readonly output: number;
      readonly octets: Uint8Array;
      readonly records: number;
    }
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "report"; readonly report: FanoutReport }
  | {
      readonly type: "ended";
      readonly report: FanoutReport;
      readonly unknownPorts: UnknownPortsState;
    }
  /** What the user has to be told went wrong. */
  | {
      readonly type: "failed";
      readonly exitCode: ExitCode;
      readonly code: string;
      readonly message: string;
    };
