import { CaptureError } from "../../core/errors.ts";
import { chunkOctets } from "../input/chunk-octets.ts";
import type { OctetReader } from "../input/octet-reader.ts";
import type { Compression } from "./compression.ts";
import { libraryXzOctets, libraryZstdOctets } from "./library-octets.ts";
import { toolOctets } from "./tool-octets.ts";
import { gzipOctets, hasZlibZstd, zstdOctets } from "./zlib-octets.ts";

/** `any`: the fastest at hand. `library`: no other process, for places where none may be started. */
export type Decompressors = "any" | "library";

/** Package that holds the tool of the same name, where it is not called like the tool. */
const PACKAGE: Record<Compression, { readonly debian: string; readonly homebrew: string }> = {
  gzip: { debian: "gzip", homebrew: "gzip" },
  zstd: { debian: "zstd", homebrew: "zstd" },
  lz4: { debian: "lz4", homebrew: "lz4" },
  xz: { debian: "xz-utils", homebrew: "xz" },
  bzip2: { debian: "bzip2", homebrew: "bzip2" },
};

/**
 * Decompresses in constant memory. gzip: node:zlib. zstd: node:zlib from Node 22.15 on, else the zstd
 * tool, else fzstd. xz: the xz tool, else xz-decompress. lz4 and bzip2: their tools only; there is no
 * library that streams and is kept up.
 * @param name - the capture, for messages
 * @param source - compressed octets; owned by the result from now on, closed when this throws
 * @throws CaptureError `PF_CAPTURE_TOOL` when the tool is needed and not installed
 */
export async function openCompressed(
  compression: Compression,
  name: string,
  source: OctetReader,
  decompressors: Decompressors = "any",
): Promise<OctetReader> {
  if (compression === "gzip") return decompressed(gzipOctets(source), source);
  if (compression === "zstd" && hasZlibZstd()) return decompressed(zstdOctets(source), source);
  if (decompressors === "any") {
    const reader = await toolOctets(compression, source);
    if (reader !== undefined) return reader;
  }
  if (compression === "zstd") return libraryZstdOctets(source);
  if (compression === "xz") return libraryXzOctets(source);
  await source.close();
  const { debian, homebrew } = PACKAGE[compression];
  throw new CaptureError(
    "PF_CAPTURE_TOOL",
    name,
    0,
    `${name}: ${compression} compressed, and the ${compression} tool is not installed; ` +
      `install it (Debian: apt install ${debian}, macOS: brew install ${homebrew})`,
  );
}

function decompressed(chunks: AsyncIterable<Uint8Array>, source: OctetReader): OctetReader {
  return chunkOctets(chunks, {
    progress: () => source.progress,
    release: () => source.close(),
  });
}
