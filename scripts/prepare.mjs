// Builds where nothing is built, or what is built is older than what it is made of. npm asks for this
// after `npm ci`, and again when `npx portflow` is run here for the first time: that is to answer at once.
import { execSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** What the build writes last. */
const BUILT = join(root, "dist", "cli", "compiled-by");
const MADE_OF = ["src", "scripts", "package.json", "package-lock.json", "tsconfig.json"];

/** Milliseconds since 1970 of the newest of these and of what is below them. @param {string[]} paths */
function newest(paths) {
  let time = 0;
  for (const path of paths) {
    const found = statSync(path);
    time = Math.max(time, found.mtimeMs);
    if (!found.isDirectory()) continue;
    time = Math.max(time, newest(readdirSync(path).map((name) => join(path, name))));
  }
  return time;
}

const isBuilt =
  existsSync(BUILT) && statSync(BUILT).mtimeMs >= newest(MADE_OF.map((name) => join(root, name)));
if (!isBuilt) execSync("npm run build", { cwd: root, stdio: "inherit" });
