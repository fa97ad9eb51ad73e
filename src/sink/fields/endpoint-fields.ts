import { showsPorts, writeAddress } from "../flow-text.ts";
import { ADDRESS, ALWAYS, COUNT, type Field, PORT } from "./field.ts";

/**
 * The fields of an endpoint.
 * @param name - name of its object
 * @param end - 0 for the initiator, 1 for the responder
 */
export function endpointFields(name: "src" | "dst", end: 0 | 1): readonly Field[] {
  const who = end === 0 ? "initiator" : "responder";
  return [
    {
      path: `${name}.ip`,
      type: "string",
      unit: "RFC 5952 for IPv6",
      meaning: `address of the ${who}`,
      present: ALWAYS,
      schema: ADDRESS,
      write: (record, out) => writeAddress(record.view, end, out),
    },
    {
      path: `${name}.port`,
      type: "integer",
      meaning: `port of the ${who}`,
      present: "the transport has ports and they were read",
      schema: PORT,
      write({ view }, out) {
        if (showsPorts(view)) out.integer(end === 0 ? view.sourcePort : view.destinationPort);
      },
    },
    {
      path: `${name}.mac`,
      type: "string",
      unit: "hexadecimal octets with colons",
      meaning: `MAC address beside the ${who} in the flow's first packet`,
      present: "the link layer has MAC addresses",
      schema: { pattern: "^[0-9a-f]{2}(:[0-9a-f]{2}){5}$" },
      write({ view }, out) {
        if (view.hasMac) out.mac(view.macHigh(end), view.macLow(end));
      },
    },
    {
      path: `${name}.packets`,
      type: "integer",
      unit: "packets",
      meaning: `packets sent by the ${who}`,
      present: ALWAYS,
      schema: COUNT,
      write: (record, out) => out.integer(record.view.packets(end)),
    },
    {
      path: `${name}.bytes`,
      type: "integer",
      unit: "octets",
      meaning: `octets of the ${who}'s frames on the wire, link header included`,
      present: ALWAYS,
      schema: COUNT,
      write: (record, out) => out.integer(record.view.bytes(end)),
    },
    {
      path: `${name}.ip_bytes`,
      type: "integer",
      unit: "octets",
      meaning: `octets of the ${who}'s IP datagrams, as their headers say`,
      present: ALWAYS,
      schema: COUNT,
      write: (record, out) => out.integer(record.view.ipBytes(end)),
    },
    {
      path: `${name}.payload_bytes`,
      type: "integer",
      unit: "octets",
      meaning: `octets above the ${who}'s transport headers, retransmissions included`,
      present: ALWAYS,
      schema: COUNT,
      write: (record, out) => out.integer(record.view.payloadBytes(end)),
    },
  ];
}
