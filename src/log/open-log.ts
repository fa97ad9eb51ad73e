import { openCompressed } from "../capture/compression/compressed.ts";
import { compressionOf } from "../capture/compression/compression.ts";
import { isPcap } from "../capture/formats/pcap-header.ts";
import { isPcapng } from "../capture/formats/pcapng.ts";
import { unreadableCapture } from "../capture/input/damage.ts";
import { openPath, openStandardInput } from "../capture/input/file-input.ts";
import { type OctetReader, ReadFailure } from "../capture/input/octet-reader.ts";
import { octetsAfterHead, readHead } from "../capture/input/octets-after-head.ts";
import { CaptureError } from "../core/errors.ts";
import { stoppableOctets } from "./stoppable-octets.ts";

/** Enough to know every compression and capture format by; more only when it comes with it. */
const HEAD_ENOUGH = 12;
const HEAD_MOST = 64;

/**
 * Opens a flow log: text, plain or in gzip, zstd, lz4, xz or bzip2. The content decides, not the name.
 * @param path - a file, a named pipe, or `-` for standard input
 * @param signal - ends the log where it is
 * @throws CaptureError when it can't be opened, or is a capture
 */
export function openLog(path: string, signal?: AbortSignal): Promise<OctetReader> {
  const opening = openWhole(path);
  return signal === undefined ? opening : stoppableOctets(opening, signal);
}

async function openWhole(path: string): Promise<OctetReader> {
  const octets = path === "-" ? await openStandardInput() : await openPath(path);
  const outer = await lookAt(path, octets);
  const compression = compressionOf(outer.head);
  const { head, reader } =
    compression === undefined
      ? outer
      : await lookAt(path, await openCompressed(compression, path, outer.reader));
  if (!isPcap(head) && !isPcapng(head)) return reader;
  await reader.close();
  throw new CaptureError(
    "PF_LOG_IS_CAPTURE",
    path,
    0,
    `${path}: is a capture and no flow log; use portflow read`,
  );
}

type Opened = { readonly head: Uint8Array; readonly reader: OctetReader };

/** The first octets, and a reader that still begins with them. */
async function lookAt(name: string, octets: OctetReader): Promise<Opened> {
  try {
    const head = await readHead(octets, HEAD_ENOUGH, HEAD_MOST);
    return { head, reader: octetsAfterHead(head, octets) };
  } catch (error: unknown) {
    await octets.close();
    throw error instanceof ReadFailure ? unreadableCapture(name, 0, error) : error;
  }
}
