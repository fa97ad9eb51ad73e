import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A module that every thread of a run of the built program loads first; with what the thread was given
 * as `data`.
 * @param folder - where it is written
 * @returns the environment of the run
 */
export function inThreads(
  folder: string,
  name: string,
  body: string,
): Readonly<Record<string, string>> {
  const path = join(folder, `${name}.cjs`);
  const thread =
    'const { isMainThread, parentPort: port, workerData: data } = require("node:worker_threads");';
  writeFileSync(path, `${thread}\nif (!isMainThread) { ${body} }\n`);
  return { NODE_OPTIONS: `--require=${path}` };
}
