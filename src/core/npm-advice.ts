import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { packageRoot } from "./package-root.ts";

/**
 * The command that puts a package where this one finds it, beside it, or compiles it there. npm's global folder is no project
 * and has no `package.json`; a package of the current folder is not looked for from there.
 * @param root - the folder of this package
 */
export function npmAdvice(
  verb: "install" | "rebuild",
  name: string,
  root: string = packageRoot(),
): string {
  const folder = dirname(root);
  const isInstalled = basename(folder) === "node_modules";
  const isGlobal = isInstalled && !existsSync(join(dirname(folder), "package.json"));
  return `npm ${verb} ${isGlobal ? "-g " : ""}${name}`;
}
