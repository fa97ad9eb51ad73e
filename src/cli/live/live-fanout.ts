import { claimFanoutGroup } from "../../capture/live/fanout-group.ts";
import { ANY_INTERFACE } from "../../capture/live/live-interface.ts";
import type { Backend } from "../../capture/live/open-live.ts";
import { UsageError } from "../../core/errors.ts";
import { Books } from "../../pipeline/books/books.ts";
import { FanoutRun } from "../../pipeline/live/fanout-run.ts";
import type { Registry } from "../../service/registry.ts";
import { SEPARABLE_FORMATS } from "../../sink/separable-formats.ts";
import { registryFor } from "../options/registry-for.ts";
import { registryOptionsOf } from "../options/registry-options.ts";
import { planOutputs } from "../outputs/open-outputs.ts";
import { type CaptureOptions, runOptionsOf } from "./capture-options.ts";
import { openLiveOutputs } from "./live-outputs.ts";
import type { LiveSession } from "./live-session.ts";

/**
 * Starts the threads of `--fanout`; they have the interface open, but no packet is let in yet.
 * @throws UsageError for what does not go with it; CaptureError when the interface can't be listened to
 */
export async function startFanout(
  names: readonly string[],
  backend: Backend,
  options: CaptureOptions,
): Promise<FanoutRun> {
  const { fanout: threads = 1, filter, ringSize, snaplen, promiscuous, direction } = options;
  const [name = ""] = names;
  checkFanout(names, backend, options);
  // A mistake in the rules is told once, and before anything is opened.
  registryFor(options);
  const run = runOptionsOf(options);
  const defragments = options.fragments === "join";
  const group = claimFanoutGroup(name, defragments);
  const data = {
    interfaceName: name,
    live: {
      snaplen,
      promiscuous,
      direction,
      ringOctets: Math.ceil(ringSize / threads),
      ...(filter === undefined ? {} : { filter }),
    },
    group: { id: group.id, defragments },
    registry: registryOptionsOf(options),
    outputs: planOutputs(options).map(({ destination, format, sink }) => ({
      destination,
      format,
      sink,
    })),
    run: { ...run, maxFlows: Math.ceil(run.maxFlows / threads) },
  };
  try {
    return await FanoutRun.open(data, threads);
  } finally {
    // No packet is let in yet: what would have been its share goes to the members.
    group.release();
  }
}

/** A session of those threads, for those who watch and steer it; packets are let in. */
export async function newFanoutSession(
  run: FanoutRun,
  options: CaptureOptions,
  signal: AbortSignal,
  complain: (message: string) => void,
): Promise<LiveSession> {
  let registry = registryFor(options);
  const books = new Books();
  const outputs = await openLiveOutputs(options, complain);
  books.outputs = outputs.books;
  const started = performance.now();
  try {
    await run.admit({ books, outputs: outputs.records, signal, onNotice: complain });
  } catch (error: unknown) {
    outputs.abandon();
    throw error;
  }
  return {
    interfaces: [run],
    options,
    books,
    run,
    taker: {
      get registry(): Registry {
        return registry;
      },
      set registry(next: Registry) {
        registry = next;
        run.reload();
      },
    },
    tally: undefined,
    outputs,
    packetFiles: undefined,
    started,
  };
}

/** @throws UsageError for what does not go with several threads */
function checkFanout(names: readonly string[], backend: Backend, options: CaptureOptions): void {
  const refuse = (what: string): never => {
    throw new UsageError("PF_FANOUT_UNFIT", `--fanout: ${what}`);
  };
  if (backend !== "af-packet") refuse(`needs --backend af-packet, not ${backend}`);
  if (new Set(names).size > 1) refuse("takes one interface; run a portflow for each");
  if (names[0] === ANY_INTERFACE) refuse("takes one interface, not any");
  const { write, packets, showFaults, memory, rotateSize, rotateInterval, top } = options;
  const given = {
    top,
    "--write": write,
    "--packets": packets,
    "--show-faults": showFaults,
    "--memory": memory,
    "--rotate-size": rotateSize,
    "--rotate-interval": rotateInterval,
  };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) refuse(`does not go with ${name}; leave one of them out`);
  }
  for (const { destination, format, isNetwork } of planOutputs(options)) {
    if (isNetwork) {
      refuse(`${destination}: writes to files and standard output only; leave one of them out`);
    }
    if (!SEPARABLE_FORMATS.includes(format)) {
      const fit = SEPARABLE_FORMATS.join(", ");
      refuse(`the format ${format} needs all records in one thread; give one of ${fit}`);
    }
  }
}
