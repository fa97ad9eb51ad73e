import { Row, TcpRow } from "../../src/flow/row/flow-row.ts";
import {
  Layout,
  MEMO_SIZE,
  MEMOS,
  Memo,
  PORT_KINDS_OF_UDP,
  TAG_FLAGS,
  TagBit,
  Told,
} from "../../src/sink/ndjson/usual-record-layout.ts";
import { isTcp, rowWord, told } from "./wat.ts";

const store = (word: number, value: string): string =>
  `(i32.store offset=${Layout.Told + word * 4} (i32.const 0) ${value})`;

/** Where the module remembers how flows are tagged. */
export function memoText(): string {
  return `;; Where it is remembered how such a flow is tagged; what tells whether it is this one goes to \`Told\`.
  (func $memoOf (export "memoOf") (param $row i32) (result i32)
    (local $ports i32) (local $kinds i32) (local $flags i32) (local $first i32) (local $second i32)
    (local $place i32) (local $mixed i32)
    (local.set $ports ${rowWord(Row.Ports)})
    (local.set $first (i32.shr_u (local.get $ports) (i32.const 16)))
    (local.set $second (i32.and (local.get $ports) (i32.const 0xffff)))
    (local.set $flags (i32.and ${rowWord(Row.Flags)} (i32.const ${TAG_FLAGS})))
    (if ${isTcp(rowWord(Row.Kind))}
      (then
        ;; Whether the second side is the initiator, bit 20 of the states.
        (local.set $flags
          (i32.or
            (local.get $flags)
            (i32.and (i32.shr_u ${rowWord(TcpRow.States)} (i32.const 20)) (i32.const 1)))))
      (else (local.set $kinds (i32.const ${PORT_KINDS_OF_UDP}))))
    (local.set $flags
      (i32.or
        (local.get $flags)
        (i32.or
          (i32.or (i32.shr_u (local.get $kinds) (i32.const 1)) (i32.const ${TagBit.Always}))
          (i32.or
            (i32.mul (i32.lt_u (local.get $first) (local.get $second)) (i32.const ${TagBit.Ascending}))
            (i32.mul (i32.eq (local.get $first) (local.get $second)) (i32.const ${TagBit.Equal}))))))
    (local.set $first ${portKind("$first")})
    (local.set $second ${portKind("$second")})
    (local.set $kinds (i32.or (i32.shl (local.get $first) (i32.const 16)) (local.get $second)))
    ${store(Told.Kinds, "(local.get $kinds)")}
    ${store(Told.Flags, "(local.get $flags)")}
    ;; A scan meets many kinds of one side's ports: they fill the places one after the other.
    (local.set $mixed
      (i32.mul
        (i32.add (local.get $first) (i32.mul (local.get $flags) (i32.const 0x2c1b3c6d)))
        (i32.const ${0x9e3779b1 | 0})))
    ${mix("$mixed", 0x85ebca6b)}
    (local.set $place ${memoPlace("(i32.add (local.get $mixed) (local.get $second))")})
    ;; Where another one is, the second place is anywhere.
    (if
      (i32.and
        (i32.ne (i32.load offset=${Layout.Memos + Memo.Flags} (local.get $place)) (i32.const 0))
        (i32.ne ${isOther(Layout.Memos, "$place")} (i32.const 0)))
      (then
        (local.set $mixed (i32.add (local.get $mixed) (i32.mul (local.get $second) (i32.const 0x27d4eb2f))))
        ${mix("$mixed", 0xc2b2ae35)}
        (local.set $place ${memoPlace("(local.get $mixed)")})))
    (i32.add (i32.const ${Layout.Memos}) (local.get $place)))`;
}

/** Whether the memo so many octets behind what a variable says is not that of the flow that `Told` tells of. */
export function isOther(behind: number, memo: string): string {
  return `(i32.or
          (i32.xor
            (i32.load offset=${behind + Memo.Kinds} (local.get ${memo}))
            ${told(Told.Kinds)})
          (i32.xor
            (i32.load offset=${behind + Memo.Flags} (local.get ${memo}))
            ${told(Told.Flags)}))`;
}

/** Lets the upper bits of a variable decide over the lower ones. */
function mix(variable: string, factor: number): string {
  const folded = `(i32.xor (local.get ${variable}) (i32.shr_u (local.get ${variable}) (i32.const 15)))`;
  return `(local.set ${variable} (i32.mul ${folded} (i32.const ${factor | 0})))
    (local.set ${variable} ${folded})`;
}

/** Octets from the first memo to the one that a number chooses. */
function memoPlace(number: string): string {
  return `(i32.mul
        (i32.and ${number} (i32.const ${MEMOS - 1}))
        (i32.const ${MEMO_SIZE}))`;
}

/** What kind a port in a variable is of. */
function portKind(port: string): string {
  return `(i32.and
        (i32.load offset=${Layout.PortKinds}
          (i32.add (local.get $kinds) (i32.shl (local.get ${port}) (i32.const 1))))
        (i32.const 0xffff))`;
}
