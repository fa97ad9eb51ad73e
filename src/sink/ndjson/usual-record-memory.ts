import {
  newWebAssemblyMemory,
  PAGE_OCTETS,
  type WebAssemblyMemory,
} from "../../core/web-assembly.ts";
import { Layout } from "./usual-record-layout.ts";

/** Memory of the module that writes usual records, and the one buffer by which it is known. */
export type UsualRecordMemory = {
  readonly webAssembly: WebAssemblyMemory;
  /**
   * The memory's as it was at first, and its octets for as long as they are needed: V8 gives all memories
   * of a thread new buffers when one of them grows, and what lies in this one would not be known by those.
   */
  readonly buffer: SharedArrayBuffer;
};

/**
 * Memory of the module that writes usual records, shared so that another thread may write it to a file.
 * @param octets - for records that are written in place, from `Layout.End` on
 * @returns undefined where there is none to be had
 */
export function newUsualRecordMemory(octets: number): UsualRecordMemory | undefined {
  const pages = Math.ceil((Layout.End + octets) / PAGE_OCTETS);
  const webAssembly = newWebAssemblyMemory(pages, pages);
  return webAssembly && { webAssembly, buffer: webAssembly.buffer };
}

/** The parts of that memory in which records are written in place. */
export function roomsIn(
  { buffer }: UsualRecordMemory,
  count: number,
  octets: number,
): readonly Uint8Array[] {
  return Array.from(
    { length: count },
    (_, i) => new Uint8Array(buffer, Layout.End + i * octets, octets),
  );
}
