import type { OpenOptions } from "../capture/open.ts";
import type { CaptureSource } from "../capture/source.ts";
import type { CaptureError } from "../core/errors.ts";
import type { Annotator } from "./annotator.ts";

/** Messages are let in this often where packets are read at once: that never waits for anything. */
export const BATCHES_PER_TURN = 16;

/** Told of a capture that can't be opened or read on, where others are read on. */
export type CaptureErrorHandler = (error: CaptureError) => void;

/** A capture to be read: opened when its turn comes. */
export type CaptureToRead = {
  /** Where it is, when another thread could open it; of several merged into one, where they are. */
  readonly paths?: readonly string[];
  /** Packets come as they are seen: flows age when none does, and records are not held back. */
  readonly isLive?: boolean;
  open(options?: OpenOptions, onError?: CaptureErrorHandler): Promise<CaptureSource>;
};

/** What is known of a capture while it is read; for a progress line. */
export type CaptureProgressView = {
  readonly name: string;
  readonly progress: CaptureSource["progress"];
};

/** Brings packets from captures to flows, in this thread or from another one. */
export type CaptureFeed = {
  readonly annotator: Annotator;
  /**
   * Reads a capture to its end, or until `stop`.
   * @param onError - told of each of several merged captures that fails; the others are read
   * @param next - will be read after it and a `restart`, so that another thread can begin with it
   * @throws CaptureError when it can't be opened or is damaged; what came before was handed on
   */
  read(capture: CaptureToRead, onError: CaptureErrorHandler, next?: CaptureToRead): Promise<void>;
  /** Begins a capture whose packets have nothing to do with those before. */
  restart(): void;
  /** Ends a read that is under way. */
  stop(): void;
  close(): Promise<void>;
};
