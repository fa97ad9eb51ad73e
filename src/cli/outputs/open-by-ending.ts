import { CompressedOutput, compressorFor } from "../../delivery/compressed-output.ts";
import { type Output, openOutput } from "../../delivery/output.ts";

/**
 * Opens an output that is compressed when its path ends in `.gz` or `.zst`.
 * @param path - a file, or `-` for standard output
 * @throws OutputError when it can't be opened; UsageError when this Node can't write that form
 */
export function openByEnding(path: string): Output {
  const makeCompressor = compressorFor(path);
  const file = openOutput(path);
  return makeCompressor === undefined ? file : new CompressedOutput(file, makeCompressor());
}
