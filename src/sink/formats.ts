import { newNdjsonSink } from "./ndjson.ts";
import type { Sink, SinkOptions } from "./sink.ts";

/** Makers of sinks by format name; the order is that of the help text. */
export const formats: Readonly<Record<string, (options: SinkOptions) => Sink>> = {
  ndjson: newNdjsonSink,
};

/** The formats' names. */
export const formatNames: readonly string[] = Object.keys(formats);
