import { UsageError } from "../core/errors.ts";

/**
 * Octets that a process takes beside its flows: Node, the code, the registry, the buffers of input
 * and output, and what the garbage collector has not given back yet. Measured as the peak of the
 * resident set over captures of a few flows; threads have heaps and buffers of their own.
 */
const PROCESS_OCTETS = 128 * 2 ** 20;
const PROCESS_OCTETS_THREADS = 224 * 2 ** 20;
/** For each thread that encodes beyond two. */
const MORE_OCTETS_ENCODER = 24 * 2 ** 20;
const ENCODERS = 2;
/** Less than this is not worth a run. */
const LEAST_FLOW_OCTETS = 16 * 2 ** 20;

/**
 * How much of a process's memory is left for flows.
 * @param memory - octets that the whole process may take
 * @param encoders - threads that encode; 0 where one thread does everything
 * @throws UsageError when that is too little for a process without flows
 */
export function flowMemory(memory: number, encoders: number): number {
  const more = Math.max(0, encoders - ENCODERS) * MORE_OCTETS_ENCODER;
  const process = encoders === 0 ? PROCESS_OCTETS : PROCESS_OCTETS_THREADS + more;
  const left = memory - process;
  if (left >= LEAST_FLOW_OCTETS) return left;
  const least = Math.ceil((process + LEAST_FLOW_OCTETS) / 2 ** 20);
  const given = memory < 2 ** 20 ? `${memory} octets` : `${Math.floor(memory / 2 ** 20)}M`;
  throw new UsageError(
    "PF_MEMORY_TOO_SMALL",
    `--memory ${given}: too little; ${least}M is the least${encoders > 0 ? ", or less with --workers 1" : ""}`,
  );
}
