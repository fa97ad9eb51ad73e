import { Layout } from "../../src/sink/ndjson/usual-record-layout.ts";
import { call, HEX, octets, ordered, put, putOctet } from "./wat.ts";

const COLON = 58;
/** Sixteen of the characters of a MAC address: upper and lower digits. */
const MAC = "hl:hl:hl:hl:hl:h";

/** MAC, IPv4 and IPv6 addresses. */
export function addressText(): string {
  return `;; A MAC address: the low half of \`$high\`, and \`$low\`.
  (func $mac (param $at i32) (param $high i32) (param $low i32) (result i32)
    (local $octets v128)
    ;; Every octet stands where its digits go, and 0 for the colons: of 48 and 58 together comes 58.
    (local.set $octets
      ${ordered(
        "(i32x4.replace_lane 1 (i32x4.splat (local.get $high)) (local.get $low))",
        ...[1, 1, -1, 0, 0, -1, 7, 7, -1, 6, 6, -1, 5, 5, -1, 4],
      )})
    (v128.store
      (local.get $at)
      (v128.or
        (i8x16.swizzle ${HEX}
          (v128.or
            (v128.and
              (i32x4.shr_u (local.get $octets) (i32.const 4))
              ${digitMask("h")})
            (v128.and (local.get $octets) ${digitMask("l")})))
        ${octets(...[...MAC].map((one) => (one === ":" ? COLON : 0)))}))
    (i32.store8 offset=16 (local.get $at)
      (i32.load8_u offset=${Layout.HexPairs + 1}
        (i32.shl (i32.and (local.get $low) (i32.const 0xff)) (i32.const 1))))
    (i32.add (local.get $at) (i32.const 17)))

  (func $ipv4 (param $at i32) (param $word i32) (result i32)
    (local $octet i32)
    ${[24, 16, 8, 0].map((shift) => dottedOctet(shift)).join("\n    ")}
    (i32.sub (local.get $at) (i32.const 1)))

  ;; RFC 5952, as text-at.ts has it, of three words at \`$high\` and the last one: the run of zeros to leave out is looked up by which groups are zero.
  (func $ipv6 (param $at i32) (param $high i32) (param $last i32) (result i32)
    (local $word0 i32) (local $word1 i32) (local $word2 i32)
    (local $run i32) (local $runStart i32) (local $runEnd i32) (local $i i32) (local $group i32)
    (local.set $word0 (i32.load (local.get $high)))
    (local.set $word1 (i32.load offset=4 (local.get $high)))
    (local.set $word2 (i32.load offset=8 (local.get $high)))
    (if
      (i32.and
        (i32.eqz (i32.or (local.get $word0) (local.get $word1)))
        (i32.eq (local.get $word2) (i32.const 0xffff)))
      (then
        ${put("::ffff:")}
        (return (call $ipv4 (local.get $at) (local.get $last)))))
    (local.set $run
      (i32.load8_u offset=${Layout.ZeroRuns}
        (i32.or
          (i32.or
            (call $zeroHalves (local.get $word0))
            (i32.shl (call $zeroHalves (local.get $word1)) (i32.const 2)))
          (i32.or
            (i32.shl (call $zeroHalves (local.get $word2)) (i32.const 4))
            (i32.shl (call $zeroHalves (local.get $last)) (i32.const 6))))))
    (local.set $runStart (i32.shr_u (local.get $run) (i32.const 4)))
    (local.set $runEnd
      (i32.add (local.get $runStart) (i32.and (local.get $run) (i32.const 15))))
    (loop $next
      (if
        (i32.and
          (i32.eq (local.get $i) (local.get $runStart))
          (i32.ne (local.get $runEnd) (local.get $runStart)))
        (then
          (i32.store16 (local.get $at) (i32.const ${COLON | (COLON << 8)}))
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (local.set $i (local.get $runEnd)))
        (else
          (if
            (i32.and
              (i32.ne (local.get $i) (i32.const 0))
              (i32.or
                (i32.ne (local.get $i) (local.get $runEnd))
                (i32.eq (local.get $runEnd) (local.get $runStart))))
            (then ${putOctet(COLON)}))
          (local.set $group
            (select
              (select (local.get $word0) (local.get $word1) (i32.lt_u (local.get $i) (i32.const 2)))
              (select (local.get $word2) (local.get $last) (i32.lt_u (local.get $i) (i32.const 6)))
              (i32.lt_u (local.get $i) (i32.const 4))))
          ${call(
            "$group",
            `(i32.and
              (i32.shr_u
                (local.get $group)
                (i32.shl (i32.and (i32.xor (local.get $i) (i32.const 1)) (i32.const 1)) (i32.const 4)))
              (i32.const 0xffff))`,
          )}
          (local.set $i (i32.add (local.get $i) (i32.const 1)))))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 8))))
    (local.get $at))

  ;; A bit for each half that is zero, the upper half's lowest.
  (func $zeroHalves (param $word i32) (result i32)
    (i32.or
      (i32.eqz (i32.shr_u (local.get $word) (i32.const 16)))
      (i32.shl (i32.eqz (i32.and (local.get $word) (i32.const 0xffff))) (i32.const 1))))

  ;; One to four hexadecimal digits.
  (func $group (param $at i32) (param $group i32) (result i32)
    (local $digits i32)
    (local.set $digits
      (i32.add
        (i32.add
          (i32.const 1)
          (i32.gt_u (local.get $group) (i32.const 0xf)))
        (i32.add
          (i32.gt_u (local.get $group) (i32.const 0xff))
          (i32.gt_u (local.get $group) (i32.const 0xfff)))))
    (i32.store
      (local.get $at)
      (i32.shr_u
        (i32.or
          (i32.and
            (i32.load offset=${Layout.HexPairs}
              (i32.shl (i32.shr_u (local.get $group) (i32.const 8)) (i32.const 1)))
            (i32.const 0xffff))
          (i32.shl
            (i32.load offset=${Layout.HexPairs}
              (i32.shl (i32.and (local.get $group) (i32.const 0xff)) (i32.const 1)))
            (i32.const 16)))
        (i32.shl (i32.sub (i32.const 4) (local.get $digits)) (i32.const 3))))
    (i32.add (local.get $at) (local.get $digits)))`;
}

/** 15 at the upper or lower digits of a MAC address. */
function digitMask(which: "h" | "l"): string {
  return octets(...[...MAC].map((one) => (one === which ? 15 : 0)));
}

/** An octet of `$word` and the dot behind it. */
function dottedOctet(shift: number): string {
  return `(local.set $octet
      (i32.and (i32.shr_u (local.get $word) (i32.const ${shift})) (i32.const 255)))
    (i32.store
      (local.get $at)
      (i32.load offset=${Layout.DottedOctets} (i32.shl (local.get $octet) (i32.const 2))))
    (local.set $at
      (i32.add
        (i32.add (local.get $at) (i32.const 2))
        (i32.add
          (i32.ge_u (local.get $octet) (i32.const 10))
          (i32.ge_u (local.get $octet) (i32.const 100)))))`;
}
