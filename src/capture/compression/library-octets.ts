import { chunkOctets } from "../input/chunk-octets.ts";
import type { OctetReader } from "../input/octet-reader.ts";
import { compressionFailure } from "./compression.ts";

/** Small enough that a piece full of tiny frames does not exhaust the stack of fzstd, which recurses once a frame. */
const INPUT_OCTETS = 1 << 14;

/** What the zstd tool allows without being asked for more (`--memory`); fzstd would allow 2 GiB. */
const LARGEST_ZSTD_WINDOW = 2 ** 27;
/** Magic, descriptor, window, dictionary id and content size at their longest. RFC 8878 section 3.1.1.1 */
const ZSTD_FRAME_HEADER = 18;

/**
 * zstd where neither node:zlib nor the zstd tool has it: fzstd, a JavaScript library without
 * dependencies (280 MB/s decompressed on the main thread; checksums are not verified).
 * @param source - compressed octets; owned by the reader from now on
 */
export function libraryZstdOctets(source: OctetReader): OctetReader {
  return fromSource(zstdChunks(source), source);
}

/**
 * xz where the xz tool is missing: xz-decompress, the XZ Embedded decoder as WebAssembly, without
 * dependencies (37 MB/s decompressed; no SHA-256 checks, no BCJ filters).
 * @param source - compressed octets; owned by the reader from now on
 */
export function libraryXzOctets(source: OctetReader): OctetReader {
  return fromSource(xzChunks(source), source);
}

function fromSource(chunks: AsyncIterable<Uint8Array>, source: OctetReader): OctetReader {
  return chunkOctets(chunks, {
    progress: () => source.progress,
    release: () => source.close(),
  });
}

async function* zstdChunks(source: OctetReader): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import("fzstd");
  let output: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => {
    output.push(chunk);
  });
  let first = true;
  for (;;) {
    const piece = await readPiece(source, first ? ZSTD_FRAME_HEADER : 1);
    if (first && zstdWindow(piece) > LARGEST_ZSTD_WINDOW) {
      throw compressionFailure("zstd", "needs more than 128 MiB of memory; decompress it first");
    }
    first = false;
    let failure: unknown;
    try {
      decoder.push(piece, piece.length === 0);
    } catch (error: unknown) {
      failure = error;
    }
    yield* output;
    output = [];
    if (failure !== undefined) throw compressionFailure("zstd", reasonOf(failure), failure);
    if (piece.length === 0) return;
  }
}

async function* xzChunks(source: OctetReader): AsyncGenerator<Uint8Array> {
  const { default: library } = await import("xz-decompress");
  let sourceFailure: unknown;
  const compressed = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      try {
        const piece = await readPiece(source, 1);
        if (piece.length === 0) controller.close();
        else controller.enqueue(piece);
      } catch (error: unknown) {
        sourceFailure = error;
        controller.error(error);
      }
    },
  });
  try {
    yield* new library.XzReadableStream(compressed);
  } catch (error: unknown) {
    throw sourceFailure ?? compressionFailure("xz", reasonOf(error), error);
  }
}

/** A piece of its own, since both libraries may keep it; empty at the end. */
async function readPiece(source: OctetReader, least: number): Promise<Uint8Array> {
  const piece = new Uint8Array(INPUT_OCTETS);
  let filled = 0;
  while (filled < least) {
    const octets = await source.read(piece, filled, INPUT_OCTETS - filled);
    if (octets === 0) break;
    filled += octets;
  }
  return piece.subarray(0, filled);
}

/** Window size of the frame that `head` begins with, 0 when it states none. RFC 8878 section 3.1.1.1 */
function zstdWindow(head: Uint8Array): number {
  if (head.length < ZSTD_FRAME_HEADER || head[0] !== 0x28) return 0;
  const descriptor = head[4]!;
  if ((descriptor & 0x20) === 0) {
    const base = 2 ** (10 + (head[5]! >> 3));
    return base + (base / 8) * (head[5]! & 7);
  }
  // Single segment: the window is the whole content, whose size follows the dictionary id.
  const start = 5 + [0, 1, 2, 4][descriptor & 3]!;
  const length = [1, 2, 4, 8][descriptor >> 6]!;
  let size = 0;
  for (let index = length - 1; index >= 0; index -= 1) size = size * 256 + head[start + index]!;
  return length === 2 ? size + 256 : size;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
