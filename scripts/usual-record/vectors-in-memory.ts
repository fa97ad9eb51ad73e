import { Layout } from "../../src/sink/ndjson/usual-record-layout.ts";
import { VECTOR } from "./wat.ts";

const OCTETS = /\(v128\.const i8x16 ([^)]*)\)/g;

/**
 * Lets a module read its vectors of octets from memory instead of having them in its code: V8 makes five
 * instructions of one that is in the code, three of which wait for the same unit of the processor.
 * @param text - functions in the text format
 * @returns the functions, and the data that they read, from `Layout.Vectors` on
 */
export function vectorsInMemory(text: string): string {
  const places = new Map<string, number>();
  const functions = text.replace(OCTETS, (_, lanes: string) => {
    const place = places.get(lanes) ?? Layout.Vectors + places.size * VECTOR;
    places.set(lanes, place);
    return `(v128.load offset=${place} (i32.const 0))`;
  });
  if (places.size * VECTOR > Layout.Texts - Layout.Vectors) throw new Error("too many vectors");
  const data = [...places.keys()].flatMap((lanes) => lanes.split(" ")).map(quoted);
  return `${functions}

  (data (i32.const ${Layout.Vectors}) "${data.join("")}")`;
}

/** An octet between quotes. */
function quoted(lane: string): string {
  return `\\${(Number(lane) & 0xff).toString(16).padStart(2, "0")}`;
}
