import type { ResourceLimits } from "node:worker_threads";

/** Address of a thread's file beside the module that starts it, built or not. */
export function threadFile(name: string, besideUrl: string): URL {
  return new URL(`./${name}${besideUrl.endsWith(".ts") ? ".ts" : ".js"}`, besideUrl);
}

/**
 * Limits of a thread's heap. Next to nothing is allocated there for a packet or a flow, and a young
 * generation of Node's size would only be filled with garbage: 2 MB a thread.
 */
export const THREAD_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 3 };
