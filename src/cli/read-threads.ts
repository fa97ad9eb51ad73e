import type { ReadThreads } from "../pipeline/read-captures.ts";
import type { StageOptions } from "../pipeline/staging/stage-options.ts";
import { ThreadDecoder } from "../pipeline/threads/thread-decoder.ts";
import { ThreadEncoders } from "../pipeline/threads/thread-encoders.ts";
import type { RegistryOptions } from "../service/registry.ts";
import { SEPARABLE_FORMATS } from "../sink/separable-formats.ts";
import type { EncodersWorth } from "./encoders-worth.ts";
import type { PlannedOutput } from "./outputs/open-outputs.ts";

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
