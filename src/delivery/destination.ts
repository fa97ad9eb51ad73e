import { UsageError } from "../core/errors.ts";

/** Where the records of one `-o` go, and in which format. */
export type Destination = {
  /** As the user gave it, without the format. */
  readonly text: string;
  /** The format named in front of it, if any. */
  readonly format: string | undefined;
  /** Whether it is a URL, or a socket by the name of `unix:`; a file else. */
  readonly isNetwork: boolean;
};

const NETWORK = /^(?:[a-z]+(?:\+[a-z]+)?:\/\/|unix:)/;
/** What looks like a format: no time (`flows-09:00`), no drive (`C:`). */
const WORD = /^[a-z]{2,}(?:-[a-z]+)*$/;

/** Whether a destination without its format is a URL, or a socket by the name of `unix:`; a file else. */
export function isOnNetwork(destination: string): boolean {
  return NETWORK.test(destination);
}

/**
 * Reads `[FORMAT:]DESTINATION`. `C:\flows`, `flows-09:00` and `https://...` are destinations;
 * `./csv:flows` is a file.
 * @throws UsageError when a word before the first colon is no format: it is a slip sooner than a file
 */
export function parseDestination(text: string, formatNames: readonly string[]): Destination {
  const [, format, rest] = /^([a-z][a-z0-9-]*):(.*)$/s.exec(text) ?? [];
  const isFormat = format !== undefined && formatNames.includes(format);
  const destination = isFormat ? rest! : text;
  if (destination === "") {
    throw new UsageError("PF_NO_DESTINATION", `--output "${text}": names no destination`);
  }
  const isNetwork = isOnNetwork(destination);
  if (!isFormat && !isNetwork && format !== undefined && WORD.test(format)) {
    throw new UsageError(
      "PF_NO_FORMAT",
      `--output "${text}": no format ${format}; give one of ${formatNames.join(", ")}, or ./${text} for a file of that name`,
    );
  }
  return { text: destination, format: isFormat ? format : undefined, isNetwork };
}

/**
 * Reads all of them.
 * @throws UsageError when two are the same
 */
export function parseDestinations(
  texts: readonly string[],
  formatNames: readonly string[],
): readonly Destination[] {
  const destinations = texts.map((text) => parseDestination(text, formatNames));
  const seen = new Set<string>();
  for (const { text } of destinations) {
    if (seen.has(text)) {
      throw new UsageError(
        "PF_SAME_OUTPUT",
        `--output ${text}: given twice; two outputs can't share a place`,
      );
    }
    seen.add(text);
  }
  return destinations;
}
