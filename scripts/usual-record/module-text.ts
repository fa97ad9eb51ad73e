import { Kind } from "../../src/flow/flow-row.ts";
import { Layout, TEXT_START, Told } from "../../src/sink/usual-record-layout.ts";
import { sha1Text } from "./sha1-text.ts";

const VECTOR = 16;
const DOT = 46;
const COLON = 58;
const QUOTE = 34;
const CLOSE = 125;
const ZERO = 48;

/** Words of `Told` as offsets from the first. */
const told = (word: number): string => `offset=${Layout.Told + word * 4}`;

/** Writes constant text at `$at`, and moves `$at` behind it: whole vectors, what is behind is overwritten. */
function put(text: string): string {
  const lines: string[] = [];
  for (let from = 0; from < text.length; from += VECTOR) {
    const lanes = Array.from({ length: VECTOR }, (_, i) => text.charCodeAt(from + i) || 0);
    lines.push(`(v128.store offset=${from} (local.get $at) (v128.const i8x16 ${lanes.join(" ")}))`);
  }
  lines.push(`(local.set $at (i32.add (local.get $at) (i32.const ${text.length})))`);
  return lines.join("\n    ");
}

/** One octet. */
function putOctet(octet: number): string {
  return `(i32.store8 (local.get $at) (i32.const ${octet}))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))`;
}

/** Calls a function that writes at `$at` and says where it ended. */
function call(name: string, ...parameters: string[]): string {
  return `(local.set $at (call ${name} (local.get $at) ${parameters.join(" ")}))`;
}

/** The same vector constant in all four lanes. */
function splat(value: number): string {
  return `(v128.const i32x4 ${value} ${value} ${value} ${value})`;
}

function octets(...values: number[]): string {
  return `(v128.const i8x16 ${values.join(" ")})`;
}

const sameOctets = (value: number): string => octets(...Array<number>(VECTOR).fill(value));
const HEX = octets(...[..."0123456789abcdef"].map((digit) => digit.charCodeAt(0)));

/**
 * The module that writes usual records in the text format; what it is told and where things lie is in
 * `src/sink/usual-record-layout.ts`. The functions write at \`$at\` and return where their text ends; each may
 * overwrite 16 octets behind it.
 */
