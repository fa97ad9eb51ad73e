import { openCaptureBytes } from "../../src/capture/open.ts";
import type { CaptureSource } from "../../src/capture/source.ts";
import { newPacketBatch } from "../../src/core/packet-batch.ts";

/** One row of a batch, copied out of it. */
export type Row = {
  time: string;
  wireLength: number;
  linkType: number;
  interfaceIndex: number;
  hex: string;
};

export type Reading = { rows: Row[]; error: unknown; source: CaptureSource };

/** Reads a source to its end or its error, and closes it. */
export async function readAll(source: CaptureSource, capacity?: number): Promise<Reading> {
  const rows: Row[] = [];
  const batch = newPacketBatch(capacity);
  let error: unknown;
  try {
    while (await source.fill(batch)) {
      if (batch.count < 1) throw new Error("a batch without packets that is not the end");
      for (let row = 0; row < batch.count; row += 1) {
        const start = batch.start[row]!;
        rows.push({
          time: `${batch.seconds[row]}.${String(batch.nanoseconds[row]).padStart(9, "0")}`,
          wireLength: batch.wireLength[row]!,
          linkType: batch.linkType[row]!,
          interfaceIndex: batch.interfaceIndex[row]!,
          hex: Buffer.from(
            batch.bytes.subarray(start, start + batch.capturedLength[row]!),
          ).toString("hex"),
        });
      }
    }
    if (batch.count !== 0) throw new Error("packets with the end");
  } catch (caught: unknown) {
    error = caught;
  }
  await source.close();
  return { rows, error, source };
}

/** Reads a capture in memory, whole or in chunks of `chunk` octets. */
export async function readBytes(
  bytes: Uint8Array,
  options: { chunk?: number; capacity?: number; name?: string } = {},
): Promise<Reading> {
  const chunks = options.chunk === undefined ? bytes : inChunks(bytes, options.chunk);
  return readAll(await openCaptureBytes(chunks, options.name ?? "test"), options.capacity);
}

/** The octets of `bytes` in chunks of `size`. */
export async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size)
    yield bytes.subarray(start, start + size);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
