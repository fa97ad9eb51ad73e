import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { narrowTo } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readInt32, readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// IEEE 802.11 clause 9.3.2: 0 version (2 bits), type (2), subtype (4) | 1 flags | 2 duration
// 4 address 1 | 10 address 2 | 16 address 3 | 22 sequence control | 24 address 4, when to and from DS
// then QoS control (2 octets) in QoS data, HT control (4) when its flag is set
const FLAGS = 1;
const ADDRESS_1 = 4;
const ADDRESS_2 = 10;
const ADDRESS_3 = 16;
const SEQUENCE_CONTROL = 22;
const ADDRESS_4 = 24;
const SHORT_HEADER_LENGTH = 24;
const ADDRESS_LENGTH = 6;

const TYPE_MANAGEMENT = 0;
const TYPE_DATA = 2;
const SUBTYPE_QOS = 0x80;
const SUBTYPE_NO_DATA = 0x40;
const TO_DS = 0x01;
const FROM_DS = 0x02;
const PROTECTED = 0x40;
const HT_CONTROL = 0x80;
const AGGREGATE = 0x80;
// A-MSDU subframe: 0 destination | 6 source | 12 length | 14 LLC
const SUBFRAME_HEADER_LENGTH = 14;

/**
 * Decodes an IEEE 802.11 MAC header; of an aggregate (A-MSDU), the first subframe.
 * @param start - octet offset of the frame control field in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the LLC header with `out.nextLayer` set, or -1
 */
export function decodeWifi(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < 2) return fail(out, Fault.WifiTruncated, start);
  const swapped = out.nextLayer === Layer.WifiSwapped && (bytes[start]! & 3) !== 0;
  const kind = bytes[swapped ? start + FLAGS : start]!;
  const flags = bytes[swapped ? start : start + FLAGS]!;
  const type = (kind >> 2) & 3;
  if ((kind & 3) !== 0) return fail(out, Fault.LinkHeaderInvalid, start);
  if (type !== TYPE_DATA) {
    const management = type === TYPE_MANAGEMENT;
    return notIp(out, management ? PseudoEtherType.WifiManagement : PseudoEtherType.WifiControl);
  }
  if ((kind & SUBTYPE_NO_DATA) !== 0) return notIp(out, PseudoEtherType.WifiNoData);

  const fourAddresses = (flags & (TO_DS | FROM_DS)) === (TO_DS | FROM_DS);
  const qosControl = start + SHORT_HEADER_LENGTH + (fourAddresses ? ADDRESS_LENGTH : 0);
  let position = qosControl;
  if ((kind & SUBTYPE_QOS) !== 0) position += (flags & HT_CONTROL) !== 0 ? 6 : 2;
  if (out.nextLayer === Layer.WifiPadded) position = start + ((position - start + 3) & ~3);
  if (position > end) return fail(out, Fault.WifiTruncated, start);
  keepAddresses(bytes, start, flags, out);
  if ((flags & PROTECTED) !== 0) return notIp(out, PseudoEtherType.WifiProtected);
  // Makers that swap the frame control swap the sequence control as well.
  const sequence = start + SEQUENCE_CONTROL + (swapped ? 1 : 0);
  if ((bytes[sequence]! & 0x0f) !== 0) {
    return notIp(out, PseudoEtherType.WifiFragment);
  }
  if ((kind & SUBTYPE_QOS) !== 0 && (bytes[qosControl]! & AGGREGATE) !== 0) {
    return decodeAggregate(bytes, position, end, out);
  }
  out.nextLayer = Layer.Llc;
  return position;
}

function decodeAggregate(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < SUBFRAME_HEADER_LENGTH) return fail(out, Fault.WifiTruncated, start);
  keepDestination(bytes, start, out);
  keepSource(bytes, start + ADDRESS_LENGTH, out);
  narrowTo(out, start + SUBFRAME_HEADER_LENGTH + readUint16(bytes, start + 12));
  out.nextLayer = Layer.Llc;
  return start + SUBFRAME_HEADER_LENGTH;
}

/** Which address is the sender's and which the receiver's depends on the two DS flags. */
function keepAddresses(bytes: Uint8Array, start: number, flags: number, out: DecodedHeaders): void {
  out.hasMac = 1;
  const toDistribution = (flags & TO_DS) !== 0;
  const fromDistribution = (flags & FROM_DS) !== 0;
  keepDestination(bytes, start + (toDistribution ? ADDRESS_3 : ADDRESS_1), out);
  if (!fromDistribution) keepSource(bytes, start + ADDRESS_2, out);
  else keepSource(bytes, start + (toDistribution ? ADDRESS_4 : ADDRESS_3), out);
}

function keepDestination(bytes: Uint8Array, offset: number, out: DecodedHeaders): void {
  out.destinationMacHigh = readUint16(bytes, offset);
  out.destinationMacLow = readInt32(bytes, offset + 2);
}

function keepSource(bytes: Uint8Array, offset: number, out: DecodedHeaders): void {
  out.sourceMacHigh = readUint16(bytes, offset);
  out.sourceMacLow = readInt32(bytes, offset + 2);
}