export function usualRecordText(): string {
  return `(module
  (import "" "memory" (memory 1 65536 shared))

  ;; A record up to the end of the responder's member, then what is given as texts: 0 stands for no
  ;; \`$interface\` and no \`$connection\`. \`$port\` is written between \`$before\` and \`$behind\` unless it
  ;; is -1, the handshake's time behind \`$connection\`.
  (func $record (export "record")
    (param $at i32) (param $startSecond i32) (param $endSecond i32) (param $seconds i32)
    (param $protocol i32) (param $interface i32) (param $before i32) (param $port i32)
    (param $behind i32) (param $connection i32) (param $end i32) (result i32)
    (local $handshake i32)
    ${put('{"type":"flow","schema":"portflow.flow/1","id":"')}
    ${call("$id")}
    ${put('","community_id":"1:')}
    ${call("$communityId")}
    ${put('","start":"')}
    ${call("$time", "(local.get $startSecond)", `(i32.load ${told(Told.StartNanoseconds)} (i32.const 0))`)}
    ${put('Z","end":"')}
    ${call("$time", "(local.get $endSecond)", `(i32.load ${told(Told.EndNanoseconds)} (i32.const 0))`)}
    ${put('Z","duration":')}
    ${call("$duration", "(local.get $seconds)")}
    ${call("$text", "(local.get $protocol)")}
    ${put(',"src":{"ip":"')}
    ${call("$endpoint", `(i32.load ${told(Told.Initiator)} (i32.const 0))`)}
    ${put(',"dst":{"ip":"')}
    ${call("$endpoint", `(i32.sub (i32.const 1) (i32.load ${told(Told.Initiator)} (i32.const 0)))`)}
    (if (local.get $interface) (then ${call("$text", "(local.get $interface)")}))
    ${call("$text", "(local.get $before)")}
    (if (i32.ne (local.get $port) (i32.const -1)) (then ${call("$integer", "(local.get $port)")}))
    ${call("$text", "(local.get $behind)")}
    (if (local.get $connection)
      (then
        ${call("$text", "(local.get $connection)")}
        (local.set $handshake (i32.load ${told(Told.Handshake)} (i32.const 0)))
        (if (local.get $handshake)
          (then
            ${put(',"handshake_rtt":')}
            ${call(
              "$decimal",
              "(i32.div_u (local.get $handshake) (i32.const 1000000000))",
              `(i32.sub (local.get $handshake)
                (i32.mul
                  (i32.div_u (local.get $handshake) (i32.const 1000000000))
                  (i32.const 1000000000)))`,
            )}))
        ${putOctet(CLOSE)}))
    ${call("$text", "(local.get $end)")}
    (local.get $at))

  ;; A prepared text.
  (func $text (param $at i32) (param $text i32) (result i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (i32.load (local.get $text))))
    (loop $next
      (v128.store (local.get $at) (v128.load offset=${TEXT_START} (local.get $text)))
      (local.set $at (i32.add (local.get $at) (i32.const ${VECTOR})))
      (local.set $text (i32.add (local.get $text) (i32.const ${VECTOR})))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $end))

  ;; Any 32 bits as a number without sign.
  (func $integer (param $at i32) (param $value i32) (result i32)
    (local $thousands i32)
    (if (i32.lt_u (local.get $value) (i32.const 1000))
      (then
        (i32.store
          (local.get $at)
          (i32.load offset=${Layout.UpToThreeDigits} (i32.shl (local.get $value) (i32.const 2))))
        (return
          (i32.add
            (i32.add (local.get $at) (i32.const 1))
            (i32.add
              (i32.ge_u (local.get $value) (i32.const 10))
              (i32.ge_u (local.get $value) (i32.const 100)))))))
    (local.set $thousands (i32.div_u (local.get $value) (i32.const 1000)))
    ${call("$integer", "(local.get $thousands)")}
    (i32.store
      (local.get $at)
      (i32.load offset=${Layout.ThreeDigits}
        (i32.shl
          (i32.sub (local.get $value) (i32.mul (local.get $thousands) (i32.const 1000)))
          (i32.const 2))))
    (i32.add (local.get $at) (i32.const 3)))

  ;; 0 to 999,999,999 with leading zeros.
  (func $nineDigits (param $at i32) (param $value i32) (result i32)
    (local $thousands i32) (local $millions i32)
    (local.set $thousands (i32.div_u (local.get $value) (i32.const 1000)))
    (local.set $millions (i32.div_u (local.get $thousands) (i32.const 1000)))
    (i32.store
      (local.get $at)
      (i32.load offset=${Layout.ThreeDigits} (i32.shl (local.get $millions) (i32.const 2))))
    (i32.store offset=3
      (local.get $at)
      (i32.load offset=${Layout.ThreeDigits}
        (i32.shl
          (i32.sub (local.get $thousands) (i32.mul (local.get $millions) (i32.const 1000)))
          (i32.const 2))))
    (i32.store offset=6
      (local.get $at)
      (i32.load offset=${Layout.ThreeDigits}
        (i32.shl
          (i32.sub (local.get $value) (i32.mul (local.get $thousands) (i32.const 1000)))
          (i32.const 2))))
    (i32.add (local.get $at) (i32.const 9)))

  ;; The text of a second, 20 octets, and the nanoseconds.
  (func $time (param $at i32) (param $second i32) (param $nanoseconds i32) (result i32)
    (v128.store (local.get $at) (v128.load (local.get $second)))
    (i32.store offset=16 (local.get $at) (i32.load offset=16 (local.get $second)))
    (call $nineDigits (i32.add (local.get $at) (i32.const 20)) (local.get $nanoseconds)))

  ;; From first to last packet, given the difference of their seconds.
  (func $duration (param $at i32) (param $seconds i32) (result i32)
    (local $nanoseconds i32)
    (local.set $nanoseconds
      (i32.sub
        (i32.load ${told(Told.EndNanoseconds)} (i32.const 0))
        (i32.load ${told(Told.StartNanoseconds)} (i32.const 0))))
    (if (i32.lt_s (local.get $nanoseconds) (i32.const 0))
      (then
        (local.set $seconds (i32.sub (local.get $seconds) (i32.const 1)))
        (local.set $nanoseconds (i32.add (local.get $nanoseconds) (i32.const 1000000000)))))
    (call $decimal (local.get $at) (local.get $seconds) (local.get $nanoseconds)))

  ;; Seconds as a decimal number without trailing zeros.
  (func $decimal (param $at i32) (param $seconds i32) (param $nanoseconds i32) (result i32)
    ${call("$integer", "(local.get $seconds)")}
    (if (i32.eqz (local.get $nanoseconds)) (then (return (local.get $at))))
    ${putOctet(DOT)}
    ${call("$nineDigits", "(local.get $nanoseconds)")}
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (br_if $next (i32.eq (i32.load8_u (local.get $at)) (i32.const ${ZERO}))))
    (i32.add (local.get $at) (i32.const 1)))

  ;; The hash of flow-id.ts, its three factors and summands in the lanes of vectors; 20 hexadecimal digits.
  (func $id (param $at i32) (result i32)
    (local $hash v128) (local $high v128) (local $low v128)
    (local.set $hash (v128.const i32x4 ${ID_SUMMANDS}))
    ${[
      Told.Ports,
      Told.Kind,
      Told.Source,
      Told.Destination,
      Told.StartSeconds,
      Told.StartNanoseconds,
      Told.Ordinal,
    ]
      .map((word) => absorb(word))
      .join("\n    ")}
    (if (i32.and (i32.load ${told(Told.Kind)} (i32.const 0)) (i32.const ${Kind.Ipv6}))
      (then ${[0, 1, 2, 3, 4, 5].map((i) => absorb(Told.Ipv6 + i)).join("\n    ")}))
    ${spread(16)}
    (local.set $hash (i32x4.mul (local.get $hash) ${splat(0x7feb352d)}))
    ${spread(15)}
    (local.set $hash (i32x4.mul (local.get $hash) ${splat(0x846ca68b | 0)}))
    ${spread(16)}
    (local.set $high
      (i8x16.swizzle ${HEX} (i8x16.shr_u (local.get $hash) (i32.const 4))))
    (local.set $low
      (i8x16.swizzle ${HEX} (v128.and (local.get $hash) ${sameOctets(15)})))
    (v128.store
      (local.get $at)
      (i8x16.shuffle 3 19 2 18 1 17 0 16 7 23 6 22 5 21 4 20 (local.get $high) (local.get $low)))
    (v128.store offset=16
      (local.get $at)
      (i8x16.shuffle 11 27 10 26 0 0 0 0 0 0 0 0 0 0 0 0 (local.get $high) (local.get $low)))
    (i32.add (local.get $at) (i32.const 20)))

  ;; Community ID version 1 of TCP or UDP with ports, without the version: 28 characters.
  (func $communityId (param $at i32) (result i32)
    (local $first i32) (local $second i32) (local $ports i32) (local $kind i32)
    (local $isSwapped i32) (local $before i32) (local $word i32) (local $i i32) (local $digest v128)
    (local.set $kind (i32.load ${told(Told.Kind)} (i32.const 0)))
    (local.set $ports (i32.load ${told(Told.Ports)} (i32.const 0)))
    (local.set $first (i32.load ${told(Told.Source)} (i32.const 0)))
    (local.set $second (i32.load ${told(Told.Destination)} (i32.const 0)))
    (local.set $isSwapped (call $isSecondFirst))
    (if (local.get $isSwapped)
      (then
        (local.set $i (local.get $first))
        (local.set $first (local.get $second))
        (local.set $second (local.get $i))
        (local.set $ports (i32.rotl (local.get $ports) (i32.const 16)))))
    (local.set $before (i32.load ${told(Told.CommunityIdSeed)} (i32.const 0)))
    (local.set $i (i32.const 0))
    ;; Seed, addresses and protocol, each half a word later than it would be without the seed.
    (if (i32.and (local.get $kind) (i32.const ${Kind.Ipv6}))
      (then
        (loop $next
          (local.set $word
            (i32.load ${told(Told.Ipv6)}
              (i32.add
                (local.get $i)
                (i32.mul (local.get $isSwapped) (i32.const 12)))))
          ${hashed("$i", 0)}
          (local.set $i (i32.add (local.get $i) (i32.const 4)))
          (br_if $next (i32.lt_u (local.get $i) (i32.const 12))))
        (local.set $word (local.get $first))
        ${hashed("$i", 0)}
        (local.set $i (i32.const 0))
        (loop $next
          (local.set $word
            (i32.load ${told(Told.Ipv6)}
              (i32.add
                (local.get $i)
                (i32.mul (i32.sub (i32.const 1) (local.get $isSwapped)) (i32.const 12)))))
          ${hashed("$i", 16)}
          (local.set $i (i32.add (local.get $i) (i32.const 4)))
          (br_if $next (i32.lt_u (local.get $i) (i32.const 12))))
        (local.set $word (local.get $second))
        ${hashed("$i", 16)}
        (local.set $i (i32.const 32)))
      (else
        (local.set $word (local.get $first))
        ${hashed("$i", 0)}
        (local.set $word (local.get $second))
        ${hashed("$i", 4)}
        (local.set $i (i32.const 8))))
    (local.set $word
      (i32.shl (i32.and (local.get $kind) (i32.const ${Kind.ProtocolMask})) (i32.const 24)))
    ${hashed("$i", 0)}
    (i32.store offset=${Layout.Block + 4} (local.get $i) (local.get $ports))
    ;; The mark behind, zeros, and the length in bits.
    (i32.store offset=${Layout.Block + 8} (local.get $i) (i32.const ${0x80000000 | 0}))
    (v128.store offset=${Layout.Block + 12} (local.get $i) ${splat(0)})
    (v128.store offset=${Layout.Block + 28} (local.get $i) ${splat(0)})
    (if (i32.eq (local.get $i) (i32.const 8))
      (then (v128.store offset=${Layout.Block + 44} (i32.const 0) ${splat(0)})))
    (i32.store offset=${Layout.Block + 60}
      (i32.const 0)
      (i32.shl (i32.add (local.get $i) (i32.const 8)) (i32.const 3)))
    (local.set $digest (call $sha1 (i32.const ${Layout.Block})))
    ;; Three octets to a word, the first one highest: octet k of a digest is lane 3 - k of its word.
    (v128.store (local.get $at)
      (call $base64 (i8x16.shuffle 1 2 3 16 6 7 0 16 11 4 5 16 8 9 10 16 (local.get $digest) ${splat(0)})))
    (v128.store offset=16 (local.get $at)
      (call $base64
        (i8x16.shuffle 13 14 15 16 2 3 12 16 16 0 1 16 16 16 16 16
          (i32x4.replace_lane 0 (local.get $digest) (i32.load (i32.const ${Layout.Block})))
          ${splat(0)})))
    (i32.store8 offset=27 (local.get $at) (i32.const 61))
    (i32.add (local.get $at) (i32.const 28)))

  ;; Whether the second side is the lower: by address, then by port.
  (func $isSecondFirst (result i32)
    (local $i i32) (local $first i32) (local $second i32)
    (if (i32.and (i32.load ${told(Told.Kind)} (i32.const 0)) (i32.const ${Kind.Ipv6}))
      (then
        (loop $next
          (local.set $first (i32.load ${told(Told.Ipv6)} (local.get $i)))
          (local.set $second (i32.load ${told(Told.Ipv6 + 3)} (local.get $i)))
          (if (i32.ne (local.get $first) (local.get $second))
            (then (return (i32.gt_u (local.get $first) (local.get $second)))))
          (local.set $i (i32.add (local.get $i) (i32.const 4)))
          (br_if $next (i32.lt_u (local.get $i) (i32.const 12))))))
    (local.set $first (i32.load ${told(Told.Source)} (i32.const 0)))
    (local.set $second (i32.load ${told(Told.Destination)} (i32.const 0)))
    (if (i32.ne (local.get $first) (local.get $second))
      (then (return (i32.gt_u (local.get $first) (local.get $second)))))
    (local.set $first (i32.load ${told(Told.Ports)} (i32.const 0)))
    (i32.gt_u
      (i32.shr_u (local.get $first) (i32.const 16))
      (i32.and (local.get $first) (i32.const 0xffff))))

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
          (v128.and (i8x16.lt_u (local.get $values) ${sameOctets(26)}) ${sameOctets(13)})))))

  ;; One end, from behind \`{"ip":"\` to its closing brace.
  (func $endpoint (param $at i32) (param $side i32) (result i32)
    (local $words i32) (local $last i32)
    (local.set $words (i32.shl (local.get $side) (i32.const 2)))
    (local.set $last (i32.load ${told(Told.Source)} (local.get $words)))
    (if (i32.and (i32.load ${told(Told.Kind)} (i32.const 0)) (i32.const ${Kind.Ipv6}))
      (then ${call("$ipv6", "(local.get $side)", "(local.get $last)")})
      (else ${call("$ipv4", "(local.get $last)")}))
    ${put('","port":')}
    ${call(
      "$integer",
      `(i32.and
        (i32.shr_u
          (i32.load ${told(Told.Ports)} (i32.const 0))
          (i32.shl (i32.sub (i32.const 1) (local.get $side)) (i32.const 4)))
        (i32.const 0xffff))`,
    )}
    (if (i32.load ${told(Told.HasMac)} (i32.const 0))
      (then
        ${put(',"mac":"')}
        ${call(
          "$mac",
          `(i32.shr_u
            (i32.load ${told(Told.MacHigh)} (i32.const 0))
            (i32.shl (i32.sub (i32.const 1) (local.get $side)) (i32.const 4)))`,
          `(i32.load ${told(Told.MacLow)} (local.get $words))`,
        )}
        ${putOctet(QUOTE)}))
    (if (i32.eqz (i32.load ${told(Told.Counters)} (local.get $words)))
      (then
        ${put(',"packets":0,"bytes":0,"ip_bytes":0,"payload_bytes":0}')}
        (return (local.get $at))))
    ${[',"packets":', ',"bytes":', ',"ip_bytes":', ',"payload_bytes":']
      .map(
        (name, i) =>
          put(name) +
          call("$integer", `(i32.load ${told(Told.Counters + i * 2)} (local.get $words))`),
      )
      .join("\n    ")}
    ${putOctet(CLOSE)}
    (local.get $at))

  ;; A MAC address: the low half of \`$high\`, and \`$low\`.
  (func $mac (param $at i32) (param $high i32) (param $low i32) (result i32)
    (local $octets v128) (local $highDigits v128) (local $lowDigits v128)
    (local.set $octets
      (i32x4.replace_lane 1 (i32x4.splat (local.get $high)) (local.get $low)))
    (local.set $highDigits
      (i8x16.swizzle ${HEX} (i8x16.shr_u (local.get $octets) (i32.const 4))))
    (local.set $lowDigits
      (i8x16.swizzle ${HEX} (v128.and (local.get $octets) ${sameOctets(15)})))
    (v128.store
      (local.get $at)
      (v128.or
        (v128.and
          (i8x16.shuffle 1 17 0 0 16 0 7 23 0 6 22 0 5 21 0 4
            (local.get $highDigits) (local.get $lowDigits))
          ${octets(...[..."hh:hh:hh:hh:hh:h"].map((one) => (one === ":" ? 0 : -1)))})
        ${octets(...[..."hh:hh:hh:hh:hh:h"].map((one) => (one === ":" ? COLON : 0)))}))
    (i32.store8 offset=16 (local.get $at)
      (i32.load8_u offset=${Layout.HexPairs + 1}
        (i32.shl (i32.and (local.get $low) (i32.const 0xff)) (i32.const 1))))
    (i32.add (local.get $at) (i32.const 17)))

  (func $ipv4 (param $at i32) (param $word i32) (result i32)
    ${call("$dottedOctet", "(i32.shr_u (local.get $word) (i32.const 24))")}
    ${call("$dottedOctet", "(i32.and (i32.shr_u (local.get $word) (i32.const 16)) (i32.const 255))")}
    ${call("$dottedOctet", "(i32.and (i32.shr_u (local.get $word) (i32.const 8)) (i32.const 255))")}
    (i32.sub
      (call $dottedOctet (local.get $at) (i32.and (local.get $word) (i32.const 255)))
      (i32.const 1)))

  (func $dottedOctet (param $at i32) (param $octet i32) (result i32)
    (i32.store
      (local.get $at)
      (i32.load offset=${Layout.DottedOctets} (i32.shl (local.get $octet) (i32.const 2))))
    (i32.add
      (i32.add (local.get $at) (i32.const 2))
      (i32.add
        (i32.ge_u (local.get $octet) (i32.const 10))
        (i32.ge_u (local.get $octet) (i32.const 100)))))

  ;; RFC 5952, as text-at.ts has it: the run of zeros to leave out is looked up by which groups are zero.
  (func $ipv6 (param $at i32) (param $side i32) (param $last i32) (result i32)
    (local $base i32) (local $word0 i32) (local $word1 i32) (local $word2 i32)
    (local $run i32) (local $runStart i32) (local $runEnd i32) (local $i i32) (local $group i32)
    (local.set $base (i32.mul (local.get $side) (i32.const 12)))
    (local.set $word0 (i32.load ${told(Told.Ipv6)} (local.get $base)))
    (local.set $word1 (i32.load ${told(Told.Ipv6 + 1)} (local.get $base)))
    (local.set $word2 (i32.load ${told(Told.Ipv6 + 2)} (local.get $base)))
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
    (i32.add (local.get $at) (local.get $digits)))

  ${sha1Text()})
`;
}

