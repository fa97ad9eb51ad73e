import { type Command, InvalidArgumentError, Option } from "commander";
import type { Retention } from "../../delivery/rotated-name.ts";
import { SECOND } from "../../flow/ending/timeouts.ts";
import { parseDuration, parseSize, parseWhole } from "./options.ts";

const SPOOL_SIZE = 1 << 30;
const LEAST_SPOOL = 1 << 16;
const FLUSH_TIMEOUT = 30 * SECOND;

/** What commander makes of the options about where records go. */
export type OutputOptions = {
  readonly format?: string;
  /** `[FORMAT:]DESTINATION`, each; absent for standard output. */
  readonly output?: readonly string[];
  /** Octets. */
  readonly rotateSize?: number;
  /** Nanoseconds. */
  readonly rotateInterval?: number;
  readonly keep?: Retention;
  readonly onFull?: "wait" | "fail" | "drop";
  /** Folder for records that wait for the other end. */
  readonly spool?: string;
  /** Octets, for each output. */
  readonly spoolSize: number;
  /** Nanoseconds. */
  readonly flushTimeout: number;
};

/** Adds the options about where records go. */
export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup("Output:")
    .option(
      "-o, --output <[format:]destination>",
      'where records go, several times if you like: a file, "-", or a URL, see the readme',
      (text: string, before?: readonly string[]) => [...(before ?? []), text],
    )
    .option(
      "--rotate-size <size>",
      "begin another file after this many octets, such as 100M",
      parseRotateSize,
    )
    .option(
      "--rotate-interval <duration>",
      "begin another file for each such span of packet time, live of the clock, such as 1h",
      parseDuration,
    )
    .option("--keep <n|duration>", "rotated files that stay: a number, or those of 7d", parseKeep)
    .addOption(
      new Option(
        "--on-full <what>",
        "when there is no room: wait, fail, or drop the oldest",
      ).choices(["wait", "fail", "drop"]),
    )
    .option("--spool <folder>", "keep records on disk until the other end has them")
    .addOption(
      new Option("--spool-size <size>", "octets of spool for each output at most")
        .argParser(parseSpoolSize)
        .default(SPOOL_SIZE, "1G"),
    )
    .addOption(
      new Option("--flush-timeout <duration>", "wait so long for an other end that takes nothing")
        .argParser(parseDuration)
        .default(FLUSH_TIMEOUT, "30s"),
    )
    .optionsGroup("");
}

/** Whether the options ask for one file after the other. */
export function rotates(options: OutputOptions): boolean {
  return options.rotateSize !== undefined || options.rotateInterval !== undefined;
}

function parseSpoolSize(text: string): number {
  const octets = parseSize(text);
  if (octets < LEAST_SPOOL) throw new InvalidArgumentError("too little; 64K is the least");
  return octets;
}

function parseRotateSize(text: string): number {
  const octets = parseSize(text);
  if (octets < 1) throw new InvalidArgumentError("a file must have room for a record; write 100M");
  return octets;
}

/** `10` is a number of files, `7d` a duration. */
function parseKeep(text: string): Retention {
  if (/^\d+$/.test(text)) return { files: parseWhole(1, 1_000_000)(text) };
  return { microseconds: parseDuration(text) / 1000 };
}
