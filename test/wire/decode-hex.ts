import { decodeFrame, decodeTunnel } from "../../src/wire/decode.ts";
import { type DecodedHeaders, newDecodedHeaders } from "../../src/wire/decoded-headers.ts";
import { faultName } from "../../src/wire/fault.ts";
import { hex } from "../support/octets.ts";

/** Octets in front of the packet, so that an offset taken from the array's start shows. */
const BEFORE = 7;

/** `bytes` in the middle of a larger array whose other octets are all `fill`. */
export function surrounded(bytes: Uint8Array, fill: number): Uint8Array {
  const larger = new Uint8Array(BEFORE + bytes.length + 64).fill(fill);
  larger.set(bytes, BEFORE);
  return larger;
}

/** Decodes a packet out of the middle of an array; `wireLength` is the captured length unless given. */
export function decodeBytes(
  bytes: Uint8Array,
  linkType = 1,
  wireLength: number = bytes.length,
  fill = 0xff,
): DecodedHeaders {
  const out = newDecodedHeaders();
  const end = BEFORE + bytes.length;
  decodeFrame(surrounded(bytes, fill), BEFORE, end, BEFORE + wireLength, linkType, out);
  return out;
}

/** `decodeBytes` of hex text; white space does not count. */
export function decodeHex(text: string, linkType = 1, wireLength?: number): DecodedHeaders {
  return decodeBytes(hex(text), linkType, wireLength);
}

/** Every layer of encapsulation, outermost first; a last record that is no flow is included. */
export function decodeAll(bytes: Uint8Array, linkType = 1, fill = 0xff): DecodedHeaders[] {
  const larger = surrounded(bytes, fill);
  const end = BEFORE + bytes.length;
  const layers = [newDecodedHeaders()];
  let outcome = decodeFrame(larger, BEFORE, end, end, linkType, layers[0]!);
  while (outcome === 1 && layers.at(-1)!.tunnelType !== 0 && layers.length < 10) {
    const inner = newDecodedHeaders();
    outcome = decodeTunnel(larger, layers.at(-1)!, inner, end);
    layers.push(inner);
  }
  return layers;
}

function address(record: DecodedHeaders, side: "source" | "destination"): string {
  const words = [0, 1, 2, 3].map((index) => record[`${side}${index as 0 | 1 | 2 | 3}`] >>> 0);
  if (record.ipVersion === 4) {
    return [24, 16, 8, 0].map((shift) => (words[3]! >>> shift) & 0xff).join(".");
  }
  return words.map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** One line that says what was decoded: `10.0.0.1:53 > 10.0.0.2:1024 17`, and the fault if any. */
export function summary(record: DecodedHeaders): string {
  const fault = record.fault === 0 ? "" : ` ${faultName(record.fault)}@${record.faultOffset}`;
  if (record.outcome === 2) return `not ip 0x${record.etherType.toString(16)}${fault}`;
  if (record.outcome === 3) return `malformed${fault}`;
  if (record.outcome === 4) return "unsupported";
  const ports = record.hasPorts === 1;
  const source = address(record, "source") + (ports ? `:${record.sourcePort}` : "");
  const destination = address(record, "destination") + (ports ? `:${record.destinationPort}` : "");
  return `${source} > ${destination} ${record.protocol}${fault}`;
}

/** Octets of the payload a record points at, relative to the start of the packet. */
export function payloadOf(record: DecodedHeaders): [start: number, length: number] {
  return [record.payloadStart - BEFORE, record.payloadLength];
}
