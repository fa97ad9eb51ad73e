import type { Layer } from "./build.ts";
import { internetChecksum } from "./checksum.ts";
import { join, u16, u24, u32 } from "./octets.ts";

export type GreOptions = {
  readonly key?: number;
  readonly sequence?: number;
  readonly withChecksum?: boolean;
  readonly protocol?: number;
};

/** GRE header, version 0 (RFC 2784, RFC 2890). */
export function gre(options: GreOptions = {}): Layer {
  return {
    ipProtocol: 47,
    build(body, { next }) {
      const { key, sequence, withChecksum } = options;
      const flags =
        (withChecksum === true ? 0x8000 : 0) |
        (key === undefined ? 0 : 0x2000) |
        (sequence === undefined ? 0 : 0x1000);
      const packet = join(
        u16(flags),
        u16(options.protocol ?? next?.etherType ?? 0),
        withChecksum === true ? [0, 0, 0, 0] : [],
        key === undefined ? [] : u32(key),
        sequence === undefined ? [] : u32(sequence),
        body,
      );
      if (withChecksum === true) packet.set(u16(internetChecksum(packet)), 4);
      return packet;
    },
  };
}

/** VXLAN header (RFC 7348), inside `udp({ destinationPort: 4789 })` and around `ethernet()`. */
export function vxlan(network: number): Layer {
  return { build: (body) => join([8, 0, 0, 0], u24(network), 0, body) };
}

/** Geneve header without options (RFC 8926), inside `udp({ destinationPort: 6081 })`. */
export function geneve(network: number): Layer {
  return {
    build: (body, { next }) => join([0, 0], u16(next?.etherType ?? 0), u24(network), 0, body),
  };
}

/** GTP-U header of a G-PDU (3GPP TS 29.281), inside `udp({ destinationPort: 2152 })`. */
export function gtpu(tunnel: number): Layer {
  return { build: (body) => join([0x30, 0xff], u16(body.length), u32(tunnel), body) };
}
