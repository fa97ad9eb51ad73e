import { openOutput } from "../../delivery/output.ts";

/**
 * Writes the books as one line of JSON.
 * @param path - a file, or `-` for stderr
 * @throws OutputError when it can't be written
 */
export async function writeStats(path: string, stats: object): Promise<void> {
  const output = openOutput(path, "stderr");
  try {
    await output.write(new TextEncoder().encode(`${JSON.stringify(stats)}\n`));
  } catch (error: unknown) {
    output.abandon();
    throw error;
  }
  await output.close();
}

/** Processor time of the process so far, all threads, seconds. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
