import { text } from "./octets.ts";

/** Addresses that the checksums of TCP, UDP, DCCP and ICMPv6 cover (RFC 9293 section 3.1, RFC 8200 section 8.1). */
export type PseudoHeader = { readonly source: Uint8Array; readonly destination: Uint8Array };

/** What a layer learns of its place in the packet. */
export type Place = {
  /** The layer inside this one; absent for the innermost. */
  readonly next: Layer | undefined;
  /** Addresses of the IP layer next around this one, if there is one. */
  readonly pseudoHeader: PseudoHeader | undefined;
};

/** One header of a packet, or its payload. */
export type Layer = {
  /** Number by which Ethernet, VLAN, GRE ... announce this layer. */
  readonly etherType?: number;
  /** Number by which IPv4, IPv6 and its extension headers announce this layer. */
  readonly ipProtocol?: number;
  /** Set by IP layers, for the checksums inside them. */
  readonly pseudoHeader?: PseudoHeader;
  /** The layer's octets around those of the layers inside it. */
  build(body: Uint8Array, place: Place): Uint8Array;
};

/** A checksum: right unless a number is given, or `wrong` for one that is off by one. */
export type ChecksumChoice = "right" | "wrong" | number;

/** The value to write for a choice, given the right one. */
export function chooseChecksum(choice: ChecksumChoice | undefined, right: number): number {
  if (typeof choice === "number") return choice;
  return choice === "wrong" ? right ^ 1 : right;
}

/**
 * Octets of a packet, outermost layer first:
 * `frame(ethernet(), vlan(5), ipv4({ source, destination }), tcp({ ... }), payload("hello"))`.
 */
export function frame(...layers: readonly Layer[]): Uint8Array {
  let body: Uint8Array = new Uint8Array(0);
  for (let index = layers.length - 1; index >= 0; index--) {
    const around = layers.slice(0, index).findLast((layer) => layer.pseudoHeader !== undefined);
    const place = { next: layers[index + 1], pseudoHeader: around?.pseudoHeader };
    body = layers[index]!.build(body, place);
  }
  return body;
}

/** Payload: octets, text, or so many octets of a counting pattern. */
export function payload(content: Uint8Array | string | number): Layer {
  const octets =
    typeof content === "number"
      ? Uint8Array.from({ length: content }, (_, at) => at & 0xff)
      : typeof content === "string"
        ? text(content)
        : content;
  return { build: (body) => concatenate(octets, body) };
}

/** Octets already built, announced by these numbers: a fragment, a foreign header. */
export function octets(
  content: Uint8Array,
  numbers: { readonly etherType?: number; readonly ipProtocol?: number } = {},
): Layer {
  return { ...numbers, build: (body) => concatenate(content, body) };
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
