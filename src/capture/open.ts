import type { Decompressors } from "./compression/compressed.ts";
import { compressionOf } from "./compression/compression.ts";
import { NAMED_BY, notACapture } from "./formats/not-a-capture.ts";
import { isPcapng } from "./formats/pcapng.ts";
import { formatOf, HEAD_LENGTH } from "./formats.ts";
import { ByteWindow } from "./input/byte-window.ts";
import { chunkOctets } from "./input/chunk-octets.ts";
import { unreadableCapture } from "./input/damage.ts";
import { openPath, openStandardInput } from "./input/file-input.ts";
import { type OctetReader, ReadFailure } from "./input/octet-reader.ts";
import { octetsAfterHead, readHead } from "./input/octets-after-head.ts";
import type { CaptureSource } from "./source.ts";

/** How to open a capture. */
export type OpenOptions = {
  /** What may decompress it; `any` when absent. */
  readonly decompressors?: Decompressors;
  /** Octets read at a time, where many captures are open at once. */
  readonly chunk?: number;
  /**
   * Gives so many octets for packets to be read into; memory of the source's own where left out. It
   * may give the same ones again when the source is closed.
   */
  readonly allocate?: (octets: number) => Uint8Array;
  /** Whether to read regular files at once, although the thread waits for the disk then. */
  readonly blocks?: boolean;
  /** Whether comments on packets are handed over with them. */
  readonly comments?: boolean;
};

/** More than what tells all formats apart is looked at only when it comes with the same read. */
const HEAD_MOST = 64;
/** Octets read at a time to look whether something is a capture. */
const LOOK_CHUNK = 1 << 12;
/** A file of so many octets is read before another thread has woken up to read it. */
const READ_AT_ONCE = 1 << 20;

/**
 * Opens a saved capture of any of the formats (`formats.ts`), plain or in gzip, zstd, lz4, xz or bzip2. The
 * content decides, not the name.
 * @param path - a file, a named pipe, or `-` for standard input
 * @throws CaptureError when it can't be opened or is no capture
 */
export async function openCapture(path: string, options: OpenOptions = {}): Promise<CaptureSource> {
  const octets = path === "-" ? await openStandardInput() : await openPath(path);
  return openOctets(path, octets, options);
}

/**
 * Opens a capture that is in memory or comes in chunks of any size.
 * @param chunks - not changed; read as packets are asked for
 * @param name - what to call it in messages
 * @throws CaptureError when it is no capture
 */
export async function openCaptureBytes(
  chunks: AsyncIterable<Uint8Array> | Uint8Array,
  name: string,
  options: OpenOptions = {},
): Promise<CaptureSource> {
  const octets = chunkOctets(chunks instanceof Uint8Array ? onceOnly(chunks) : chunks);
  return openOctets(name, octets, options);
}

/**
 * Opens a pcapng file, compressed or not, for its blocks instead of its packets.
 * @returns its octets, which whoever asked closes; undefined for anything else
 * @throws CaptureError when it can't be opened or decompressed
 */
export async function openPcapngOctets(path: string): Promise<OctetReader | undefined> {
  const { reader, head } = await decompressed(path, await openPath(path), {});
  if (isPcapng(head)) return reader;
  await reader.close();
  return undefined;
}

/**
 * True when these are the first octets of a capture, of a compressed one only after decompression.
 * @param octets - closed before this returns
 * @throws CaptureError when they can't be read or decompressed
 */
export async function holdsCapture(name: string, octets: OctetReader): Promise<boolean> {
  const { reader, head } = await decompressed(name, octets, {});
  try {
    const window = () => new ByteWindow(name, reader, { chunk: LOOK_CHUNK });
    return (await formatOf(head, window)) !== undefined;
  } finally {
    await reader.close();
  }
}

/**
 * Opens a capture whose octets come from anywhere.
 * @param octets - from the beginning; owned by the source from now on, closed when this throws
 * @throws CaptureError when it is no capture
 */
export async function openOctets(
  name: string,
  octets: OctetReader,
  options: OpenOptions = {},
): Promise<CaptureSource> {
  const { reader, head, size } = await decompressed(name, octets, options);
  const blocks = options.blocks === true || (size !== undefined && size <= READ_AT_ONCE);
  const window = new ByteWindow(name, reader, { ...options, blocks });
  window.size = size;
  try {
    const format = await formatOf(head, () => window);
    if (format === undefined) throw notACapture(name, await moreOf(head, window));
    return await format.open(window, reader, options);
  } catch (error: unknown) {
    await reader.close();
    throw error;
  }
}

/** As much of the beginning as it takes to say what it is; of what comes in small pieces no more is waited for. */
async function moreOf(head: Uint8Array, window: ByteWindow): Promise<Uint8Array> {
  if (head.length < HEAD_MOST) return head;
  await window.more(NAMED_BY);
  return window.bytes.subarray(window.position, window.end);
}

type Opened = {
  readonly reader: OctetReader;
  readonly head: Uint8Array;
  /** Octets of the capture, where it is a plain file. */
  readonly size?: number | undefined;
};

async function decompressed(
  name: string,
  octets: OctetReader,
  options: OpenOptions,
): Promise<Opened> {
  const outer = await lookAt(name, octets);
  const compression = compressionOf(outer.head);
  if (compression === undefined) return { ...outer, size: outer.reader.progress.octetsTotal };
  const { openCompressed } = await import("./compression/compressed.ts");
  return lookAt(name, await openCompressed(compression, name, outer.reader, options.decompressors));
}

/** The first octets, and a reader that still begins with them. */
async function lookAt(name: string, octets: OctetReader): Promise<Opened> {
  try {
    const head = await readHead(octets, HEAD_LENGTH, HEAD_MOST);
    return { reader: octetsAfterHead(head, octets), head };
  } catch (error: unknown) {
    await octets.close();
    throw error instanceof ReadFailure ? unreadableCapture(name, 0, error) : error;
  }
}

async function* onceOnly(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
