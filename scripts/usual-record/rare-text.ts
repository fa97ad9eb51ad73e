import { TcpRow } from "../../src/flow/row/flow-row.ts";
import { NO_TEXT, Told } from "../../src/sink/ndjson/usual-record-layout.ts";
import { CLOSE, call, isTold, put, putOctet, rowWord, told } from "./wat.ts";

const COMMA = 44;

/** What few flows have; most of it is told, see rare-facts.ts. */
export function rareText(): string {
  return `;; What was lost of a connection, and what came twice or late.
  (func $losses (param $at i32) (param $row i32) (param $initiator i32) (result i32)
    (local $repeats0 i32) (local $repeats1 i32) (local $late0 i32) (local $late1 i32) (local $missed i32)
    (if ${isTold()}
      (then
        (local.set $repeats0 ${told(Told.Retransmits)})
        (local.set $repeats1 ${told(Told.Retransmits + 1)})
        (local.set $late0 ${told(Told.OutOfOrder)})
        (local.set $late1 ${told(Told.OutOfOrder + 1)})
        (local.set $missed ${told(Told.Missed)}))
      (else
        (local.set $repeats0
          (select
            ${rowWord(TcpRow.Retransmits + 1)}
            ${rowWord(TcpRow.Retransmits)}
            (local.get $initiator)))
        (local.set $repeats1
          (select
            ${rowWord(TcpRow.Retransmits)}
            ${rowWord(TcpRow.Retransmits + 1)}
            (local.get $initiator)))))
    (if
      (i32.eqz
        (i32.or
          (i32.or (local.get $repeats0) (local.get $repeats1))
          (i32.or (i32.or (local.get $late0) (local.get $late1)) (local.get $missed))))
      (then
        ${put('"},"retransmits":{"src":0,"dst":0},"out_of_order":{"src":0,"dst":0},"missed_bytes":0')}
        (return (local.get $at))))
    ${put('"},"retransmits":{"src":')}
    ${call("$integer", "(local.get $repeats0)")}
    ${put(',"dst":')}
    ${call("$integer", "(local.get $repeats1)")}
    ${put('},"out_of_order":{"src":')}
    ${call("$integer", "(local.get $late0)")}
    ${put(',"dst":')}
    ${call("$integer", "(local.get $late1)")}
    ${put('},"missed_bytes":')}
    (call $integer (local.get $at) (local.get $missed)))

  ;; VLANs and tunnels around a flow that was told of, and its security parameter indexes.
  (func $surroundings (param $at i32) (result i32)
    (if (i32.ne ${told(Told.Around)} (i32.const ${NO_TEXT}))
      (then ${call("$text", told(Told.Around))}))
    (if (i32.eqz (i32.or ${told(Told.Spi)} ${told(Told.Spi + 1)})) (then (return (local.get $at))))
    ${put(',"spi":{')}
    (if ${told(Told.Spi)}
      (then
        ${put('"src":')}
        ${call("$integer", told(Told.Spi))}
        (if ${told(Told.Spi + 1)} (then ${putOctet(COMMA)}))))
    (if ${told(Told.Spi + 1)}
      (then
        ${put('"dst":')}
        ${call("$integer", told(Told.Spi + 1))}))
    ${putOctet(CLOSE)}
    (local.get $at))`;
}
