import type { Layer } from "./build.ts";
import { ip, join, mac, u16, u32 } from "./octets.ts";

export type EthernetOptions = {
  readonly source?: string;
  readonly destination?: string;
  /** Instead of the number of the layer inside. */
  readonly etherType?: number;
  /** Write the length of the body where the EtherType goes: an IEEE 802.3 frame, for LLC. */
  readonly lengthField?: boolean;
  /** Zeros are added up to this length; 60 is what Ethernet needs without its check sequence. */
  readonly minimumLength?: number;
};

/** Ethernet II header, or IEEE 802.3 with `lengthField`. */
export function ethernet(options: EthernetOptions = {}): Layer {
  return {
    etherType: 0x6558,
    build(body, { next }) {
      const type =
        options.lengthField === true ? body.length : (options.etherType ?? next?.etherType ?? 0);
      const built = join(
        mac(options.destination ?? "02:00:00:00:00:02"),
        mac(options.source ?? "02:00:00:00:00:01"),
        u16(type),
        body,
      );
      const missing = (options.minimumLength ?? 0) - built.length;
      return missing > 0 ? join(built, new Uint8Array(missing)) : built;
    },
  };
}

export type VlanOptions = {
  /** 0 to 7. */
  readonly priority?: number;
  /** Type that announces the tag: 0x8100 (802.1Q, the default) or 0x88a8 (802.1ad). */
  readonly tagType?: number;
  readonly etherType?: number;
};

/** VLAN tag with this identifier, 0 to 4095 (IEEE 802.1Q). */
export function vlan(id: number, options: VlanOptions = {}): Layer {
  return {
    etherType: options.tagType ?? 0x8100,
    build: (body, { next }) =>
      join(
        u16(((options.priority ?? 0) << 13) | id),
        u16(options.etherType ?? next?.etherType ?? 0),
        body,
      ),
  };
}

/** IEEE 802.2 LLC header, unnumbered information, for `ethernet({ lengthField: true })`. */
export function llc(serviceAccessPoint: number): Layer {
  return { build: (body) => join(serviceAccessPoint, serviceAccessPoint, 3, body) };
}

export type ArpOptions = {
  /** 1 request, 2 reply (RFC 826). */
  readonly operation?: number;
  readonly senderMac: string;
  readonly sender: string;
  readonly targetMac?: string;
  readonly target: string;
};

/** ARP for IPv4 over Ethernet (RFC 826). */
export function arp(options: ArpOptions): Layer {
  return {
    etherType: 0x0806,
    build: (body) =>
      join(
        [0, 1, 8, 0, 6, 4],
        u16(options.operation ?? 1),
        mac(options.senderMac),
        ip(options.sender),
        mac(options.targetMac ?? "00:00:00:00:00:00"),
        ip(options.target),
        body,
      ),
  };
}

/** One MPLS label stack entry (RFC 3032); the innermost needs `bottom`. */
export function mpls(label: number, options: { readonly bottom: boolean }): Layer {
  return {
    etherType: 0x8847,
    build: (body) => join(u32((label << 12) | (options.bottom ? 0x100 : 0) | 64), body),
  };
}

/** PPPoE session header with its PPP protocol field (RFC 2516, RFC 1661). */
export function pppoe(session: number): Layer {
  return {
    etherType: 0x8864,
    build(body, { next }) {
      const protocol = next?.etherType === 0x86dd ? 0x0057 : 0x0021;
      return join(0x11, 0, u16(session), u16(body.length + 2), u16(protocol), body);
    },
  };
}
