import { createCipheriv, createHmac } from "node:crypto";
import { hex, join, text, u16, u32 } from "../../../test/support/octets.ts";
import type { SeededRandom } from "../../../test/support/seeded-random.ts";
import { clientHello, extension, serverHello } from "./tls.ts";

/** Salt of QUIC version 1 (RFC 9001 section 5.2). */
const INITIAL_SALT = hex("38762cf7 f55934b3 4d179ae6 a4c80cad ccbb7f0a");
/** A datagram with an Initial of the client has at least 1200 octets (RFC 9000 section 14.1). */
const DATAGRAM_LENGTH = 1200;
const AUTHENTICATION_TAG_LENGTH = 16;

/** Initial packet of a client with a ClientHello, protected as RFC 9001 section 5 says. */
export function clientInitial(
  serverName: string,
  destinationId: Uint8Array,
  sourceId: Uint8Array,
  random: SeededRandom,
): Uint8Array {
  const parameters = extension(
    57,
    join([0x0f, sourceId.length], sourceId, [0x01, 0x02, 0x67, 0x10]),
  );
  const hello = clientHello(serverName, ["h3"], random, parameters);
  return initial("client in", destinationId, destinationId, sourceId, cryptoFrame(hello));
}

/**
 * Initial packet of a server with an ACK and its ServerHello.
 * @param originalId - destination connection id of the client's first packet, source of the keys
 */
export function serverInitial(
  originalId: Uint8Array,
  destinationId: Uint8Array,
  sourceId: Uint8Array,
  random: SeededRandom,
): Uint8Array {
  const frames = join([0x02, 0, 0, 0, 0], cryptoFrame(serverHello(random)));
  return initial("server in", originalId, destinationId, sourceId, frames);
}

/** A packet with a short header; everything but its first octet and id stands for ciphertext. */
export function shortHeaderPacket(
  destinationId: Uint8Array,
  octets: number,
  random: SeededRandom,
): Uint8Array {
  return join(0x40 | (random.word() & 0x1f), destinationId, random.bytes(octets));
}

function initial(
  label: string,
  keyId: Uint8Array,
  destinationId: Uint8Array,
  sourceId: Uint8Array,
  frames: Uint8Array,
): Uint8Array {
  const secret = expand(hmac(INITIAL_SALT, keyId), label, 32);
  const key = expand(secret, "quic key", 16);
  const initialVector = expand(secret, "quic iv", 12);
  const headerKey = expand(secret, "quic hp", 16);
  const beforeLength = join(
    0xc3,
    u32(1),
    destinationId.length,
    destinationId,
    sourceId.length,
    sourceId,
    0,
  );
  const headerLength = beforeLength.length + 2 + 4;
  const plain = new Uint8Array(DATAGRAM_LENGTH - headerLength - AUTHENTICATION_TAG_LENGTH);
  plain.set(frames);
  const packetNumber = u32(0);
  const remaining = packetNumber.length + plain.length + AUTHENTICATION_TAG_LENGTH;
  const header = join(beforeLength, u16(0x4000 | remaining), packetNumber);
  // Packet number 0 leaves the initial vector as it is.
  const cipher = createCipheriv("aes-128-gcm", key, initialVector);
  cipher.setAAD(header);
  const sealed = join(cipher.update(plain), cipher.final(), cipher.getAuthTag());
  const maskCipher = createCipheriv("aes-128-ecb", headerKey, null);
  const mask = maskCipher.update(sealed.subarray(0, 16));
  const packet = join(header, sealed);
  packet[0]! ^= mask[0]! & 0x0f;
  for (let at = 0; at < 4; at++) packet[headerLength - 4 + at]! ^= mask[1 + at]!;
  return packet;
}

function cryptoFrame(message: Uint8Array): Uint8Array {
  return join([0x06, 0], u16(0x4000 | message.length), message);
}

/** HKDF-Expand-Label for outputs of one hash or less (RFC 8446 section 7.1). */
function expand(secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = text(`tls13 ${label}`);
  return hmac(secret, join(u16(length), name.length, name, 0, 1)).subarray(0, length);
}

function hmac(key: Uint8Array, content: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(content).digest();
}
