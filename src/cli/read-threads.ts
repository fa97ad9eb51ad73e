import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { ReadThreads } from "../pipeline/read-captures.ts";
import type { StageOptions } from "../pipeline/stager.ts";
import { ThreadDecoder } from "../pipeline/thread-decoder.ts";
import { ThreadEncoders } from "../pipeline/thread-encoders.ts";
import type { RegistryOptions } from "../service/registry.ts";
import { SEPARABLE_FORMATS } from "../sink/separable-formats.ts";
import type { PlannedOutput } from "./open-outputs.ts";

/**
 * Octets of captures from which on threads pay for their start, which takes half a second of processor
 * time, most of it for compiling the same code in each. On two cores that is 100 MB of small packets
 * and 300 MB of full ones (measured); where others are idle it need not be waited for.
 */
const WORTH_THREADS_TWO_CORES = 1 << 27;
const WORTH_THREADS = 1 << 25;
/** Threads that encode, unless told otherwise: one that hands them rows can't keep more of them busy. */
const MOST_ENCODERS = 4;

/** One thread does everything. */
export const NO_ENCODERS: EncodersWorth = { most: 0, startsAll: false };

/** How many threads encode at most, and whether all of them are there from the start. */
export type EncodersWorth = { readonly most: number; readonly startsAll: boolean };

/**
 * How many threads encode, beside one that reads and one that keeps flows.
 * @param asked - by the user; 0 for as many as are worth it
 * @returns none where one thread does everything: when that is asked for, the captures are no regular
 *   files, or so small that threads don't pay for their start
 */
export function encodersWorth(paths: readonly string[], asked: number): EncodersWorth {
  if (asked === 1) return NO_ENCODERS;
  let octets = 0;
  for (const path of paths) {
    const found = path === "-" ? undefined : statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) return NO_ENCODERS;
    octets += found.size;
  }
  if (asked > 1) return { most: asked, startsAll: true };
  const cores = availableParallelism();
  const worth = cores === 2 ? WORTH_THREADS_TWO_CORES : WORTH_THREADS;
  if (cores === 1 || octets < worth) return NO_ENCODERS;
  // Two on two cores: those who read and keep flows are often idle when most records come, at the end.
  return { most: Math.min(MOST_ENCODERS, Math.max(2, cores - 2)), startsAll: false };
}

/**
 * Starts the threads of a run. They get ready while the run does.
 * @param plain - the run's single plain output; any other is encoded where flows are kept
 */
export function startThreads(
  { most, startsAll }: EncodersWorth,
  stage: StageOptions,
  mostSamples: number,
  plain: PlannedOutput | undefined,
  registry: RegistryOptions,
): ReadThreads {
  const decoder = new ThreadDecoder(stage, mostSamples);
  if (plain === undefined) return { decoder };
  const { format, sink } = plain;
  const threads = SEPARABLE_FORMATS.includes(format) ? most : 1;
  const recipe = { format, sink, registry };
  return { decoder, encoders: new ThreadEncoders(recipe, threads, { startsAll }) };
}

/** Ends them at once, if they have not ended. */
export async function closeThreads({ decoder, encoders }: ReadThreads): Promise<void> {
  await Promise.all([decoder.close(), encoders?.close()]);
}
