import type { ResourceLimits } from "node:worker_threads";

/**
 * Limits of a thread's heap. Next to nothing is allocated there for a packet or a flow, and a young
 * generation of Node's size would only be filled with garbage: 2 MB a thread.
 */
export const THREAD_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 3 };