const ID_FACTORS = [0x85ebca6b | 0, 0xc2b2ae35 | 0, 0x27d4eb2f, 0].join(" ");
const ID_SUMMANDS = [0x3c6ef372, 0x510e527f, 0x1f83d9ab, 0].join(" ");

/** Takes a word into the three hashes of an id. */
function absorb(word: number): string {
  return `(local.set $hash
      (i32x4.mul
        (v128.xor (local.get $hash) (i32x4.splat (i32.load ${told(word)} (i32.const 0))))
        (v128.const i32x4 ${ID_FACTORS})))
    (local.set $hash
      (i32x4.add
        (v128.or
          (i32x4.shl (local.get $hash) (i32.const 13))
          (i32x4.shr_u (local.get $hash) (i32.const 19)))
        (v128.const i32x4 ${ID_SUMMANDS})))`;
}

function spread(bits: number): string {
  return `(local.set $hash
      (v128.xor (local.get $hash) (i32x4.shr_u (local.get $hash) (i32.const ${bits}))))`;
}

/** Puts the half of \`$before\` that is left and the upper half of \`$word\` into the block. */
function hashed(place: string, offset: number): string {
  return `(i32.store offset=${Layout.Block + offset}
            (local.get ${place})
            (i32.or
              (i32.shl (local.get $before) (i32.const 16))
              (i32.shr_u (local.get $word) (i32.const 16))))
          (local.set $before (local.get $word))`;
}
