/**
 * Address of a module that is started by its file name: beside the one that starts it, which is source,
 * library or a part of the bundled program.
 */
export function moduleBeside(name: string, besideUrl: string): URL {
  const ending = besideUrl.endsWith(".ts") ? "ts" : besideUrl.endsWith(".cjs") ? "mjs" : "js";
  return new URL(`./${name}.${ending}`, besideUrl);
}
