import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SAMPLES } from "../scripts/samples/all.ts";
import { packageRoot } from "../src/core/package-root.ts";

const folder = join(packageRoot(), "samples");
const names = Object.keys(SAMPLES);

describe("samples", () => {
  it.each(names)("%s: the builder gives exactly the committed octets", (name) => {
    const built = Buffer.from(SAMPLES[name]!());
    const committed = readFileSync(join(folder, name));
    expect(built.equals(committed), "run npm run samples and read the difference").toBe(true);
  });

  it.each(names)("%s: smaller than 64 KiB", (name) => {
    expect(SAMPLES[name]!().length).toBeLessThan(64 * 1024);
  });

  it("the folder holds the builder's captures, settings for other programs, and nothing else", () => {
    const others = ["README.md", "siem", "systemd"];
    expect(readdirSync(folder).sort()).toEqual([...names, ...others].sort());
  });

  it("the README has a row with origin and licence for each", () => {
    const rows = readFileSync(join(folder, "README.md"), "utf8").split("\n");
    for (const name of names) {
      const row = rows.find((line) => line.startsWith(`| \`${name}\` |`));
      expect(row, name).toMatch(/\| `scripts\/samples\/make\.ts` \| MIT \|$/);
    }
  });
});
