import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let cached: string | undefined;

/**
 * The folder that holds this package's `package.json`, and with it `data/` and `schema/`: the same
 * whether the code runs from `src` (tests), `dist` (installed) or a tool build.
 */
export function packageRoot(): string {
  if (cached !== undefined) return cached;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("package.json of portflow not found above its own code");
    folder = parent;
  }
  cached = folder;
  return folder;
}
