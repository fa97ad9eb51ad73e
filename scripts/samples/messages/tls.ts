import { join, text, u16, u24 } from "../../../test/support/octets.ts";
import type { SeededRandom } from "../../../test/support/seeded-random.ts";

const HANDSHAKE = 22;
const CHANGE_CIPHER_SPEC = 20;
const APPLICATION_DATA = 23;

/** TLS 1.3 ClientHello handshake message with a server name (RFC 8446 section 4.1.2, RFC 6066). */
export function clientHello(
  serverName: string,
  protocols: readonly string[],
  random: SeededRandom,
  extra: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const host = text(serverName);
  const names = protocols.map((protocol) => join(protocol.length, text(protocol)));
  const list = join(...names);
  const extensions = join(
    extension(0, join(u16(host.length + 3), 0, u16(host.length), host)),
    extension(10, join(u16(4), u16(29), u16(23))),
    extension(13, join(u16(6), u16(0x0403), u16(0x0804), u16(0x0401))),
    list.length === 0 ? [] : extension(16, join(u16(list.length), list)),
    extension(43, join(2, u16(0x0304))),
    extension(45, Uint8Array.of(1, 1)),
    extension(51, join(u16(36), u16(29), u16(32), random.bytes(32))),
    extra,
  );
  const suites = join(u16(0x1301), u16(0x1302), u16(0x1303));
  const body = join(
    u16(0x0303),
    random.bytes(32),
    32,
    random.bytes(32),
    u16(suites.length),
    suites,
    [1, 0],
    u16(extensions.length),
    extensions,
  );
  return join(1, u24(body.length), body);
}

/** ServerHello that answers it: TLS_AES_128_GCM_SHA256 and an X25519 share. */
export function serverHello(random: SeededRandom): Uint8Array {
  const extensions = join(
    extension(43, u16(0x0304)),
    extension(51, join(u16(29), u16(32), random.bytes(32))),
  );
  const body = join(
    u16(0x0303),
    random.bytes(32),
    32,
    random.bytes(32),
    u16(0x1301),
    0,
    u16(extensions.length),
    extensions,
  );
  return join(2, u24(body.length), body);
}

/** The client's first flight. */
export function clientHelloRecord(
  serverName: string,
  protocols: readonly string[],
  random: SeededRandom,
): Uint8Array {
  return tlsRecord(HANDSHAKE, clientHello(serverName, protocols, random), 0x0301);
}

/** The server's first flight: ServerHello, and what follows it under encryption. */
export function serverFlight(random: SeededRandom, encryptedOctets: number): Uint8Array {
  return join(
    tlsRecord(HANDSHAKE, serverHello(random)),
    tlsRecord(CHANGE_CIPHER_SPEC, Uint8Array.of(1)),
    tlsData(random, encryptedOctets),
  );
}

/** The client's Finished and its first request. */
export function clientFinished(random: SeededRandom, requestOctets: number): Uint8Array {
  return join(
    tlsRecord(CHANGE_CIPHER_SPEC, Uint8Array.of(1)),
    tlsData(random, 53),
    tlsData(random, requestOctets),
  );
}

/** A record of application data; its octets stand for the ciphertext. */
export function tlsData(random: SeededRandom, octets: number): Uint8Array {
  return tlsRecord(APPLICATION_DATA, random.bytes(octets));
}

/** One extension: type, length, data. */
export function extension(type: number, data: Uint8Array): Uint8Array {
  return join(u16(type), u16(data.length), data);
}

function tlsRecord(type: number, content: Uint8Array, version = 0x0303): Uint8Array {
  return join(type, u16(version), u16(content.length), content);
}
