import type { ByteWindow } from "../input/byte-window.ts";
import type { OctetReader } from "../input/octet-reader.ts";
import type { CaptureSource } from "../source.ts";
import { NetmonFrames } from "./netmon-frames.ts";
import { ENTRY_LENGTH, NETMON_HEADER_LENGTH, readNetmonHeader } from "./netmon-header.ts";
import { NetmonInOrder } from "./netmon-in-order.ts";
import { NetmonListed } from "./netmon-listed.ts";

/**
 * Opens a capture of Microsoft's Network Monitor, 1.x or 2.x. Where the table of frames can be looked
 * up, in a plain file that has it, frames are read in its order; elsewhere as they lie, and the table
 * must then list just those.
 * Times are those of the clock on the capturing machine's wall, taken for UTC; from version 2.3 on each
 * frame has its own, in UTC.
 * @param window - at the file header; owned by the source from now on
 * @param octets - what the window reads, for its progress
 * @throws CaptureError when the header is cut short or of an unknown version
 */
export async function openNetmon(window: ByteWindow, octets: OctetReader): Promise<CaptureSource> {
  const header = await readNetmonHeader(window);
  const frames = new NetmonFrames(header);
  const { tableOffset, tableLength } = header;
  const isListed =
    octets.readAt !== undefined &&
    tableOffset >= NETMON_HEADER_LENGTH &&
    tableOffset + tableLength <= (window.size ?? 0) &&
    tableLength > 0 &&
    tableLength % ENTRY_LENGTH === 0;
  const Source = isListed ? NetmonListed : NetmonInOrder;
  return new Source(window, octets, header, frames);
}
