import { Kind, Row } from "../../src/flow/row/flow-row.ts";
import { Layout, Told } from "../../src/sink/ndjson/usual-record-layout.ts";
import { coldWords, octets, ordered, rowWord, sameOctets, splat, VECTOR } from "./wat.ts";

/** Octets from a word of a block to the next: those of four blocks lie side by side. */
const NEXT = VECTOR;
const BLOCK_WORDS = 16;
const DIGEST_WORDS = 5;
/** Where the digests of rows lie, by where the rows do: no two rows begin within so many octets. */
const ROW_OCTETS_SHIFT = 6;
const DIGEST_SHIFT = 5;

/** Where the Community ID of a row lies. */
export function digestPlace(row: string): string {
  return `(i32.add
        (i32.const ${Layout.Digests})
        (i32.shl
          (i32.shr_u (i32.sub ${row} (i32.const ${Layout.Rows})) (i32.const ${ROW_OCTETS_SHIFT}))
          (i32.const ${DIGEST_SHIFT})))`;
}

/** Community IDs of rows, four at a time in the lanes of vectors. */
export function communityIdText(): string {
  return `;; Writes the Community IDs, version 1, of all rows from \`$from\` to \`$to\`, without the version.
  (func $hashRows (export "hashRows") (param $from i32) (param $to i32)
    (local $lane i32)
    (if (i32.ge_u (local.get $from) (local.get $to)) (then (return)))
    (loop $next
      ${clearBlocks()}
      (local.set $lane (i32.const 0))
      (loop $more
        (i32.store offset=${Layout.Hashed} (local.get $lane) (i32.add (local.get $from) (i32.const 4)))
        (call $block (i32.add (local.get $from) (i32.const 4)) (local.get $lane))
        (local.set $from (call $nextRow (local.get $from)))
        (local.set $lane (i32.add (local.get $lane) (i32.const 4)))
        (br_if $more
          (i32.and
            (i32.lt_u (local.get $lane) (i32.const 16))
            (i32.lt_u (local.get $from) (local.get $to)))))
      (call $sha1)
      (loop $more
        (local.set $lane (i32.sub (local.get $lane) (i32.const 4)))
        (call $digest
          (local.get $lane)
          ${digestPlace(`(i32.load offset=${Layout.Hashed} (local.get $lane))`)})
        (br_if $more (local.get $lane)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $to)))))

  ;; Lays out what is hashed of TCP or UDP with ports: seed, addresses and protocol, each half a word
  ;; later than it would be without the seed, then the ports, a mark and the length in bits. Of other
  ;; rows it is something else.
  (func $block (param $row i32) (param $lane i32)
    (local $first i32) (local $second i32) (local $high i32) (local $ports i32) (local $swap i32)
    (local $isIpv6 i32) (local $before i32) (local $word i32) (local $place i32)
    (local.set $place (local.get $lane))
    (local.set $isIpv6 (i32.and ${rowWord(Row.Kind)} (i32.const ${Kind.Ipv6})))
    (local.set $ports ${rowWord(Row.Ports)})
    (local.set $first ${rowWord(Row.Source)})
    (local.set $second ${rowWord(Row.Destination)})
    (local.set $high (i32.add ${coldWords("(local.get $row)")} (i32.const 16)))
    (if (call $isSecondFirst (local.get $row) (local.get $isIpv6) (local.get $high))
      (then
        (local.set $swap (i32.const 12))
        (local.set $word (local.get $first))
        (local.set $first (local.get $second))
        (local.set $second (local.get $word))
        (local.set $ports (i32.rotl (local.get $ports) (i32.const 16)))))
    (local.set $before (i32.load offset=${Layout.Told + Told.CommunityIdSeed * 4} (i32.const 0)))
    (if (local.get $isIpv6)
      (then
        (local.set $swap (i32.add (local.get $high) (local.get $swap)))
        ${[0, 1, 2].map((i) => hashed(`(i32.load offset=${i * 4} (local.get $swap))`)).join("\n        ")}))
    ${hashed("(local.get $first)")}
    (if (local.get $isIpv6)
      (then
        (local.set $swap
          (i32.sub
            (i32.add (i32.shl (local.get $high) (i32.const 1)) (i32.const 12))
            (local.get $swap)))
        ${[0, 1, 2].map((i) => hashed(`(i32.load offset=${i * 4} (local.get $swap))`)).join("\n        ")}))
    ${hashed("(local.get $second)")}
    ${hashed(`(i32.shl (i32.and ${rowWord(Row.Kind)} (i32.const ${Kind.ProtocolMask})) (i32.const 24))`)}
    (i32.store offset=${Layout.Block} (local.get $place) (local.get $ports))
    (i32.store offset=${Layout.Block + NEXT} (local.get $place) (i32.const ${0x80000000 | 0}))
    ;; Octets up to the mark are a quarter of those that the words of four blocks take; eight bits each.
    (i32.store offset=${Layout.Block + (BLOCK_WORDS - 1) * NEXT}
      (local.get $lane)
      (i32.shl
        (i32.add (i32.sub (local.get $place) (local.get $lane)) (i32.const ${NEXT}))
        (i32.const 1))))

  ;; Whether the second side is the lower: by address, then by port.
  (func $isSecondFirst (param $row i32) (param $isIpv6 i32) (param $high i32) (result i32)
    (local $first i32) (local $second i32) (local $end i32)
    (if (local.get $isIpv6)
      (then
        (local.set $end (i32.add (local.get $high) (i32.const 12)))
        (loop $next
          (local.set $first (i32.load (local.get $high)))
          (local.set $second (i32.load offset=12 (local.get $high)))
          (if (i32.ne (local.get $first) (local.get $second))
            (then (return (i32.gt_u (local.get $first) (local.get $second)))))
          (local.set $high (i32.add (local.get $high) (i32.const 4)))
          (br_if $next (i32.lt_u (local.get $high) (local.get $end))))))
    (local.set $first ${rowWord(Row.Source)})
    (local.set $second ${rowWord(Row.Destination)})
    (if (i32.ne (local.get $first) (local.get $second))
      (then (return (i32.gt_u (local.get $first) (local.get $second)))))
    (local.set $first ${rowWord(Row.Ports)})
    (i32.gt_u
      (i32.shr_u (local.get $first) (i32.const 16))
      (i32.and (local.get $first) (i32.const 0xffff))))

  ;; Writes the digest of a lane as 28 characters of base64.
  (func $digest (param $lane i32) (param $at i32)
    (local $words v128)
    (local.set $words ${firstWords()})
    ;; Three octets to a word, the first one highest: octet k of a digest is lane 3 - k of its word.
    (v128.store (local.get $at)
      (call $base64 ${ordered("(local.get $words)", 1, 2, 3, -1, 6, 7, 0, -1, 11, 4, 5, -1, 8, 9, 10)}))
    (v128.store offset=16 (local.get $at)
      (call $base64
        ${ordered(
          `(i32x4.replace_lane 0 (local.get $words) ${digestWord(DIGEST_WORDS - 1)})`,
          ...[13, 14, 15, -1, 2, 3, 12, -1, -1, 0, 1],
        )}))
    (i32.store8 offset=27 (local.get $at) (i32.const 61)))

  ;; Four words of three octets to sixteen characters of base64.
  (func $base64 (param $words v128) (result v128)
    (local $values v128)
    (local.set $values
      (v128.or
        (v128.or
          (v128.and (i32x4.shr_u (local.get $words) (i32.const 18)) ${splat(0x3f)})
          (v128.and (i32x4.shr_u (local.get $words) (i32.const 4)) ${splat(0x3f00)}))
        (v128.or
          (v128.and (i32x4.shl (local.get $words) (i32.const 10)) ${splat(0x3f0000)})
          (v128.and (i32x4.shl (local.get $words) (i32.const 24)) ${splat(0x3f000000)}))))
    ;; What is added to a value, by its class: 0 a small letter, 1 to 10 a digit, 11 and 12 the signs, 13 a capital.
    (i8x16.add
      (local.get $values)
      (i8x16.swizzle
        ${octets(71, ...Array<number>(10).fill(-4), -19, -16, 65, 0, 0)}
        (v128.or
          (i8x16.sub_sat_u (local.get $values) ${sameOctets(51)})
          (v128.and (i8x16.lt_u (local.get $values) ${sameOctets(26)}) ${sameOctets(13)})))))`;
}

/** What of the blocks is not written for every row. */
function clearBlocks(): string {
  const words = Array.from({ length: BLOCK_WORDS }, (_, i) => i);
  return words
    .map((i) => `(v128.store offset=${Layout.Block + i * NEXT} (i32.const 0) ${splat(0)})`)
    .join("\n      ");
}

/** Puts the half of `$before` that is left and the upper half of a word into the block. */
function hashed(word: string): string {
  return `(local.set $word ${word})
        (i32.store offset=${Layout.Block}
          (local.get $place)
          (i32.or
            (i32.shl (local.get $before) (i32.const 16))
            (i32.shr_u (local.get $word) (i32.const 16))))
        (local.set $before (local.get $word))
        (local.set $place (i32.add (local.get $place) (i32.const ${NEXT})))`;
}

function digestWord(i: number): string {
  return `(i32.load offset=${Layout.Block + i * NEXT} (local.get $lane))`;
}

function firstWords(): string {
  return [1, 2, 3].reduce(
    (whole, i) => `(i32x4.replace_lane ${i} ${whole} ${digestWord(i)})`,
    `(i32x4.splat ${digestWord(0)})`,
  );
}
