import { EndReason } from "../../src/flow/ending/end-reason.ts";
import {
  Flag,
  Kind,
  LoneSynRow,
  OtherRow,
  QuoteRow,
  Row,
  TcpRow,
} from "../../src/flow/row/flow-row.ts";
import { EndpointState } from "../../src/flow/row/tcp-state.ts";
import { Layout, Memo, Told } from "../../src/sink/ndjson/usual-record-layout.ts";
import { digestPlace } from "./community-id-text.ts";
import { isOther } from "./memo-text.ts";
import { halfOf, isTcp, rowWord, told as toldWord } from "./wat.ts";

const TCP = 6;
const UDP = 17;
const BOTH_RESET = EndpointState.Reset | (EndpointState.Reset << 6);
const BOTH_STATES = 7 | (7 << 6);
/** Lengths of a lone SYN, see lone-syn-row.ts: flags in 8 bits, then 12 of the frame and 12 of the datagram. */
const FLAGS_MASK = 0xff;
const OCTETS_MASK = 0xfff;

const told = (word: number): string => `offset=${Layout.Told + word * 4} (i32.const 0)`;

/** Records of rows, one behind the other. */
export function rowsText(): string {
  return `;; Writes the records of the rows from \`$from\` to \`$to\`, as long as nothing is unusual or missing and
  ;; \`$at\` is not above \`$limit\`. Returns where they ended; \`Told.Stopped\` is the row that was not written.
  (func $records (export "records") (param $at i32) (param $limit i32) (param $from i32) (param $to i32)
    (result i32)
    (local $row i32) (local $whole i32) (local $memo i32) (local $found i32) (local $ends i32)
    (loop $next
      (i32.store ${told(Told.Stopped)} (local.get $from))
      (if
        (i32.or
          (i32.ge_u (local.get $from) (local.get $to))
          (i32.gt_u (local.get $at) (local.get $limit)))
        (then (return (local.get $at))))
      (local.set $row (i32.add (local.get $from) (i32.const 4)))
      (local.set $whole (local.get $row))
      (if (i32.and ${rowWord(Row.Kind)} (i32.const ${Kind.LoneSyn}))
        (then
          (call $wholeSyn (local.get $row) (i32.const ${Layout.Syn}))
          (local.set $whole (i32.const ${Layout.Syn}))))
      (if (i32.eqz (call $isUsual (local.get $whole) (i32.load (local.get $from))))
        (then (return (local.get $at))))
      (local.set $memo (call $memoOf (local.get $whole)))
      (if
        ${isOther(0, "$memo")}
        (then (return (local.get $at))))
      (local.set $found (i32.load offset=${Memo.Behind} (local.get $memo)))
      (local.set $ends
        (call $record
          (local.get $at)
          (local.get $whole)
          ${digestPlace("(local.get $row)")}
          (i32.load (local.get $from))
          (i32.and (local.get $found) (i32.const ${Memo.Initiator}))
          (i32.load offset=${Memo.Before} (local.get $memo))
          (select
            ${halfOf(
              `(i32.load offset=${Row.Ports * 4} (local.get $whole))`,
              `(i32.and (i32.shr_u (local.get $found) (i32.const ${Memo.PortSideShift})) (i32.const 1))`,
            )}
            (i32.const -1)
            (i32.and (local.get $found) (i32.const ${Memo.HasPort})))
          (i32.and (local.get $found) (i32.const ${~15}))))
      (if (i32.eq (local.get $ends) (i32.const -1)) (then (return (local.get $at))))
      (local.set $at (local.get $ends))
      (if (i32.and (local.get $found) (i32.const ${Memo.Nameless}))
        (then (call $noteNameless (local.get $row))))
      (local.set $from (call $nextRow (local.get $from)))
      (br_if $next (i32.const 1)))
    (i32.const 0))

  ;; The record of a single row with its reason in front, from \`$from\`; see \`$record\`.
  (func $one (export "record") (param $at i32) (param $from i32) (param $initiator i32)
    (param $before i32) (param $port i32) (param $behind i32) (result i32)
    (local $row i32)
    (local.set $row (i32.add (local.get $from) (i32.const 4)))
    (call $hashRows (local.get $from) (local.get $row))
    (call $record
      (local.get $at)
      (local.get $row)
      ${digestPlace("(local.get $row)")}
      (i32.load (local.get $from))
      (local.get $initiator)
      (local.get $before)
      (local.get $port)
      (local.get $behind)))

  ;; Whether there is nothing to tell but what is written here, see \`isUsual\`.
  (func $isUsual (param $row i32) (param $reason i32) (result i32)
    (local $kind i32)
    (local.set $kind (i32.and ${rowWord(Row.Kind)} (i32.const ${~Kind.Ipv6})))
    (if
      (i32.or
        (i32.and
          (i32.ne (i32.or (i32.and ${rowWord(Row.Flags)} (i32.const ${Flag.Extra})) ${rowWord(Row.Context)}) (i32.const 0))
          (i32.ne ${toldWord(Told.Of)} (local.get $row)))
        (i32.eq (local.get $reason) (i32.const ${EndReason.Active})))
      (then (return (i32.const 0))))
    (if (i32.eq (local.get $kind) (i32.const ${UDP | Kind.HasPorts})) (then (return (i32.const 1))))
    (if (i32.ne (local.get $kind) (i32.const ${TCP | Kind.HasPorts})) (then (return (i32.const 0))))
    (i32.ne
      (i32.and ${rowWord(TcpRow.States)} (i32.const ${BOTH_STATES}))
      (i32.const ${BOTH_RESET})))

  ;; Lists a row whose flow has no name.
  (func $noteNameless (param $row i32)
    (local $place i32)
    (local.set $place (i32.load ${told(Told.Nameless)}))
    (i32.store offset=${Layout.Nameless} (local.get $place) (local.get $row))
    (i32.store ${told(Told.Nameless)} (i32.add (local.get $place) (i32.const 4))))

  ;; The row behind, see \`rowSize\`; both with their reasons in front.
  (func $nextRow (param $from i32) (result i32)
    (local $kind i32) (local $size i32)
    (local.set $kind (i32.load offset=${(1 + Row.Kind) * 4} (local.get $from)))
    (local.set $size
      (select
        (select
          (i32.const ${TcpRow.SizeIpv6})
          (i32.const ${TcpRow.Size})
          (i32.and (local.get $kind) (i32.const ${Kind.Ipv6})))
        (i32.const ${OtherRow.Size})
        ${isTcp("(local.get $kind)")}))
    (if (i32.and (local.get $kind) (i32.const ${Kind.OneWay}))
      (then (local.set $size (i32.const ${QuoteRow.Size}))))
    (if (i32.and (local.get $kind) (i32.const ${Kind.LoneSyn}))
      (then (local.set $size (i32.const ${LoneSynRow.Size}))))
    (i32.add
      (i32.add (local.get $from) (i32.const 4))
      (i32.shl (local.get $size) (i32.const 2))))

  ;; The whole row of a lone SYN, see \`wholeSyn\`, as far as it is looked at here.
  (func $wholeSyn (param $row i32) (param $to i32)
    (local $lengths i32)
    (local.set $lengths ${rowWord(LoneSynRow.Lengths)})
    ${[
      [Row.Ports, rowWord(Row.Ports)],
      [Row.Kind, `(i32.and ${rowWord(Row.Kind)} (i32.const ${~Kind.LoneSyn}))`],
      [Row.Source, rowWord(Row.Source)],
      [Row.Destination, rowWord(Row.Destination)],
      [Row.Flags, `(i32.or ${rowWord(Row.Flags)} (i32.const ${Flag.SynBy0}))`],
      [Row.StartSeconds, rowWord(LoneSynRow.StartSeconds)],
      [Row.StartNanoseconds, rowWord(LoneSynRow.StartNanoseconds)],
      [Row.EndSeconds, rowWord(LoneSynRow.StartSeconds)],
      [Row.EndNanoseconds, rowWord(LoneSynRow.StartNanoseconds)],
      [
        Row.Bytes,
        `(i32.and (i32.shr_u (local.get $lengths) (i32.const 8)) (i32.const ${OCTETS_MASK}))`,
      ],
      [Row.IpBytes, "(i32.shr_u (local.get $lengths) (i32.const 20))"],
      [
        TcpRow.Flags,
        `(i32.or
        (i32.and (i32.load offset=${TcpRow.Flags * 4} (local.get $to)) (i32.const ${~FLAGS_MASK}))
        (i32.and (local.get $lengths) (i32.const ${FLAGS_MASK})))`,
      ],
      [TcpRow.Ordinal, rowWord(LoneSynRow.Ordinal)],
      [TcpRow.Ordinal + 1, rowWord(LoneSynRow.MacHigh)],
      [TcpRow.Ordinal + 2, rowWord(LoneSynRow.MacSourceLow)],
      [TcpRow.Ordinal + 3, rowWord(LoneSynRow.MacDestinationLow)],
    ]
      .map(([word, value]) => `(i32.store offset=${(word as number) * 4} (local.get $to) ${value})`)
      .join("\n    ")})`;
}
