import type { ByteWriter } from "../../core/byte-writer.ts";
import {
  type Surroundings,
  type TunnelText,
  tunnelLayers,
  vlanIds,
  writeTunnelAddress,
} from "../flow-text.ts";

/** Writes `,"vlan":[...]` and `,"tunnel":[...]` where there are any. */
export function writeSurroundings(view: Surroundings, out: ByteWriter): void {
  if (view.context === undefined && view.extra === undefined) return;
  const vlan = vlanIds(view);
  if (vlan.length > 0) out.text(`,"vlan":[${vlan.join(",")}]`);
  writeTunnels(tunnelLayers(view), out);
}

/** Writes `,"tunnel":[...]`, outermost first; nothing without layers. */
export function writeTunnels(layers: readonly TunnelText[], out: ByteWriter): void {
  if (layers.length === 0) return;
  out.text(',"tunnel":[');
  layers.forEach((layer, i) => {
    out.text(`${i === 0 ? "" : ","}{"type":"${layer.type}"`);
    if (layer.id !== undefined) out.text(`,"id":${layer.id}`);
    out.text(',"src":"');
    writeTunnelAddress(layer, layer.source, out);
    out.text('","dst":"');
    writeTunnelAddress(layer, layer.destination, out);
    out.text('"}');
  });
  out.text("]");
}
