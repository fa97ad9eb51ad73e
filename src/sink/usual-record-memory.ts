import { newWebAssemblyMemory, PAGE_OCTETS, type WebAssemblyMemory } from "../core/web-assembly.ts";
import { Layout } from "./usual-record-layout.ts";

/**
 * Memory of the module that writes usual records, shared so that another thread may write it to a file.
 * @param octets - for records that are written in place, from `Layout.End` on
 * @returns undefined where there is none to be had
 */
export function newUsualRecordMemory(octets: number): WebAssemblyMemory | undefined {
  const pages = Math.ceil((Layout.End + octets) / PAGE_OCTETS);
  return newWebAssemblyMemory(pages, pages);
}

/** The parts of that memory in which records are written in place. */
export function roomsIn(
  { buffer }: WebAssemblyMemory,
  count: number,
  octets: number,
): readonly Uint8Array[] {
  return Array.from(
    { length: count },
    (_, i) => new Uint8Array(buffer, Layout.End + i * octets, octets),
  );
}
