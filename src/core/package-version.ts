import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package-root.ts";

let cached: string | undefined;

/** Version of this package, as its `package.json` has it. */
export function packageVersion(): string {
  if (cached === undefined) {
    const text = readFileSync(join(packageRoot(), "package.json"), "utf8");
    cached = String((JSON.parse(text) as { version: unknown }).version);
  }
  return cached;
}
