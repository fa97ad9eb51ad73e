import type { ChecksumChoice, Layer } from "./build.ts";
import { chooseChecksum, frame } from "./build.ts";
import { internetChecksum } from "./checksum.ts";
import { ip, join, u16, u32 } from "./octets.ts";

export type Ipv4Options = {
  readonly source?: string;
  readonly destination?: string;
  /** Instead of the number of the layer inside. */
  readonly protocol?: number;
  readonly identification?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  /** Octets, a multiple of 8. */
  readonly fragmentOffset?: number;
  readonly timeToLive?: number;
  readonly typeOfService?: number;
  /** Options as octets; padded with zeros to a multiple of 4. */
  readonly options?: Uint8Array;
  /** Instead of the right one, to lie. */
  readonly totalLength?: number;
  /** Header length in octets to claim, instead of the right one. */
  readonly headerLength?: number;
  readonly version?: number;
  readonly checksum?: ChecksumChoice;
};

/** IPv4 header (RFC 791). */
export function ipv4(options: Ipv4Options = {}): Layer {
  const source = ip(options.source ?? "192.0.2.1");
  const destination = ip(options.destination ?? "198.51.100.1");
  return {
    etherType: 0x0800,
    ipProtocol: 4,
    pseudoHeader: { source, destination },
    build(body, { next }) {
      const extra = padded(options.options ?? new Uint8Array(0), 4);
      const headerLength = options.headerLength ?? 20 + extra.length;
      const flags =
        (options.dontFragment === true ? 0x4000 : 0) |
        (options.moreFragments === true ? 0x2000 : 0) |
        ((options.fragmentOffset ?? 0) >>> 3);
      const header = join(
        ((options.version ?? 4) << 4) | ((headerLength >>> 2) & 15),
        options.typeOfService ?? 0,
        u16(options.totalLength ?? 20 + extra.length + body.length),
        u16(options.identification ?? 0),
        u16(flags),
        options.timeToLive ?? 64,
        options.protocol ?? next?.ipProtocol ?? 255,
        [0, 0],
        source,
        destination,
        extra,
      );
      header.set(u16(chooseChecksum(options.checksum, internetChecksum(header))), 10);
      return join(header, body);
    },
  };
}

export type Ipv6Options = {
  readonly source?: string;
  readonly destination?: string;
  /** Instead of the number of the layer inside; 59 (nothing follows) when there is none. */
  readonly nextHeader?: number;
  readonly hopLimit?: number;
  readonly trafficClass?: number;
  readonly flowLabel?: number;
  /** Instead of the right one, to lie. */
  readonly payloadLength?: number;
};

/** IPv6 header (RFC 8200 section 3). */
export function ipv6(options: Ipv6Options = {}): Layer {
  const source = ip(options.source ?? "2001:db8::1");
  const destination = ip(options.destination ?? "2001:db8::2");
  return {
    etherType: 0x86dd,
    ipProtocol: 41,
    pseudoHeader: { source, destination },
    build: (body, { next }) =>
      join(
        u32((6 << 28) | ((options.trafficClass ?? 0) << 20) | (options.flowLabel ?? 0)),
        u16(options.payloadLength ?? body.length),
        options.nextHeader ?? next?.ipProtocol ?? 59,
        options.hopLimit ?? 64,
        source,
        destination,
        body,
      ),
  };
}

/**
 * An IPv6 extension header that holds its length in units of 8 octets: hop-by-hop (0), routing (43)
 * or destination options (60), RFC 8200 section 4. `content` is what comes after the length octet;
 * the default is one PadN option.
 */
export function ipv6Extension(
  kind: 0 | 43 | 60,
  content: Uint8Array = Uint8Array.of(1, 4, 0, 0, 0, 0),
): Layer {
  if ((content.length + 2) % 8 !== 0) throw new Error("an extension header is a multiple of 8");
  return {
    ipProtocol: kind,
    build: (body, { next }) =>
      join(next?.ipProtocol ?? 59, (content.length + 2) / 8 - 1, content, body),
  };
}

export type Ipv6FragmentOptions = {
  /** Octets, a multiple of 8. */
  readonly offset: number;
  readonly more: boolean;
  readonly identification?: number;
  readonly nextHeader?: number;
};

/** IPv6 fragment header (RFC 8200 section 4.5). */
export function ipv6FragmentHeader(options: Ipv6FragmentOptions): Layer {
  return {
    ipProtocol: 44,
    build: (body, { next }) =>
      join(
        options.nextHeader ?? next?.ipProtocol ?? 59,
        0,
        u16(options.offset | (options.more ? 1 : 0)),
        u32(options.identification ?? 1),
        body,
      ),
  };
}

/** Authentication header with a check value of 12 octets (RFC 4302). */
export function authenticationHeader(securityParameters: number): Layer {
  return {
    ipProtocol: 51,
    build: (body, { next }) =>
      join(
        next?.ipProtocol ?? 59,
        4,
        [0, 0],
        u32(securityParameters),
        u32(1),
        new Uint8Array(12),
        body,
      ),
  };
}

/** A piece of a datagram and where it belongs; `layer` is the IP header it gets. */
type Piece = { readonly offset: number; readonly more: boolean; readonly octets: Uint8Array };

/**
 * The datagram of these transport layers in IPv4 fragments of `size` octets (a multiple of 8) each.
 * The transport checksum is that of the whole datagram. Every element goes inside `ethernet()`.
 */
export function ipv4Fragments(
  options: Ipv4Options,
  size: number,
  ...transport: readonly Layer[]
): Layer[] {
  const whole = frame(ipv4(options), ...transport).subarray(20);
  const protocol = options.protocol ?? transport[0]?.ipProtocol ?? 255;
  return pieces(whole, size).map(({ offset, more, octets }) => {
    const header = ipv4({ ...options, protocol, fragmentOffset: offset, moreFragments: more });
    return inside(header, octets);
  });
}

/** The same for IPv6; the fragment header comes right after the IPv6 header. */
export function ipv6Fragments(
  options: Ipv6Options & { readonly identification?: number },
  size: number,
  ...transport: readonly Layer[]
): Layer[] {
  const whole = frame(ipv6(options), ...transport).subarray(40);
  const nextHeader = transport[0]?.ipProtocol ?? 59;
  return pieces(whole, size).map(({ offset, more, octets }) => {
    const identification = options.identification ?? 1;
    const header = ipv6FragmentHeader({ offset, more, identification, nextHeader });
    return inside(ipv6(options), frame(header, inside(undefined, octets)), 44);
  });
}

function pieces(whole: Uint8Array, size: number): Piece[] {
  if (size % 8 !== 0) throw new Error(`${size}: a fragment's length is a multiple of 8`);
  const list: Piece[] = [];
  for (let offset = 0; offset < whole.length; offset += size) {
    const more = offset + size < whole.length;
    list.push({ offset, more, octets: whole.subarray(offset, offset + size) });
  }
  return list;
}

/** A layer of these octets inside `header`, whose own numbers it keeps. */
function inside(header: Layer | undefined, octets: Uint8Array, ipProtocol?: number): Layer {
  const body: Layer = {
    ...(ipProtocol === undefined ? {} : { ipProtocol }),
    build: (rest) => join(octets, rest),
  };
  if (header === undefined) return body;
  return { ...header, build: (rest) => join(frame(header, body), rest) };
}

function padded(content: Uint8Array, unit: number): Uint8Array {
  const missing = (unit - (content.length % unit)) % unit;
  return join(content, new Uint8Array(missing));
}
