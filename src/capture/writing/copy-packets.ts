import { CaptureError } from "../../core/errors.ts";
import { newPacketBatch, type PacketBatch } from "../../core/packet-batch.ts";
import type { CaptureSource } from "../source.ts";
import { COPY_CHUNK, type CommentedCopyOptions, type CopiedPackets } from "./commented-copy.ts";
import { writeInterface, writePacket, writeSection } from "./pcapng-writer.ts";

const LINK_TYPES = 65_536;

/**
 * Copies the packets of a capture of any format into a pcapng file, with comments on some. Times keep their
 * nanoseconds.
 * @throws CaptureError when the capture can't be read; not where it is damaged behind the packets wanted
 */
export async function copyPackets(
  source: CaptureSource,
  options: CommentedCopyOptions,
): Promise<CopiedPackets> {
  const { out, mostPackets, signal } = options;
  const copied: CopiedPackets = { packets: 0, comments: 0, withoutRoom: 0 };
  const batch = newPacketBatch();
  /** Number in the copy, by interface of the source and link type. */
  const numbers = new Map<number, number>();
  writeSection(out);
  while (!signal.aborted && copied.packets < mostPackets && (await fill(source, batch, options))) {
    for (let row = 0; row < batch.count && copied.packets < mostPackets; row += 1) {
      const number = numberOf(source, batch, row, numbers, options);
      copied.packets += 1;
      const comment = options.commentOf(copied.packets);
      if (comment !== undefined) copied.comments += 1;
      writePacket(out, batch, row, number, comment);
      if (out.length >= COPY_CHUNK) await options.flush();
    }
  }
  await options.flush();
  return copied;
}

/** A limit says that damage is known of: it is not told again. */
async function fill(
  source: CaptureSource,
  batch: PacketBatch,
  { mostPackets }: CommentedCopyOptions,
): Promise<boolean> {
  try {
    return await source.fill(batch);
  } catch (error: unknown) {
    if (error instanceof CaptureError && mostPackets !== Number.POSITIVE_INFINITY) return false;
    throw error;
  }
}

/** Describes an interface where its first packet comes. */
function numberOf(
  source: CaptureSource,
  batch: PacketBatch,
  row: number,
  numbers: Map<number, number>,
  { out }: CommentedCopyOptions,
): number {
  const index = batch.interfaceIndex[row]!;
  const linkType = batch.linkType[row]!;
  const key = index * LINK_TYPES + linkType;
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
    writeInterface(out, linkType, 0, source.interfaces[index]?.name ?? "");
  }
  return number;
}
