import { realpathSync } from "node:fs";

/** Whether an output is one of the files that are read, by whatever path. */
export function isOneOf(paths: readonly string[], output: string): boolean {
  if (output === "-") return false;
  const place = placeOf(output);
  return place !== undefined && paths.some((path) => path !== "-" && placeOf(path) === place);
}

function placeOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
