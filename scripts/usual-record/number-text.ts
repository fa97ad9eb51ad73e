import { Layout, TEXT_START } from "../../src/sink/ndjson/usual-record-layout.ts";
import { call, putOctet, VECTOR } from "./wat.ts";

const DOT = 46;
const ZERO = 48;

/** Prepared texts, numbers and times. */
export function numberText(): string {
  return `;; A prepared text.
  (func $text (param $at i32) (param $text i32) (result i32)
    (local $place i32)
    ${copy("$text")}
    (local.get $at))

  ;; Any 32 bits as a number without sign.
  (func $integer (param $at i32) (param $value i32) (result i32)
    (local $thousands i32)
    (if (i32.lt_u (local.get $value) (i32.const 1000))
      (then
        ${upToThreeDigits("$value")}
        (return (local.get $at))))
    (local.set $thousands (i32.div_u (local.get $value) (i32.const 1000)))
    (if (i32.lt_u (local.get $thousands) (i32.const 1000))
      (then ${upToThreeDigits("$thousands")})
      (else ${call("$integer", "(local.get $thousands)")}))
    ${threeDigits(0, "$value", "$thousands")}
    (i32.add (local.get $at) (i32.const 3)))

  ;; 0 to 999,999,999 with leading zeros.
  (func $nineDigits (param $at i32) (param $value i32) (result i32)
    (local $thousands i32) (local $millions i32)
    ${nineDigits(0)}
    (i32.add (local.get $at) (i32.const 9)))

  ;; The text of a second, 20 octets, and the nanoseconds.
  (func $time (param $at i32) (param $second i32) (param $value i32) (result i32)
    (local $thousands i32) (local $millions i32)
    (v128.store (local.get $at) (v128.load (local.get $second)))
    (i32.store offset=16 (local.get $at) (i32.load offset=16 (local.get $second)))
    ${nineDigits(20)}
    (i32.add (local.get $at) (i32.const 29)))

  ;; Seconds as a decimal number without trailing zeros.
  (func $decimal (param $at i32) (param $seconds i32) (param $nanoseconds i32) (result i32)
    ${call("$integer", "(local.get $seconds)")}
    (if (i32.eqz (local.get $nanoseconds)) (then (return (local.get $at))))
    ${putOctet(DOT)}
    ${call("$nineDigits", "(local.get $nanoseconds)")}
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (br_if $next (i32.eq (i32.load8_u (local.get $at)) (i32.const ${ZERO}))))
    (i32.add (local.get $at) (i32.const 1)))`;
}

/** Copies the prepared text whose place is in a variable, two vectors at a time. */
export function copy(text: string): string {
  return `(local.set $place (local.get ${text}))
    (local.set ${text} (i32.add (local.get $at) (i32.load (local.get ${text}))))
    (loop $next
      (v128.store (local.get $at) (v128.load offset=${TEXT_START} (local.get $place)))
      (v128.store offset=${VECTOR}
        (local.get $at)
        (v128.load offset=${TEXT_START + VECTOR} (local.get $place)))
      (local.set $at (i32.add (local.get $at) (i32.const ${2 * VECTOR})))
      (local.set $place (i32.add (local.get $place) (i32.const ${2 * VECTOR})))
      (br_if $next (i32.lt_u (local.get $at) (local.get ${text}))))
    (local.set $at (local.get ${text}))`;
}

/** A number below 1000 in a variable. */
function upToThreeDigits(value: string): string {
  return `(i32.store
          (local.get $at)
          (i32.load offset=${Layout.UpToThreeDigits} (i32.shl (local.get ${value}) (i32.const 2))))
        (local.set $at
          (i32.add
            (i32.add (local.get $at) (i32.const 1))
            (i32.add
              (i32.ge_u (local.get ${value}) (i32.const 10))
              (i32.ge_u (local.get ${value}) (i32.const 100)))))`;
}

/** The last three digits of a number, given its thousands. */
function threeDigits(offset: number, value: string, thousands: string): string {
  return `(i32.store offset=${offset}
      (local.get $at)
      (i32.load offset=${Layout.ThreeDigits}
        (i32.shl
          (i32.sub (local.get ${value}) (i32.mul (local.get ${thousands}) (i32.const 1000)))
          (i32.const 2))))`;
}

/** `$value` with leading zeros. */
function nineDigits(offset: number): string {
  return `(local.set $thousands (i32.div_u (local.get $value) (i32.const 1000)))
    (local.set $millions (i32.div_u (local.get $thousands) (i32.const 1000)))
    (i32.store offset=${offset}
      (local.get $at)
      (i32.load offset=${Layout.ThreeDigits} (i32.shl (local.get $millions) (i32.const 2))))
    ${threeDigits(offset + 3, "$thousands", "$millions")}
    ${threeDigits(offset + 6, "$value", "$thousands")}`;
}
