import { type DecodedHeaders, Outcome } from "./decoded-headers.ts";

/**
 * Ends the decoding of a packet that has no usable IP header.
 * @param offset - octet offset in the packet's array of the field that shows the fault
 * @returns -1, so that a decoder can `return fail(...)`
 */
export function fail(out: DecodedHeaders, fault: number, offset: number): number {
  out.outcome = Outcome.Malformed;
  out.fault = fault;
  // A length may have led past the end; what shows the fault is then that the octets are missing.
  out.faultOffset = Math.min(offset, out.capturedEnd) - out.frameStart;
  return -1;
}

/**
 * Notes a fault that does not stop decoding. The first one is kept: what comes after it may only
 * be its consequence.
 * @param offset - octet offset in the packet's array of the field that shows the fault
 */
export function note(out: DecodedHeaders, fault: number, offset: number): void {
  if (out.fault !== 0) return;
  out.fault = fault;
  out.faultOffset = offset - out.frameStart;
}

/**
 * Ends the decoding of a packet that is sound but carries no IP.
 * @param etherType - EtherType, or one of the numbers below 1536 of `PseudoEtherType`
 * @returns -1, so that a decoder can `return notIp(...)`
 */
export function notIp(out: DecodedHeaders, etherType: number): number {
  out.outcome = Outcome.NotIp;
  out.etherType = etherType;
  return -1;
}

/**
 * Records an encapsulation whose own header has been checked. It ends where the payload of the
 * header that carries it ends.
 * @param type - `Tunnel`
 * @param layer - `Layer` that begins at `start`
 * @param start - octet offset of the encapsulated headers in the packet's array
 * @param id - the tunnel's own id as int32, -1 for none
 */
export function keepTunnel(
  out: DecodedHeaders,
  type: number,
  layer: number,
  start: number,
  id: number,
): void {
  out.tunnelType = type;
  out.tunnelLayer = layer;
  out.tunnelStart = start;
  out.tunnelEnd = Math.min(out.payloadStart + out.payloadLength, out.wireEnd);
  out.tunnelId = id;
}

/**
 * Takes an encapsulation's own length for where its content ends, unless it promises more than
 * there is.
 * @param contentEnd - octet offset in the packet's array
 */
export function narrowTunnel(out: DecodedHeaders, contentEnd: number): void {
  if (contentEnd < out.tunnelEnd) out.tunnelEnd = contentEnd;
}
