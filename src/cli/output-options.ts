import { type Command, InvalidArgumentError, Option } from "commander";
import type { Retention } from "../delivery/rotated-name.ts";
import { parseDuration, parseSize, parseWhole } from "./options.ts";

/** What commander makes of the options about where records go. */
export type OutputOptions = {
  readonly format?: string;
  /** `[FORMAT:]DESTINATION`, each; empty for standard output. */
  readonly output: readonly string[];
  /** Octets. */
  readonly rotateSize?: number;
  /** Nanoseconds. */
  readonly rotateInterval?: number;
  readonly keep?: Retention;
  readonly onFull?: "wait" | "fail" | "drop";
};

/** Adds the options about where records go. */
export function addOutputOptions(command: Command): Command {
  return command
    .option(
      "-o, --output <[format:]destination>",
      'where records go, several times if you like: a file, which gets its name when complete, or "-"',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option(
      "--rotate-size <size>",
      "begin another file after this many octets, such as 100M",
      parseRotateSize,
    )
    .option(
      "--rotate-interval <duration>",
      "begin another file for each such span of packet time, such as 1h",
      parseDuration,
    )
    .option("--keep <n|duration>", "rotated files that stay: a number, or those of 7d", parseKeep)
    .addOption(
      new Option(
        "--on-full <what>",
        "when there is no room: wait, fail, or drop the oldest",
      ).choices(["wait", "fail", "drop"]),
    );
}

function parseRotateSize(text: string): number {
  const octets = parseSize(text);
  if (octets < 1) throw new InvalidArgumentError("a file must have room for a record");
  return octets;
}

/** `10` is a number of files, `7d` a duration. */
function parseKeep(text: string): Retention {
  if (/^\d+$/.test(text)) return { files: parseWhole(1, 1_000_000)(text) };
  return { microseconds: parseDuration(text) / 1000 };
}
