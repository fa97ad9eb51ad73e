import { openCaptureBytes } from "./capture/open.ts";
import type { CaptureError } from "./core/errors.ts";
import { LineOutput } from "./delivery/line-output.ts";
import { DEFAULT_TIMEOUTS, type FlowTimeouts } from "./flow/ending/timeouts.ts";
import { MOST_FLOWS } from "./flow/table/flow-limits.ts";
import type { AnnotateOptions } from "./pipeline/annotator.ts";
import { Books } from "./pipeline/books/books.ts";
import type { CaptureToRead } from "./pipeline/capture-feed.ts";
import { LIVE_ACTIVE_TIMEOUT, type LiveFlowsOptions, liveFlows } from "./pipeline/capture-flows.ts";
import { flowMemory } from "./pipeline/flow-memory.ts";
import { captureAt } from "./pipeline/merged-capture.ts";
import { readCaptures } from "./pipeline/read-captures.ts";
import { recordsOfRun } from "./pipeline/records/records-of-run.ts";
import type {
  FragmentPolicy,
  StageOptions,
  TunnelPolicy,
} from "./pipeline/staging/stage-options.ts";
import { type PortRow, rowsAt } from "./service/port-rows.ts";
import { loadRegistry, type Registry } from "./service/registry.ts";
import { transportOfName } from "./service/transport.ts";
import type { FlowRecordJson } from "./sink/flow-record.ts";
import { newNdjsonSink } from "./sink/ndjson/ndjson.ts";
import type { Sink } from "./sink/sink.ts";

export type { PortRow } from "./service/port-rows.ts";
export type { FlowRecordJson } from "./sink/flow-record.ts";

/** What to read: a path, `-` for standard input, several of them, or the octets of one capture. */
export type FlowSource = string | readonly string[] | Uint8Array | AsyncIterable<Uint8Array>;

/** The same choices as the command line has; all have its defaults. */
export type ReadFlowsOptions = {
  /** Timeouts in nanoseconds; those left out keep their defaults. */
  readonly timeouts?: Partial<FlowTimeouts>;
  /** Concurrent flows at most. */
  readonly maxFlows?: number;
  /** Octets that the whole process may take: how many flows that makes is worked out from it. */
  readonly memory?: number;
  /** Whether VLAN ids are part of the flow key. */
  readonly vlanKey?: boolean;
  /** Whether tunnels are. */
  readonly tunnelKey?: boolean;
  readonly tunnels?: TunnelPolicy;
  /** Whether later IP fragments go to the flow of their first; `join` by default. */
  readonly fragments?: FragmentPolicy;
  /** Whether checksums are verified; true by default. */
  readonly checksums?: boolean;
  /** Path of a file with port rules of your own. */
  readonly services?: string;
  /** Seed of the Community ID, 0 to 65535. */
  readonly communityIdSeed?: number;
  /** Several captures are read as one, in the order of their packets' times. */
  readonly merge?: boolean;
  /** Whether comments on packets are kept with their flows. */
  readonly comments?: boolean;
  /** Gets the books, as `--stats` writes them, when everything is read. */
  readonly onStats?: (stats: object) => void;
};

/**
 * Reads captures into flow records, the same as `portflow read --format ndjson` writes. Records come
 * as flows end; leaving the loop ends the reading.
 * @throws CaptureError after the records of what was readable, when a capture is damaged
 */
export async function* readFlows(
  source: FlowSource,
  options: ReadFlowsOptions = {},
): AsyncGenerator<FlowRecordJson, void, undefined> {
  const started = performance.now();
  const books = new Books();
  const output = new LineOutput();
  const failures: CaptureError[] = [];
  const run = readCaptures(opensOf(source), {
    ...flowChoices(options),
    merge: options.merge ?? false,
    comments: options.comments ?? false,
    registry: registryOf(options),
    sink: ndjsonSink(options),
    output,
    books,
    onCaptureError: (error) => failures.push(error),
  });
  yield* recordsOfRun(output, run);
  options.onStats?.(books.toJson((performance.now() - started) / 1000, 0));
  if (failures[0] !== undefined) throw failures[0];
}

/** What `captureFlows` can be told: how to listen, and what `readFlows` can be told of flows. */
export type CaptureFlowsOptions = Omit<ReadFlowsOptions, "merge"> & LiveFlowsOptions;

/**
 * Listens to interfaces and yields flow records, the same as `portflow capture --format ndjson` writes.
 * Leaving the loop ends the capture; after `signal` is aborted the open flows come as interrupted.
 * @param interfaces - one or more devices, or `any`
 * @throws CaptureError when one can't be listened to; its message says what to do
 */
export async function* captureFlows(
  interfaces: string | readonly string[],
  options: CaptureFlowsOptions = {},
): AsyncGenerator<FlowRecordJson, void, undefined> {
  const names = typeof interfaces === "string" ? [interfaces] : interfaces;
  yield* liveFlows(
    names,
    options,
    {
      ...flowChoices(options),
      timeouts: { ...DEFAULT_TIMEOUTS, active: LIVE_ACTIVE_TIMEOUT, ...options.timeouts },
    },
    registryOf(options),
    ndjsonSink(options),
  );
}

let registry: Registry | undefined;

/**
 * Everything registered for a port, the row that names it first.
 * @param query - a port with its transport, such as `443/udp`
 * @throws RangeError when it is something else
 */
export function ports(query: string): readonly PortRow[] {
  const [, port = "", name = ""] = /^(\d{1,5})\/(\w+)$/.exec(query) ?? [];
  const transport = transportOfName(name);
  if (port === "" || transport < 0 || Number(port) > 65535) {
    throw new RangeError(`"${query}" is not a port with its transport, such as 443/udp`);
  }
  registry ??= loadRegistry();
  return rowsAt(registry, transport, Number(port));
}

function opensOf(source: FlowSource): CaptureToRead[] {
  if (typeof source === "string") return [captureAt(source)];
  if (source instanceof Uint8Array) return [{ open: () => openCaptureBytes(source, "capture") }];
  if (isList(source)) return source.map(captureAt);
  return [{ open: () => openCaptureBytes(source, "capture") }];
}

function isList(
  source: readonly string[] | AsyncIterable<Uint8Array>,
): source is readonly string[] {
  return Array.isArray(source);
}

/** How packets become flows, with the defaults for what is not said. */
function flowChoices(options: Omit<ReadFlowsOptions, "merge">): AnnotateOptions & StageOptions {
  return {
    timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts },
    maxFlows: Math.min(options.maxFlows ?? MOST_FLOWS, MOST_FLOWS),
    memory: options.memory === undefined ? Number.POSITIVE_INFINITY : flowMemory(options.memory, 0),
    useVlanKey: options.vlanKey ?? true,
    useTunnelKey: options.tunnelKey ?? true,
    tunnels: options.tunnels ?? "inner",
    fragments: options.fragments ?? "join",
    checksums: options.checksums ?? true,
  };
}

function registryOf({ services }: ReadFlowsOptions): Registry {
  return loadRegistry(services === undefined ? {} : { servicesFile: services });
}

function ndjsonSink({ communityIdSeed = 0 }: ReadFlowsOptions): Sink {
  return newNdjsonSink({ communityIdSeed, color: false, columns: 100 });
}
