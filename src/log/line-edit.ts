import type { ByteWriter } from "../core/byte-writer.ts";

/** Copies a part of a line as it is. */
export function copyOctets(bytes: Uint8Array, from: number, to: number, out: ByteWriter): void {
  const count = to - from;
  out.reserve(count);
  if (bytes instanceof Buffer) bytes.copy(out.bytes, out.length, from, to);
  else out.bytes.set(bytes.subarray(from, to), out.length);
  out.length += count;
}

/** Whether what was written from `written` on is what `bytes` has from `from` to `to`. */
export function isUnchanged(
  out: ByteWriter,
  written: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): boolean {
  const count = to - from;
  if (out.length - written !== count) return false;
  for (let i = 0; i < count; i += 1) {
    if (out.bytes[written + i] !== bytes[from + i]) return false;
  }
  return true;
}
