import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { PROGRAM } from "../support/run-portflow.ts";

const WEB = join(packageRoot(), "samples/web.pcapng");

function under(limit: string, options: string) {
  const text = `ulimit ${limit}; exec "${process.execPath}" "${PROGRAM}" read "${WEB}" -q ${options}`;
  return spawnSync("bash", ["-c", text], { timeout: 100_000, encoding: "utf8" });
}

describe.skipIf(process.platform !== "linux")("what the system does not give is no bug", () => {
  it("too few files: one line that says what to raise, whichever file is one too many", () => {
    const told: string[] = [];
    for (let files = 20; files <= 44; files += 1) {
      const { status, stderr } = under(`-n ${files}`, "--workers 2");
      // Below some number Node itself does not start.
      if (!stderr.includes("portflow:")) continue;
      expect(`${files}: ${stderr}`).not.toContain("a bug");
      expect(status === 2 || status === 3 || status === 4).toBe(true);
      told.push(stderr);
    }
    expect(told.length).toBeGreaterThan(0);
    for (const text of told) expect(text).toContain("raise `ulimit -n`");
  });

  it("too little memory", () => {
    const told = [900_000, 1_000_000, 1_100_000, 1_200_000]
      .map((kibibytes) => under(`-v ${kibibytes}`, ""))
      .filter(({ stderr }) => stderr.includes("portflow:"));
    for (const { status, stderr } of told) {
      expect(stderr).toMatch(/^portflow: the system gives no more memory \(.*\); .*\n$/);
      expect(status).toBe(2);
    }
  });
});

it("a file that is as large as the process may make one: the other outputs go on", () => {
  const folder = mkdtempSync(join(tmpdir(), "portflow-limits-"));
  const { status, stderr } = under("-f 4", `-o "${folder}/x" -o table:-`);
  expect(stderr).toContain(
    "x: can't be written: the file is as large as may be; raise `ulimit -f`, or rotate or compress; what was written is in ",
  );
  expect(status).toBe(4);
  rmSync(folder, { recursive: true });
});
