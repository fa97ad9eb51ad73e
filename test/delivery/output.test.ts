import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openOutput } from "../../src/delivery/output.ts";

const folder = mkdtempSync(join(tmpdir(), "portflow-output-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("what a killed run of the same process number left stays", async () => {
  const path = join(folder, "flows.ndjson");
  const left = [`.flows.ndjson.${process.pid}.partial`, `.flows.ndjson.${process.pid}-2.partial`];
  for (const name of left) writeFileSync(join(folder, name), "of a killed run\n");
  const output = openOutput(path);
  await output.write(Buffer.from("ours\n"));
  expect(existsSync(path)).toBe(false);
  await output.close();
  expect(readFileSync(path, "utf8")).toBe("ours\n");
  for (const name of left) {
    expect(readFileSync(join(folder, name), "utf8")).toBe("of a killed run\n");
  }
  expect(readdirSync(folder).sort()).toEqual([...left, "flows.ndjson"].sort());
});

it("a folder that is not there is no name that is taken", () => {
  expect(() => openOutput(join(folder, "none", "flows"))).toThrow(/no such folder/);
});
