import { Flag, Kind, Row, TcpRow } from "../../src/flow/row/flow-row.ts";
import { FACTOR, KEPT_CONNECTIONS, LONG_FACTOR } from "../../src/sink/members/tcp-text.ts";
import {
  CONNECTION_SIZE,
  INTERFACES,
  KEPT_SECONDS,
  Layout,
  NO_TEXT,
  SecondPlace,
  Told,
  WAYS_SHIFT,
} from "../../src/sink/ndjson/usual-record-layout.ts";
import { copy } from "./number-text.ts";
import {
  CLOSE,
  call,
  coldWords,
  halfOf,
  isTcp,
  isTold,
  put,
  putOctet,
  rowWord,
  told,
} from "./wat.ts";

const QUOTE = 34;
const BILLION = "(i32.const 1000000000)";

/** A record, and what the functions that write its members need. */
export function recordText(): string {
  return `;; Writes the record of a row in the block, if all texts that it needs are there. Its ends are given
  ;; as sides of the row. \`$port\` is written between \`$before\` and \`$behind\` unless it is -1.
  ;; Returns where it ended, or -1.
  (func $record (param $at i32) (param $row i32) (param $digest i32)
    (param $reason i32) (param $initiator i32) (param $before i32) (param $port i32) (param $behind i32)
    (result i32)
    (local $cold i32) (local $place i32) (local $start i32) (local $finish i32) (local $protocol i32) (local $interface i32)
    (local $connection i32) (local $end i32) (local $handshake i32)
    (local.set $cold ${coldWords("(local.get $row)")})
    ${secondPlace("$start", rowWord(Row.StartSeconds))}
    ${secondPlace("$finish", rowWord(Row.EndSeconds))}
    ;; TCP's and UDP's numbers differ in their lowest bit.
    (local.set $protocol
      (i32.load offset=${Layout.Protocols}
        (i32.or
          (i32.shl (i32.and ${rowWord(Row.Kind)} (i32.const 1)) (i32.const 2))
          (i32.shr_u (i32.and ${rowWord(Row.Kind)} (i32.const ${Kind.Ipv6})) (i32.const 5)))))
    (local.set $place (i32.shr_u ${rowWord(Row.Flags)} (i32.const ${Flag.InterfaceShift})))
    (local.set $interface
      (select
        (i32.load offset=${Layout.Interfaces}
          (i32.shl (i32.and (local.get $place) (i32.const ${INTERFACES - 1})) (i32.const 2)))
        (i32.const 0)
        (i32.lt_u (local.get $place) (i32.const ${INTERFACES}))))
    (local.set $connection (i32.const ${NO_TEXT}))
    (if ${isTcp(rowWord(Row.Kind))}
      (then (local.set $connection (call $connectionOf (local.get $row) (local.get $initiator)))))
    (local.set $end
      (i32.load offset=${Layout.Ends} (i32.shl (local.get $reason) (i32.const 2))))
    (if (i32.eqz (i32.and
          (i32.and (i32.ne (local.get $start) (i32.const 0)) (i32.ne (local.get $finish) (i32.const 0)))
          (i32.and
            (i32.and (i32.ne (local.get $protocol) (i32.const 0)) (i32.ne (local.get $interface) (i32.const 0)))
            (i32.and (i32.ne (local.get $connection) (i32.const 0)) (i32.ne (local.get $end) (i32.const 0))))))
      (then (return (i32.const -1))))
    ${put('{"type":"flow","schema":"portflow.flow/1","id":"')}
    ${call("$id", "(local.get $row)", "(local.get $cold)")}
    ${put('","community_id":"1:')}
    (v128.store (local.get $at) (v128.load (local.get $digest)))
    (v128.store offset=16 (local.get $at) (v128.load offset=16 (local.get $digest)))
    (local.set $at (i32.add (local.get $at) (i32.const 28)))
    ${put('","start":"')}
    ${call("$time", "(local.get $start)", rowWord(Row.StartNanoseconds))}
    ${put('Z","end":"')}
    ${call("$time", "(local.get $finish)", rowWord(Row.EndNanoseconds))}
    ${put('Z","duration":')}
    ${call("$duration", "(local.get $row)")}
    ${call("$text", "(local.get $protocol)")}
    ${put(',"src":{"ip":"')}
    ${call("$endpoint", "(local.get $row)", "(local.get $cold)", "(local.get $initiator)")}
    ${put(',"dst":{"ip":"')}
    ${call("$endpoint", "(local.get $row)", "(local.get $cold)", "(i32.sub (i32.const 1) (local.get $initiator))")}
    (if (i32.ne (local.get $interface) (i32.const ${NO_TEXT}))
      (then ${call("$text", "(local.get $interface)")}))
    (if ${isTold()} (then ${call("$surroundings")}))
    ${copy("$before")}
    (if (i32.ne (local.get $port) (i32.const -1)) (then ${call("$integer", "(local.get $port)")}))
    ${copy("$behind")}
    (if (i32.ne (local.get $connection) (i32.const ${NO_TEXT}))
      (then
        ${call("$text", "(local.get $connection)")}
        ${call("$losses", "(local.get $row)", "(local.get $initiator)")}
        (local.set $handshake ${rowWord(TcpRow.HandshakeNanoseconds)})
        (if (local.get $handshake)
          (then
            ${put(',"handshake_rtt":')}
            ${call(
              "$decimal",
              `(i32.div_u (local.get $handshake) ${BILLION})`,
              `(i32.sub (local.get $handshake)
                (i32.mul (i32.div_u (local.get $handshake) ${BILLION}) ${BILLION}))`,
            )}))
        ${putOctet(CLOSE)}))
    (if ${isTold()}
      (then
        (if ${told(Told.Fragments)}
          (then
            ${put(',"fragments":')}
            ${call("$integer", told(Told.Fragments))}))))
    ${call("$text", "(local.get $end)")}
    (local.get $at))

  ;; Place of the text of a connection that went the same way, see tcp-text.ts; 0 without one.
  (func $connectionOf (param $row i32) (param $initiator i32) (result i32)
    (local $letters i32) (local $states i32) (local $flags i32) (local $place i32)
    (local.set $letters ${rowWord(TcpRow.History)})
    (local.set $states ${rowWord(TcpRow.States)})
    (local.set $flags
      (i32.or
        (i32.and ${rowWord(TcpRow.Flags)} (i32.const 0xffff))
        (i32.shl (local.get $initiator) (i32.const 16))))
    (local.set $place
      (i32.and
        (i32.shr_u
          (i32.mul
            (i32.xor
              (i32.xor
                (i32.xor (local.get $letters) (i32.shl ${rowWord(TcpRow.History + 1)} (i32.const 7)))
                (i32.xor (i32.shl (local.get $states) (i32.const 3)) (local.get $flags)))
              (i32.mul
                (i32.xor
                  ${rowWord(TcpRow.History + 2)}
                  (i32.shl ${rowWord(TcpRow.History + 3)} (i32.const 9)))
                (i32.const ${LONG_FACTOR})))
            (i32.const ${FACTOR}))
          (i32.const ${16 - WAYS_SHIFT}))
        (i32.const ${(KEPT_CONNECTIONS - 1) << WAYS_SHIFT})))
    (if
      (i32.or
        (v128.any_true
          (v128.xor
            (v128.load offset=${Layout.Ways} (local.get $place))
            (v128.load offset=${TcpRow.History * 4} (local.get $row))))
        (i32.or
          (i32.xor (i32.load offset=${Layout.Ways + 16} (local.get $place)) (local.get $states))
          (i32.xor (i32.load offset=${Layout.Ways + 20} (local.get $place)) (local.get $flags))))
      (then (return (i32.const 0))))
    (i32.add
      (i32.const ${Layout.Connections})
      (i32.shl (local.get $place) (i32.const ${Math.log2(CONNECTION_SIZE) - WAYS_SHIFT}))))

  ;; From first to last packet.
  (func $duration (param $at i32) (param $row i32) (result i32)
    (local $seconds i32) (local $nanoseconds i32)
    (local.set $seconds (i32.sub ${rowWord(Row.EndSeconds)} ${rowWord(Row.StartSeconds)}))
    (local.set $nanoseconds (i32.sub ${rowWord(Row.EndNanoseconds)} ${rowWord(Row.StartNanoseconds)}))
    (if (i32.lt_s (local.get $nanoseconds) (i32.const 0))
      (then
        (local.set $seconds (i32.sub (local.get $seconds) (i32.const 1)))
        (local.set $nanoseconds (i32.add (local.get $nanoseconds) ${BILLION}))))
    (call $decimal (local.get $at) (local.get $seconds) (local.get $nanoseconds)))

  ;; One end, from behind \`{"ip":"\` to its closing brace.
  (func $endpoint (param $at i32) (param $row i32) (param $cold i32) (param $side i32) (result i32)
    (local $words i32) (local $last i32)
    (local.set $words (i32.add (local.get $row) (i32.shl (local.get $side) (i32.const 2))))
    (local.set $last (i32.load offset=${Row.Source * 4} (local.get $words)))
    (if (i32.and ${rowWord(Row.Kind)} (i32.const ${Kind.Ipv6}))
      (then ${call(
        "$ipv6",
        "(i32.add (i32.add (local.get $cold) (i32.const 16)) (i32.mul (local.get $side) (i32.const 12)))",
        "(local.get $last)",
      )})
      (else ${call("$ipv4", "(local.get $last)")}))
    ${put('","port":')}
    ${call("$integer", halfOf(rowWord(Row.Ports), "(local.get $side)"))}
    (if (i32.and ${rowWord(Row.Flags)} (i32.const ${Flag.HasMac}))
      (then
        ${put(',"mac":"')}
        ${call(
          "$mac",
          halfOf("(i32.load offset=4 (local.get $cold))", "(local.get $side)"),
          "(i32.load offset=8 (i32.add (local.get $cold) (i32.shl (local.get $side) (i32.const 2))))",
        )}
        ${putOctet(QUOTE)}))
    (if (i32.eqz (i32.load offset=${Row.Packets * 4} (local.get $words)))
      (then
        ${put(',"packets":0,"bytes":0,"ip_bytes":0,"payload_bytes":0}')}
        (return (local.get $at))))
    ${[',"packets":', ',"bytes":', ',"ip_bytes":', ',"payload_bytes":']
      .map(
        (name, i) =>
          put(name) +
          call("$integer", `(i32.load offset=${(Row.Packets + i * 2) * 4} (local.get $words))`),
      )
      .join("\n    ")}
    ${putOctet(CLOSE)}
    (local.get $at))`;
}

/** Place of the text of a second, 0 where it is not there. */
function secondPlace(to: string, second: string): string {
  return `(local.set $place
      (i32.shl
        (i32.and ${second} (i32.const ${KEPT_SECONDS - 1}))
        (i32.const ${Math.log2(SecondPlace.Size)})))
    (local.set ${to}
      (select
        (i32.add (local.get $place) (i32.const ${Layout.Seconds}))
        (i32.const 0)
        (i32.and
          (i32.eq
            (i32.load offset=${Layout.Seconds + SecondPlace.Second} (local.get $place))
            ${second})
          (i32.load offset=${Layout.Seconds + SecondPlace.IsKept} (local.get $place)))))`;
}
