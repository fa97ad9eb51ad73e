import type { ByteWriter } from "../../core/byte-writer.ts";
import { CertaintyName, DirectionReasonName } from "../../flow/row/direction.ts";
import {
  icmpCode,
  icmpType,
  showsIcmp,
  tunnelLayers,
  vlanIds,
  writeTunnelAddress,
} from "../flow-text.ts";
import type { FlowRecord } from "../sink.ts";
import { ADDRESS, ALWAYS, type Field } from "./field.ts";
import { quoteFields } from "./quote-fields.ts";

const OCTET = { minimum: 0, maximum: 255 };
const SPI = { minimum: 1, maximum: 4294967295 };
const SEMICOLON = 59;
const COLON = 58;
const GREATER = 62;

/** Where a flow was seen, and which way it went. */
export const surroundingsFields: readonly Field[] = [
  {
    path: "interface",
    type: "string",
    meaning: "name of the capture interface",
    present: "the capture names its interfaces",
    isFreeText: true,
    write({ interfaceName }, out) {
      if (interfaceName !== undefined) out.text(interfaceName);
    },
  },
  {
    path: "vlan",
    type: "list",
    meaning: "VLAN ids, outermost first; flat: joined by semicolons",
    present: "the frames are tagged",
    schema: { minItems: 1, items: { type: "integer", minimum: 1, maximum: 4095 } },
    write: ({ view }, out) => out.text(vlanIds(view).join(";")),
  },
  {
    path: "tunnel",
    type: "list",
    meaning:
      "tunnels around the flow, outermost first, each with type, id (VNI, key) where both directions share one, and its ends, the lower address as src; flat: type:id:src>dst, joined by semicolons",
    present: "the flow is inside a tunnel",
    schema: {
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["type", "src", "dst"],
        properties: {
          type: { type: "string", pattern: "^[a-z0-9][a-z0-9-]*$" },
          id: { type: "integer", minimum: 0, maximum: 4294967295 },
          src: { type: "string", ...ADDRESS },
          dst: { type: "string", ...ADDRESS },
        },
      },
    },
    write: writeTunnels,
  },
  {
    path: "icmp.type",
    type: "integer",
    meaning: "ICMP type of the flow's first packet",
    present: ALWAYS,
    schema: OCTET,
    write({ view }, out) {
      if (showsIcmp(view)) out.integer(icmpType(view));
    },
  },
  {
    path: "icmp.code",
    type: "integer",
    meaning: "ICMP code of messages that have no answer, 0 for requests and replies",
    present: ALWAYS,
    schema: OCTET,
    write({ view }, out) {
      if (showsIcmp(view)) out.integer(icmpCode(view));
    },
  },
  ...quoteFields,
  {
    path: "spi.src",
    type: "integer",
    meaning: "security parameter index of the initiator's first IPsec packet",
    present: "the initiator sent one",
    schema: SPI,
    write({ view }, out) {
      if (view.spi(0) !== 0) out.integer(view.spi(0));
    },
  },
  {
    path: "spi.dst",
    type: "integer",
    meaning: "security parameter index of the responder's first IPsec packet",
    present: "the responder sent one",
    schema: SPI,
    write({ view }, out) {
      if (view.spi(1) !== 0) out.integer(view.spi(1));
    },
  },
  {
    path: "direction.certainty",
    type: "string",
    meaning: "how sure it is that src began the flow",
    values: CertaintyName,
    present: ALWAYS,
    write: ({ view }, out) => out.text(CertaintyName[view.direction.certainty]!),
  },
  {
    path: "direction.reason",
    type: "string",
    meaning: "what the direction rests on",
    values: DirectionReasonName,
    present: ALWAYS,
    write: ({ view }, out) => out.text(DirectionReasonName[view.direction.reason]!),
  },
];

function writeTunnels({ view }: FlowRecord, out: ByteWriter): void {
  if (view.context === undefined) return;
  const layers = tunnelLayers(view);
  for (let i = 0; i < layers.length; i += 1) {
    const layer = layers[i]!;
    if (i > 0) out.byte(SEMICOLON);
    out.text(layer.type);
    out.byte(COLON);
    if (layer.id !== undefined) out.integer(layer.id);
    out.byte(COLON);
    writeTunnelAddress(layer, layer.source, out);
    out.byte(GREATER);
    writeTunnelAddress(layer, layer.destination, out);
  }
}
