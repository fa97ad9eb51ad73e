import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { SideCapture } from "../pipeline/side-by-side.ts";
import { loadFormat } from "../sink/formats.ts";
import { SEPARABLE_FORMATS } from "../sink/separable-formats.ts";
import type { PlannedOutput } from "./outputs/open-outputs.ts";

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
const NO_ENCODERS: EncodersWorth = { most: 0, startsAll: false };

/** How many threads encode at most, and whether all of them are there from the start. */
export type EncodersWorth = { readonly most: number; readonly startsAll: boolean };

/** The sizes of captures, as they lie on the disk. @returns undefined unless all are regular files */
export function capturesOnDisk(paths: readonly string[]): readonly SideCapture[] | undefined {
  const captures: SideCapture[] = [];
  for (const path of paths) {
    const octets = path === "-" ? undefined : octetsOfFile(path);
    if (octets === undefined) return undefined;
    captures.push({ path, octets });
  }
  return captures;
}

/** @returns undefined for what is no file, and where the path leads nowhere: opening it tells */
function octetsOfFile(path: string): number | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() === true ? found.size : undefined;
  } catch {
    return undefined;
  }
}

/**
 * How many threads encode, beside one that reads and one that keeps flows.
 * @param captures - undefined where they are no regular files
 * @param asked - by the user; 0 for as many as are worth it
 * @returns none where one thread does everything: when that is asked for, the captures are no regular
 *   files, or so small that threads don't pay for their start
 */
export function encodersWorth(
  captures: readonly SideCapture[] | undefined,
  asked: number,
): EncodersWorth {
  if (asked === 1 || captures === undefined) return NO_ENCODERS;
  if (asked > 1) return { most: asked, startsAll: true };
  const octets = octetsOf(captures);
  const cores = availableParallelism();
  const worth = cores === 2 ? WORTH_THREADS_TWO_CORES : WORTH_THREADS;
  if (cores === 1 || octets < worth) return NO_ENCODERS;
  // Two on two cores: those who read and keep flows are often idle when most records come, at the end.
  return { most: Math.min(MOST_ENCODERS, Math.max(2, cores - 2)), startsAll: false };
}

function octetsOf(captures: readonly SideCapture[]): number {
  return captures.reduce((total, { octets }) => total + octets, 0);
}

/**
 * Octets of captures from which on they are read side by side, where more than two cores are there: a
 * pipeline keeps two busy, and on two neither way is faster (measured).
 */
const WORTH_ASIDE = 1 << 29;
/** A capture that is more of all keeps one thread busy when the others are done. */
const MOST_OF_ALL = 0.6;
/** The records of a bigger one would be too many to wait. */
const MOST_OCTETS_ASIDE = 2 ** 30;
/** Threads that read side by side, unless told otherwise: each takes some 100 MB, and they read one disk. */
const MOST_ASIDE = 4;

/** Threads that read captures side by side. */
export type Aside = {
  readonly captures: readonly SideCapture[];
  readonly threads: number;
  /** The run's single output. */
  readonly plain: PlannedOutput;
};

/**
 * Whether captures that have nothing to do with each other are read side by side.
 * @param encoders - what `encodersWorth` says of them
 * @param plain - the run's single plain output, if it has one
 * @returns undefined where they can't be, and where a pipeline of threads or one thread is better
 */
export async function asideWorth(
  captures: readonly SideCapture[] | undefined,
  encoders: EncodersWorth,
  plain: PlannedOutput | undefined,
): Promise<Aside | undefined> {
  if (encoders.most === 0 || captures === undefined || captures.length < 2) return undefined;
  // Where records are numbered, those of a capture depend on the ones before.
  if (plain === undefined || !SEPARABLE_FORMATS.includes(plain.format)) return undefined;
  const newSink = await loadFormat(plain.format);
  if (newSink(plain.sink).skip !== undefined) return undefined;
  if (encoders.startsAll) return { captures, threads: encoders.most, plain };
  const cores = availableParallelism();
  const all = octetsOf(captures);
  const biggest = Math.max(...captures.map(({ octets }) => octets));
  const isWorth = cores > 2 && all >= WORTH_ASIDE;
  if (!isWorth || biggest > Math.min(MOST_OCTETS_ASIDE, MOST_OF_ALL * all)) return undefined;
  return { captures, threads: Math.min(MOST_ASIDE, cores), plain };
}
