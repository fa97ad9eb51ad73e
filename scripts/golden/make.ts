import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";

// Writes what the built program makes of every sample to test/golden/. Read the diff before it is
// committed: it is the review.

const FORMATS = ["ndjson", "csv", "table"];
const root = packageRoot();
const folder = join(root, "test", "golden");
mkdirSync(folder, { recursive: true });
for (const sample of readdirSync(join(root, "samples")).filter((name) =>
  /\.pcap(ng)?$/.test(name),
)) {
  for (const format of FORMATS) {
    writeFileSync(join(folder, `${sample}.${format}`), outputOf(sample, format));
  }
}

function outputOf(sample: string, format: string): Buffer {
  const args = [
    join(root, "dist", "cli", "main.js"),
    "read",
    join("samples", sample),
    "--format",
    format,
    "--quiet",
  ];
  try {
    return execFileSync(process.execPath, args, { cwd: root });
  } catch (error: unknown) {
    // A damaged sample exits with 3 after it has written what was readable.
    if (error instanceof Error && "status" in error && error.status === 3 && "stdout" in error) {
      return error.stdout as Buffer;
    }
    throw error;
  }
}
