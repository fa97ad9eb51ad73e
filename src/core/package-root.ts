import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let cached: string | undefined;

/**
 * The folder that holds this package's `package.json`, and with it `data/` and `schema/`: the same
 * whether the code runs from `src` (tests), `dist` (installed) or a tool build. The bundled program has
 * a `package.json` beside it that only tells how to load it.
 */
export function packageRoot(): string {
  if (cached !== undefined) return cached;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "data", "iana.tsv"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("data/ of portflow not found above its own code");
    folder = parent;
  }
  cached = folder;
  return folder;
}
