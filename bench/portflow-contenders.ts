import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/core/package-root.ts";
import type { Contender, RunPaths } from "./contender.ts";
import { lineCount } from "./peers.ts";

/**
 * portflow itself: with its records in a file, and with them thrown away.
 * @param extra - further arguments of `portflow read`
 */
export function portflowContenders(extra: readonly string[]): readonly Contender[] {
  const program = join(packageRoot(), "dist", "cli", "main.js");
  const args = (paths: RunPaths, ...output: readonly string[]): readonly string[] => [
    ...[program, "read", paths.capture, "--format", "ndjson", "--quiet"],
    ...["--stats", `${paths.folder}/stats.json`],
    ...output,
    ...extra,
  ];
  return [
    {
      name: "portflow",
      work: "tagged flows to an NDJSON file",
      needs: { file: program },
      exactFlows: true,
      command: (paths) => ({ program: process.execPath, args: args(paths, "-o", paths.file) }),
      destinations: ({ stderr }) => ({ stderr }),
      findings: async (paths) => ({
        ...statsFindings(paths),
        flows: await lineCount(paths.file),
      }),
    },
    {
      name: "portflow-null",
      work: "tagged flows as NDJSON to /dev/null",
      needs: { file: program },
      command: (paths) => ({ program: process.execPath, args: args(paths) }),
      destinations: ({ stderr }) => ({ stderr }),
      findings: async (paths) => statsFindings(paths),
    },
  ];
}

/** Packets read, by portflow's own books. */
function statsFindings({ folder }: RunPaths): { packets: number } {
  const stats = JSON.parse(readFileSync(`${folder}/stats.json`, "utf8")) as {
    packets: { read: number };
  };
  return { packets: stats.packets.read };
}
