import { join, text, u16 } from "../../../test/support/octets.ts";

/** One BER element: tag, definite length, content (ITU-T X.690). */
export function element(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = join(...content);
  if (body.length < 128) return join(tag, body.length, body);
  if (body.length < 256) return join(tag, 0x81, body.length, body);
  return join(tag, 0x82, u16(body.length), body);
}

/** INTEGER below 2^15, or another type of number with the same content. */
export function integer(value: number, tag = 0x02): Uint8Array {
  return element(tag, value < 128 ? Uint8Array.of(value) : u16(value));
}

/** OCTET STRING, or another type of text with the same content. */
export function string(value: string, tag = 0x04): Uint8Array {
  return element(tag, text(value));
}
