import { findAmt } from "./amt.ts";
import { findAyiya } from "./ayiya.ts";
import { findCapwap } from "./capwap.ts";
import type { DecodedHeaders } from "./decoded-headers.ts";
import { findGeneve } from "./geneve.ts";
import { findGre } from "./gre.ts";
import { findGtpU } from "./gtp-u.ts";
import { findL2tp } from "./l2tp.ts";
import { Layer } from "./layer.ts";
import { findLisp } from "./lisp.ts";
import { findMobileIp } from "./mobile-ip.ts";
import { keepTunnel } from "./report.ts";
import { findTeredo, isTeredo } from "./teredo.ts";
import { Tunnel } from "./tunnel.ts";
import { findTzsp } from "./tzsp.ts";
import { findVxlan, findVxlanGpe, VXLAN_PORT } from "./vxlan.ts";

// Registered ports (IANA service names registry); 8472 is what Linux used before VXLAN had a number.
const REGISTERED: readonly (readonly [number, number])[] = [
  [434, Tunnel.MobileIp],
  [1701, Tunnel.L2tp],
  [2152, Tunnel.GtpU],
  [2268, Tunnel.Amt],
  [3544, Tunnel.Teredo],
  [4341, Tunnel.Lisp],
  [4754, Tunnel.GreInUdp],
  [VXLAN_PORT, Tunnel.Vxlan],
  [4790, Tunnel.VxlanGpe],
  [5072, Tunnel.Ayiya],
  [5247, Tunnel.Capwap],
  [6081, Tunnel.Geneve],
  [6635, Tunnel.MplsInUdp],
  [8472, Tunnel.Vxlan],
  [37008, Tunnel.Tzsp],
];

// Two reads instead of up to 28 comparisons for every UDP packet.
/** The `Tunnel` that each UDP port is registered for. */
export const TUNNEL_OF_PORT: Uint8Array = tunnelsByPort();

function tunnelsByPort(): Uint8Array {
  const tunnels = new Uint8Array(65536);
  for (const [port, tunnel] of REGISTERED) tunnels[port] = tunnel;
  return tunnels;
}

/**
 * Looks for an encapsulation on a registered port, the receiver's first. The port makes a
 * suspicion; the encapsulation's own header has to confirm it. Teredo is known by its addresses, too.
 * @param end - first octet not readable
 * @param out - ports and payload are set; the `tunnel` fields are written
 */
export function findUdpTunnel(bytes: Uint8Array, end: number, out: DecodedHeaders): void {
  const byDestination = TUNNEL_OF_PORT[out.destinationPort]!;
  const bySource = TUNNEL_OF_PORT[out.sourcePort]!;
  const readEnd = Math.min(end, out.payloadStart + out.payloadLength);
  if ((byDestination | bySource) === Tunnel.None) {
    if (isTeredo(bytes, out.payloadStart, readEnd, out.payloadLength)) {
      keepTunnel(out, Tunnel.Teredo, Layer.Ipv6, out.payloadStart, -1);
    }
    return;
  }
  if (byDestination !== Tunnel.None) find(bytes, readEnd, byDestination, out);
  if (out.tunnelType === Tunnel.None && bySource !== byDestination) {
    find(bytes, readEnd, bySource, out);
  }
}

function find(bytes: Uint8Array, end: number, tunnel: number, out: DecodedHeaders): void {
  const start = out.payloadStart;
  if (start >= end) return;
  switch (tunnel) {
    case Tunnel.Vxlan:
      findVxlan(bytes, start, end, out);
      return;
    case Tunnel.VxlanGpe:
      findVxlanGpe(bytes, start, end, out);
      return;
    case Tunnel.Geneve:
      findGeneve(bytes, start, end, out);
      return;
    case Tunnel.GtpU:
      findGtpU(bytes, start, end, out);
      return;
    case Tunnel.L2tp:
      findL2tp(bytes, start, end, out);
      return;
    case Tunnel.Teredo:
      findTeredo(bytes, start, end, out);
      return;
    case Tunnel.Capwap:
      findCapwap(bytes, start, end, out);
      return;
    case Tunnel.Ayiya:
      findAyiya(bytes, start, end, out);
      return;
    case Tunnel.Tzsp:
      findTzsp(bytes, start, end, out);
      return;
    case Tunnel.Lisp:
      findLisp(bytes, start, end, out);
      return;
    case Tunnel.Amt:
      findAmt(bytes, start, end, out);
      return;
    case Tunnel.GreInUdp:
      findGre(bytes, start, end, Tunnel.GreInUdp, out);
      return;
    case Tunnel.MobileIp:
      findMobileIp(bytes, start, end, out);
      return;
    case Tunnel.MplsInUdp:
      keepTunnel(out, Tunnel.MplsInUdp, Layer.Mpls, start, -1);
  }
}
