/** What an output is compressed into. */
export type OutputCompression = "gzip" | "zstd";

const COMPRESSIONS: Readonly<Record<string, OutputCompression>> = { ".gz": "gzip", ".zst": "zstd" };
const FORMATS: Readonly<Record<string, string>> = {
  ".csv": "csv",
  ".tsv": "tsv",
  ".parquet": "parquet",
};

/** What an output of this name is compressed into; undefined for nothing. */
export function compressionByName(path: string): OutputCompression | undefined {
  return COMPRESSIONS[endingOf(path)];
}

/**
 * The format that a reader expects of a file of this name, compressed or not.
 * @returns undefined where the name tells none, or only what is the default anyway
 */
export function formatByName(path: string): string | undefined {
  const ending = endingOf(path);
  const isCompressed = COMPRESSIONS[ending] !== undefined;
  return FORMATS[isCompressed ? endingOf(path.slice(0, -ending.length)) : ending];
}

/** From the last dot on, in lower case. */
function endingOf(path: string): string {
  return /\.[a-z]+$/i.exec(path)?.[0].toLowerCase() ?? "";
}
