import { type DecodedHeaders, Fragment, Outcome } from "./decoded-headers.ts";
import { decodeEthernet } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { decodeIpv4 } from "./ipv4.ts";
import { Layer } from "./layer.ts";
import { decodeLayers } from "./layers.ts";
import { layerOfLinkType } from "./link-type.ts";
import { Tunnel } from "./tunnel.ts";

const ETHERNET = 1;
/** Offsets stay below this, so that V8 keeps them as small integers. */
const LARGEST_OFFSET = 0x7fffffff;

/**
 * Decodes a packet from its link layer through the outermost IP header to the transport. Never
 * throws, never allocates, never reads outside `[start, capturedEnd)`.
 * @param start - octet offset of the packet in `bytes`
 * @param capturedEnd - `start` + octets in the capture
 * @param wireEnd - `start` + octets on the wire; in damaged files it may be before `capturedEnd`,
 *   and what was captured was certainly on the wire
 * @param linkType - LINKTYPE_* number
 * @param out - overwritten
 * @returns `out.outcome`
 */
export function decodeFrame(
  bytes: Uint8Array,
  start: number,
  capturedEnd: number,
  wireEnd: number,
  linkType: number,
  out: DecodedHeaders,
): number {
  const end = Math.max(start, Math.min(capturedEnd, bytes.length));
  clearHeaders(out, start, end, wireEnd);
  if (linkType === ETHERNET) {
    // Nine packets in ten are IPv4 right behind Ethernet: spare them the walk over layers.
    const position = decodeEthernet(bytes, start, end, out);
    if (position < 0) return out.outcome;
    if (out.nextLayer !== Layer.Ipv4) return decodeLayers(bytes, position, out);
    decodeIpv4(bytes, position, end, out);
    return out.outcome;
  }
  out.nextLayer = layerOfLinkType(linkType);
  if (out.nextLayer === Layer.None) {
    out.outcome = Outcome.UnsupportedLink;
    return Outcome.UnsupportedLink;
  }
  return decodeLayers(bytes, start, out);
}

/**
 * Decodes one encapsulation: what lies in `outer`'s tunnel, down to the next IP header and its
 * transport. MAC addresses and VLAN ids are those of the encapsulated frame, if it is one.
 * @param outer - what `decodeFrame` or an earlier call of this made of the packet; only read
 * @param inner - another record, overwritten
 * @param capturedEnd - as given to `decodeFrame`
 * @returns `inner.outcome`; when it is not `Flow`, the packet belongs to `outer`'s flow.
 *   `NotIp` with no fault when `outer` has no tunnel
 */
export function decodeTunnel(
  bytes: Uint8Array,
  outer: DecodedHeaders,
  inner: DecodedHeaders,
  capturedEnd: number,
): number {
  let end = Math.min(outer.capturedEnd, bytes.length);
  if (capturedEnd < end) end = capturedEnd;
  if (outer.tunnelEnd < end) end = outer.tunnelEnd;
  clearHeaders(inner, outer.frameStart, end, outer.tunnelEnd);
  if (outer.tunnelType === Tunnel.None) {
    inner.outcome = Outcome.NotIp;
    inner.etherType = 0;
    return Outcome.NotIp;
  }
  inner.nextLayer = outer.tunnelLayer;
  decodeLayers(bytes, outer.tunnelStart, inner);
  if (inner.fault === Fault.IpLengthBeyondFrame && outer.fragment === Fragment.First) {
    // The rest of the inner datagram is in the fragments that follow: cut off, but no lie.
    inner.fault = Fault.None;
    inner.faultOffset = 0;
    inner.truncated = 1;
  }
  return inner.outcome;
}

/**
 * Clears what says whether other fields are to be believed; those keep stale values.
 * @param start - where the packet begins in its array
 * @param end - first octet past what the capture holds
 * @param wireEnd - first octet past what was on the wire
 */
export function clearHeaders(
  out: DecodedHeaders,
  start: number,
  end: number,
  wireEnd: number,
): void {
  out.fault = 0;
  out.faultOffset = 0;
  out.hasMac = 0;
  out.vlanCount = 0;
  out.fragment = Fragment.None;
  out.truncated = 0;
  out.hasPorts = 0;
  out.hasTcp = 0;
  out.hasIcmp = 0;
  out.messageType = -1;
  out.spi = 0;
  out.tunnelType = Tunnel.None;
  out.tunnelId = -1;
  out.frameStart = start;
  out.capturedEnd = end;
  out.wireEnd = wireEnd > end ? Math.min(wireEnd, LARGEST_OFFSET) : end;
}
