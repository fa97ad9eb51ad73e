import { readFileSync } from "node:fs";
import { UsageError } from "../core/errors.ts";
import { reasonOf } from "../core/reason-of.ts";

/**
 * A secret out of the environment or a file, never from the command line, where every user of the
 * machine could read it.
 * @param options - `NAME-env` names a variable, `NAME-file` a file
 * @returns undefined when neither is given
 * @throws UsageError when there is nothing in it
 */
export function secretOf(
  name: string,
  options: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const variable = options.get(`${name}-env`);
  const path = options.get(`${name}-file`);
  if (variable !== undefined) return present(environment[variable], `${name}-env=${variable}`);
  if (path !== undefined)
    return present(readTextFile(path, `${name}-file`), `${name}-file=${path}`);
  return undefined;
}

/** The text of a file that an option names, without white space around it. @throws UsageError */
export function readTextFile(path: string, option: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error: unknown) {
    throw new UsageError(
      "PF_OPTION_FILE",
      `${option}=${path}: can't be read: ${reasonOf(error)}`,
      error,
    );
  }
}

function present(value: string | undefined, option: string): string {
  if (value !== undefined && value !== "") return value;
  throw new UsageError("PF_NO_SECRET", `${option}: there is nothing in it`);
}
