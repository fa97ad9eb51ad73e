import type { ByteWriter } from "../../core/byte-writer.ts";
import { fragment } from "../../core/fragment.ts";
import {
  fragmentAt,
  integerAt,
  macAt,
  shortFragmentAt,
  smallIntegerAt,
} from "../../core/text-at.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { Row } from "../../flow/row/flow-row.ts";
import { addressAt, showsPorts } from "../flow-text.ts";

const QUOTE = 34;
const CLOSE = 125;
const OPEN = [fragment(',"src":{"ip":"'), fragment(',"dst":{"ip":"')] as const;
const PORT = fragment('","port":');
const MAC = fragment(',"mac":"');
const PACKETS_BEHIND_MAC = fragment('","packets":');
const PACKETS = fragment(',"packets":');
const BYTES = fragment(',"bytes":');
const IP_BYTES = fragment(',"ip_bytes":');
const PAYLOAD_BYTES = fragment(',"payload_bytes":');
/** What an end that sent nothing has behind `"packets":`. */
const NOTHING = fragment('0,"bytes":0,"ip_bytes":0,"payload_bytes":0}');
/** More than all of it takes. */
const ROOM = 256;

/** Writes `,"src":{...}` (end 0) or `,"dst":{...}` (end 1): an endpoint and what it sent. */
export function writeEndpoint(view: FlowView, end: number, out: ByteWriter): void {
  out.reserve(ROOM);
  const to = out.memory;
  let at = shortFragmentAt(to, out.length, OPEN[end]!);
  at = addressAt(view, end, to, at);
  if (showsPorts(view)) {
    at = shortFragmentAt(to, at, PORT);
    at = smallIntegerAt(to, at, end === 0 ? view.sourcePort : view.destinationPort);
  } else {
    to.setUint8(at, QUOTE);
    at += 1;
  }
  if (view.hasMac) {
    at = shortFragmentAt(to, at, MAC);
    at = macAt(to, at, view.macHigh(end), view.macLow(end));
  }
  at = shortFragmentAt(to, at, view.hasMac ? PACKETS_BEHIND_MAC : PACKETS);
  out.length = countersAt(view, end, to, at);
}

/** Writes the counters and closes the object. */
function countersAt(view: FlowView, end: number, to: DataView, at: number): number {
  // An end without packets has no octets either.
  if (view.packets(end) === 0) return fragmentAt(to, at, NOTHING);
  let behind = counterAt(view, Row.Packets, end, to, at);
  behind = shortFragmentAt(to, behind, BYTES);
  behind = counterAt(view, Row.Bytes, end, to, behind);
  behind = shortFragmentAt(to, behind, IP_BYTES);
  behind = counterAt(view, Row.IpBytes, end, to, behind);
  behind = shortFragmentAt(to, behind, PAYLOAD_BYTES);
  behind = counterAt(view, Row.PayloadBytes, end, to, behind);
  to.setUint8(behind, CLOSE);
  return behind + 1;
}

function counterAt(view: FlowView, counter: number, end: number, to: DataView, at: number): number {
  const small = view.smallCounter(counter, end);
  return small >= 0 ? smallIntegerAt(to, at, small) : integerAt(to, at, view.counter(counter, end));
}
