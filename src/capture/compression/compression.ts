import { ReadFailure } from "../input/octet-reader.ts";

/** Compressions that are looked through. */
export type Compression = "gzip" | "zstd" | "lz4" | "xz" | "bzip2";

const BZH = [0x42, 0x5a, 0x68];
const LEVELS = [..."123456789"].map((level) => level.charCodeAt(0));

const MAGIC: readonly { readonly compression: Compression; readonly octets: readonly number[] }[] =
  [
    // RFC 1952 section 2.3.1; 8 is deflate, the only method there is.
    { compression: "gzip", octets: [0x1f, 0x8b, 0x08] },
    // RFC 8878 section 3.1.1
    { compression: "zstd", octets: [0x28, 0xb5, 0x2f, 0xfd] },
    // LZ4 frame format 1.6, and the legacy frame of the first lz4 tools.
    { compression: "lz4", octets: [0x04, 0x22, 0x4d, 0x18] },
    { compression: "lz4", octets: [0x02, 0x21, 0x4c, 0x18] },
    // The .xz file format 1.2, section 2.1.1
    { compression: "xz", octets: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
    // bzip2: "BZh", the level, and the digits of pi before a block, or of its root where there is none.
    ...LEVELS.map((level) => ({
      compression: "bzip2" as const,
      octets: [...BZH, level, 0x31, 0x41],
    })),
    ...LEVELS.map((level) => ({
      compression: "bzip2" as const,
      octets: [...BZH, level, 0x17, 0x72],
    })),
  ];

/** What `head` (6 octets or more, unless the file is shorter) is compressed with, by content and not by name. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  for (const { compression, octets } of MAGIC) {
    if (head.length >= octets.length && octets.every((octet, index) => head[index] === octet)) {
      return compression;
    }
  }
  // A skippable frame (RFC 8878 section 3.1.2) may come first; pzstd writes them, lz4 in theory only.
  return startsZstdFrame(head, 0, head.length) ? "zstd" : undefined;
}

/** True when a zstd frame, skippable or not, begins at `start`. */
export function startsZstdFrame(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 4) return false;
  const magic = new DataView(bytes.buffer, bytes.byteOffset + start, 4).getUint32(0, true);
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5;
}

/** Compressed data that can't be decompressed further; the reason is the decompressor's own. */
export function compressionFailure(
  compression: Compression,
  reason: string,
  cause?: unknown,
): ReadFailure {
  return new ReadFailure(
    "PF_CAPTURE_COMPRESSION",
    `${compression} data damaged or cut short (${reason})`,
    cause,
    " of the decompressed data",
  );
}
