;; The sum that internet checksums are made of (RFC 1071), 64 octets a step.
;; "npm run packet-loops" puts it into src/pipeline/staging/plain-rows-module.ts.
(module
  ;; 0 the masks below | 128 octets to be summed | 64 octets at least, to be read, not counted
  (import "" "memory" (memory 1))

  ;; 64 octets from place 64 - n on keep the first n octets of 64 and clear the others.
  (data (i32.const 0)
    "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff"
    "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff"
    "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff"
    "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")

  ;; The sum of octets `at` to `end` as big-endian words of 16 bits, an odd last octet padded with zero,
  ;; with its carries added: 0 to 65535, and 0 only where every octet is. `at` is below `end`, by 512 KiB
  ;; at most: sixteen octets add two words to each of four sums of 32 bits, whose carries would be lost.
  (func (export "wordSum") (param $at i32) (param $end i32) (result i32)
    (local $first i32) (local $masks i32) (local $sum i32) (local $wide i64)
    (local $sums v128) (local $others v128) (local $half v128) (local $one v128)

    ;; One instruction multiplies signed words and adds two products: with 0x8000 off each word, which
    ;; flips its highest bit, words are signed. Every other sixteen octets have sums of their own, so that
    ;; an addition need not wait for the one before.
    (local.set $half (v128.const i32x4 0x80008000 0x80008000 0x80008000 0x80008000))
    (local.set $one (v128.const i32x4 0x00010001 0x00010001 0x00010001 0x00010001))
    (local.set $first (local.get $at))
    (if (i32.gt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 64))
      (then
        (loop $next
          (local.set $sums
            (i32x4.add
              (local.get $sums)
              (i32x4.dot_i16x8_s
                (v128.xor (v128.load (local.get $at)) (local.get $half))
                (local.get $one))))
          (local.set $others
            (i32x4.add
              (local.get $others)
              (i32x4.dot_i16x8_s
                (v128.xor (v128.load offset=16 (local.get $at)) (local.get $half))
                (local.get $one))))
          (local.set $sums
            (i32x4.add
              (local.get $sums)
              (i32x4.dot_i16x8_s
                (v128.xor (v128.load offset=32 (local.get $at)) (local.get $half))
                (local.get $one))))
          (local.set $others
            (i32x4.add
              (local.get $others)
              (i32x4.dot_i16x8_s
                (v128.xor (v128.load offset=48 (local.get $at)) (local.get $half))
                (local.get $one))))
          (local.set $at (i32.add (local.get $at) (i32.const 64)))
          (br_if $next (i32.gt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 64))))))

    ;; The 1 to 64 octets that are left, without branches: lengths differ from packet to packet, and a
    ;; branch that the processor did not foresee takes longer than three steps too many.
    (local.set $masks (i32.sub (i32.const 64) (i32.sub (local.get $end) (local.get $at))))
    (local.set $sums
      (i32x4.add
        (local.get $sums)
        (i32x4.dot_i16x8_s
          (v128.xor
            (v128.and
              (v128.load (local.get $at))
              (v128.load (local.get $masks)))
            (local.get $half))
          (local.get $one))))
    (local.set $others
      (i32x4.add
        (local.get $others)
        (i32x4.dot_i16x8_s
          (v128.xor
            (v128.and
              (v128.load offset=16 (local.get $at))
              (v128.load offset=16 (local.get $masks)))
            (local.get $half))
          (local.get $one))))
    (local.set $sums
      (i32x4.add
        (local.get $sums)
        (i32x4.dot_i16x8_s
          (v128.xor
            (v128.and
              (v128.load offset=32 (local.get $at))
              (v128.load offset=32 (local.get $masks)))
            (local.get $half))
          (local.get $one))))
    (local.set $others
      (i32x4.add
        (local.get $others)
        (i32x4.dot_i16x8_s
          (v128.xor
            (v128.and
              (v128.load offset=48 (local.get $at))
              (v128.load offset=48 (local.get $masks)))
            (local.get $half))
          (local.get $one))))

    ;; What was taken off is added: 2^16 in each of the four sums for sixteen octets.
    (local.set $sums
      (i32x4.add
        (i32x4.add (local.get $sums) (local.get $others))
        (i32x4.splat
          (i32.shl
            (i32.sub (i32.add (local.get $at) (i32.const 64)) (local.get $first))
            (i32.const 12)))))

    ;; Four sums of 32 bits to two of 33, to one of 34.
    (local.set $sums
      (i64x2.add
        (i64x2.shr_u (local.get $sums) (i32.const 32))
        (v128.and (local.get $sums) (v128.const i32x4 -1 0 -1 0))))
    (local.set $wide
      (i64.add
        (i64x2.extract_lane 0 (local.get $sums))
        (i64x2.extract_lane 1 (local.get $sums))))

    ;; What is above 16 bits is added to what is below: 2^16 is 1 modulo 65535.
    (local.set $wide
      (i64.add
        (i64.shr_u (local.get $wide) (i64.const 16))
        (i64.and (local.get $wide) (i64.const 0xffff))))
    (local.set $sum (i32.wrap_i64 (local.get $wide)))
    (local.set $sum
      (i32.add
        (i32.shr_u (local.get $sum) (i32.const 16))
        (i32.and (local.get $sum) (i32.const 0xffff))))
    (local.set $sum
      (i32.add
        (i32.shr_u (local.get $sum) (i32.const 16))
        (i32.and (local.get $sum) (i32.const 0xffff))))

    ;; Words were read as WebAssembly does, the lower octet first: the octets of the sum change places.
    (i32.or
      (i32.shl (i32.and (local.get $sum) (i32.const 0xff)) (i32.const 8))
      (i32.shr_u (local.get $sum) (i32.const 8)))))
