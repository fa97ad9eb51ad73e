import type { LiveInterface, LiveOptions } from "../capture/live/live-interface.ts";
import { type Backend, defaultBackend, openLive } from "../capture/live/open-live.ts";
import { LineOutput } from "../delivery/line-output.ts";
import { SECOND } from "../flow/ending/timeouts.ts";
import type { Registry } from "../service/registry.ts";
import type { FlowRecordJson } from "../sink/flow-record.ts";
import type { Sink } from "../sink/sink.ts";
import type { AnnotateOptions } from "./annotator.ts";
import { Books } from "./books/books.ts";
import { LiveRun } from "./live/live-run.ts";
import { LocalTaker } from "./records/local-taker.ts";
import { recordsOfRun } from "./records/records-of-run.ts";
import type { StageOptions } from "./staging/stage-options.ts";

/** Flows of a live capture that last longer are told of in parts. */
export const LIVE_ACTIVE_TIMEOUT: number = 1800 * SECOND;

/** What is kept and how packets wait, where nothing else is said. */
const LIVE_DEFAULTS: Omit<LiveOptions, "filter"> = {
  snaplen: 262_144,
  promiscuous: true,
  ringOctets: 64 * 1024 ** 2,
  direction: "both",
};

/** A live capture for programs. */
export type LiveFlowsOptions = Partial<LiveOptions> & {
  readonly backend?: Backend;
  /** Ends the capture; open flows come as interrupted. */
  readonly signal?: AbortSignal;
  /** Packets after which it ends. */
  readonly packets?: number;
  /** Told of links that change, and of the clock. */
  readonly onNotice?: (notice: string) => void;
  readonly onStats?: (stats: object) => void;
};

/**
 * Listens to interfaces and yields flow records as flows end; leaving the loop ends the capture.
 * @throws CaptureError when an interface can't be listened to
 */
export async function* liveFlows(
  names: readonly string[],
  live: LiveFlowsOptions,
  flows: AnnotateOptions & StageOptions,
  registry: Registry,
  sink: Sink,
): AsyncGenerator<FlowRecordJson, void, undefined> {
  const started = performance.now();
  const interfaces: LiveInterface[] = [];
  const books = new Books();
  const output = new LineOutput();
  const interfaceNames: (string | undefined)[] = [];
  try {
    for (const name of names) {
      const options = { ...LIVE_DEFAULTS, ...live };
      interfaces.push(await openLive(name, live.backend ?? defaultBackend(), options));
    }
  } catch (error: unknown) {
    for (const one of interfaces) one.close();
    throw error;
  }
  const { filter: _, ...unfiltered } = flows;
  const run = new LiveRun(
    {
      ...unfiltered,
      interfaces,
      books,
      ...(live.signal === undefined ? {} : { signal: live.signal }),
      ...(live.packets === undefined ? {} : { packets: live.packets }),
      onNotice: live.onNotice ?? (() => undefined),
    },
    new LocalTaker(registry, sink, output, books.unknownPorts, interfaceNames),
    interfaceNames,
  );
  yield* recordsOfRun(output, run.run(), () => run.stop());
  live.onStats?.(books.toJson((performance.now() - started) / 1000, 0));
}
