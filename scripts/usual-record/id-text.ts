import { Kind, Row } from "../../src/flow/row/flow-row.ts";
import { Layout, Told } from "../../src/sink/ndjson/usual-record-layout.ts";
import { hexDigits, isTold, ordered, rowWord, splat, told } from "./wat.ts";

const KEY = [Row.Ports, Row.Kind, Row.Source, Row.Destination] as const;
const START = [Row.StartSeconds, Row.StartNanoseconds] as const;
/** Words of both addresses behind the packet number and the MAC addresses. */
const IPV6 = [4, 5, 6, 7, 8, 9] as const;

/** The id of the flow whose row is at `$row`, its packet number at `$cold`. */
export function idText(): string {
  return `;; The hash of flow-id.ts as 20 hexadecimal digits. Vectors would wait three times as long for their products.
  (func $id (param $at i32) (param $row i32) (param $cold i32) (result i32)
    (local $hash v128) (local $word i32) (local $place i32)
    ${HASHES.map((hash) => `(local ${hash} i32)`).join(" ")}
    ${HASHES.map((hash, i) => `(local.set ${hash} (i32.const ${SUMMANDS[i]!}))`).join("\n    ")}
    ${[...KEY, ...START].map((word) => absorb(rowWord(word))).join("\n    ")}
    ${absorb(coldWord(0))}
    (if (i32.and ${rowWord(Row.Kind)} (i32.const ${Kind.Ipv6}))
      (then ${IPV6.map((word) => absorb(coldWord(word))).join("\n    ")}))
    (if ${isTold()}
      (then
        (local.set $place (i32.const ${Layout.Context}))
        (block $end
          (loop $next
            (br_if $end
              (i32.eq (local.get $place) ${told(Told.ContextEnd)}))
            ${absorb("(i32.load (local.get $place))")}
            (local.set $place (i32.add (local.get $place) (i32.const 4)))
            (br $next)))))
    (local.set $hash
      (i32x4.replace_lane 2
        (i32x4.replace_lane 1 (i32x4.splat (local.get $hash0)) (local.get $hash1))
        (local.get $hash2)))
    ${spread(16)}
    (local.set $hash (i32x4.mul (local.get $hash) ${splat(0x7feb352d)}))
    ${spread(15)}
    (local.set $hash (i32x4.mul (local.get $hash) ${splat(0x846ca68b | 0)}))
    ${spread(16)}
    (local.set $hash ${ordered("(local.get $hash)", 3, 2, 1, 0, 7, 6, 5, 4, 11, 10)})
    (v128.store (local.get $at) ${hexDigits("(local.get $hash)")})
    (v128.store offset=16 (local.get $at)
      ${hexDigits(ordered("(local.get $hash)", 8, 9))})
    (i32.add (local.get $at) (i32.const 20)))`;
}

const FACTORS = [0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;
const SUMMANDS = [0x3c6ef372, 0x510e527f, 0x1f83d9ab] as const;
const HASHES = ["$hash0", "$hash1", "$hash2"] as const;

function coldWord(word: number): string {
  return `(i32.load offset=${word * 4} (local.get $cold))`;
}

/** Takes a word into the three hashes of an id. */
function absorb(word: string): string {
  const lines = HASHES.map(
    (hash, i) =>
      `(local.set ${hash}
      (i32.add
        (i32.rotl
          (i32.mul (i32.xor (local.get ${hash}) (local.get $word)) (i32.const ${FACTORS[i]! | 0}))
          (i32.const 13))
        (i32.const ${SUMMANDS[i]!})))`,
  );
  return [`(local.set $word ${word})`, ...lines].join("\n    ");
}

function spread(bits: number): string {
  return `(local.set $hash
      (v128.xor (local.get $hash) (i32x4.shr_u (local.get $hash) (i32.const ${bits}))))`;
}
