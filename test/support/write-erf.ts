import { join, payload, unsigned } from "./capture-bytes.ts";

export type ErfRecord = {
  /** Of 7 bits; 2, Ethernet, unless given. */
  type?: number;
  seconds?: number;
  /** Of 2^-32 s. */
  fraction?: number;
  /** Low two bits: the port; 4: as long as its packet. */
  flags?: number;
  /** Loss counter or colour. */
  lost?: number;
  /** With its frame check sequence, if it has one. */
  data?: Uint8Array;
  wireLength?: number;
  /** The first octet of each extension header, without the bit that tells of another. */
  extensions?: readonly number[];
  /** Octets between headers and packet; those of the type unless given. */
  inFront?: number;
  /** Up to a multiple of eight unless given. */
  padding?: number;
  /** What the record says of itself where it lies. */
  recordLength?: number;
};

/** Octets that record types have in front of the packet, but none: Ethernet's offset and padding, channels. */
const IN_FRONT: Readonly<Record<number, number>> = { 2: 2, 11: 2, 16: 2, 20: 2, 5: 4, 17: 4 };

/** One record in Endace's format. */
export function erfRecord(record: ErfRecord = {}): Uint8Array {
  const type = record.type ?? 2;
  const data = record.data ?? payload(64);
  const extensions = record.extensions ?? [];
  const inFront = record.inFront ?? IN_FRONT[type] ?? 0;
  const length = 16 + extensions.length * 8 + inFront + data.length;
  const padding = record.padding ?? -length & 7;
  return join(
    unsigned(record.fraction ?? 0, 4, "little"),
    unsigned(record.seconds ?? 1_600_000_000, 4, "little"),
    unsigned(type | (extensions.length > 0 ? 0x80 : 0), 1, "big"),
    unsigned(record.flags ?? 4, 1, "big"),
    unsigned(record.recordLength ?? length + padding, 2, "big"),
    unsigned(record.lost ?? 0, 2, "big"),
    unsigned(record.wireLength ?? data.length, 2, "big"),
    ...extensions.map((one, index) => {
      const more = index < extensions.length - 1 ? 0x80 : 0;
      return Uint8Array.from([one | more, 0, 0, 0, 0, 0, 0, index]);
    }),
    new Uint8Array(inFront),
    data,
    new Uint8Array(padding),
  );
}

/** A capture of these records. */
export function erf(...records: readonly ErfRecord[]): Uint8Array {
  return join(...records.map(erfRecord));
}
