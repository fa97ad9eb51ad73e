import { crc32 } from "node:zlib";
import { join, unsigned } from "./capture-bytes.ts";

// Frames whose blocks are stored, not compressed: no compressor needed, and the layout is plain.

const u32 = (value: number) => unsigned(value, 4, "little");

/** RFC 1952 and 1951 section 3.2.4: one member of stored blocks of at most `block` octets. */
export function storedGzip(content: Uint8Array, block: number): Uint8Array {
  const blocks = inPieces(content, block).map((piece, index, all) =>
    join(
      Uint8Array.of(index === all.length - 1 ? 1 : 0),
      unsigned(piece.length, 2, "little"),
      unsigned(~piece.length, 2, "little"),
      piece,
    ),
  );
  const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
  return join(header, ...blocks, u32(crc32(content)), u32(content.length));
}

/** RFC 8878: magic, descriptor 0, a window of 256 KiB, raw blocks of at most 100,000 octets. */
export function storedZstd(content: Uint8Array): Uint8Array {
  const blocks = inPieces(content, 100_000).map((piece, index, all) =>
    join(unsigned((piece.length << 3) | (index === all.length - 1 ? 1 : 0), 3, "little"), piece),
  );
  return join(u32(0xfd2fb528), Uint8Array.of(0, 0x40), ...blocks);
}

/** RFC 8878 section 3.1.2, skippable frame. */
export function skippableFrame(content: Uint8Array): Uint8Array {
  return join(u32(0x184d2a50), u32(content.length), content);
}

/** LZ4 frame format 1.6: version 1, independent blocks of 64 KiB; 0x82 is the checksum of 60 40. */
export function storedLz4(content: Uint8Array): Uint8Array {
  const blocks = inPieces(content, 65_536).map((piece) =>
    join(u32(0x8000_0000 | piece.length), piece),
  );
  return join(u32(0x184d2204), Uint8Array.of(0x60, 0x40, 0x82), ...blocks, u32(0));
}

/** The .xz file format 1.2: one block of uncompressed LZMA2 chunks, CRC32 check. */
export function storedXz(content: Uint8Array): Uint8Array {
  const flags = Uint8Array.of(0, 1);
  const header = Uint8Array.of(2, 0, 0x21, 1, 0x16, 0, 0, 0);
  const chunks = inPieces(content, 65_536).map((piece, index) =>
    join(Uint8Array.of(index === 0 ? 1 : 2), unsigned(piece.length - 1, 2, "big"), piece),
  );
  const data = join(...chunks, Uint8Array.of(0));
  const block = join(header, u32(crc32(header)), data);
  const records = join(Uint8Array.of(0, 1), varint(block.length + 4), varint(content.length));
  const index = padded(records);
  const back = join(u32((index.length + 4) / 4 - 1), flags);
  return join(
    Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0),
    flags,
    u32(crc32(flags)),
    padded(block),
    u32(crc32(content)),
    index,
    u32(crc32(index)),
    u32(crc32(back)),
    back,
    Uint8Array.of(0x59, 0x5a),
  );
}

function inPieces(content: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < content.length; start += size) {
    pieces.push(content.subarray(start, start + size));
  }
  return pieces;
}

function varint(value: number): Uint8Array {
  const octets: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) octets.push((rest % 128) | 0x80);
  return Uint8Array.of(...octets, rest);
}

function padded(bytes: Uint8Array): Uint8Array {
  return join(bytes, new Uint8Array(-bytes.length & 3));
}
