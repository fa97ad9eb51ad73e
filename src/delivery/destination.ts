import { UsageError } from "../core/errors.ts";

/** Where the records of one `-o` go, and in which format. */
export type Destination = {
  /** As the user gave it, without the format. */
  readonly text: string;
  /** The format named in front of it, if any. */
  readonly format: string | undefined;
};

/**
 * Reads `[FORMAT:]DESTINATION`. What stands before the first colon is a format only if there is one
 * of that name, so `C:\flows` and `https://...` are destinations; `./csv:flows` is a file.
 */
export function parseDestination(text: string, formatNames: readonly string[]): Destination {
  const [, format, rest] = /^([a-z][a-z0-9-]*):(.*)$/s.exec(text) ?? [];
  const isFormat = format !== undefined && formatNames.includes(format);
  const destination = isFormat ? rest! : text;
  if (destination === "") {
    throw new UsageError("PF_NO_DESTINATION", `--output "${text}": names no destination`);
  }
  return { text: destination, format: isFormat ? format : undefined };
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
