import { Layout } from "./usual-record-layout.ts";

const PAGE = 1 << 16;

/** As much of a WebAssembly memory as is used; the types of Node have none of it. */
export type UsualRecordMemory = { readonly buffer: SharedArrayBuffer };

declare const WebAssembly: {
  readonly Memory: new (pages: {
    initial: number;
    maximum: number;
    shared: true;
  }) => UsualRecordMemory;
};

/**
 * Memory of the module that writes usual records, shared so that another thread may write it to a file.
 * @param octets - for records that are written in place, from `Layout.End` on
 * @returns undefined where it is refused
 */
export function newUsualRecordMemory(octets: number): UsualRecordMemory | undefined {
  try {
    const pages = Math.ceil((Layout.End + octets) / PAGE);
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch {
    return undefined;
  }
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
