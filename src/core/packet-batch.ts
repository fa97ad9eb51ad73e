/**
 * Packets handed over together by a capture source. Row `i` describes one packet; its octets are
 * `bytes[start[i] .. start[i] + capturedLength[i])`. Rows and octets are valid until the next call
 * to `fill`, which overwrites them.
 */
export type PacketBatch = {
  /** The window that holds the octets; may be another array after every `fill`. */
  bytes: Uint8Array;
  /** Octet offset of the packet in `bytes`. */
  readonly start: Int32Array;
  /** Octets present in the capture. */
  readonly capturedLength: Int32Array;
  /** Octets on the wire as the capture states them; smaller than `capturedLength` only in damaged files. */
  readonly wireLength: Uint32Array;
  /** Unix time, whole seconds, unsigned. */
  readonly seconds: Uint32Array;
  /** 0 to 999,999,999. */
  readonly nanoseconds: Int32Array;
  /** LINKTYPE_* number of the interface the packet came from; above 0xf000 those of formats with others. */
  readonly linkType: Int32Array;
  /** Index into the source's `interfaces`. */
  readonly interfaceIndex: Int32Array;
  /** `PacketMark` bits; 0 where the source knows nothing more, as saved captures. */
  readonly marks: Uint8Array;
  /** Comments on packets, in the order of their rows; empty unless they were asked for. */
  readonly comments: RowComment[];
  /** Rows in use. */
  count: number;
};

/** A comment that somebody left on a packet. */
export type RowComment = { readonly row: number; readonly text: string };

/** What a source knows of a packet beyond its octets. */
export const PacketMark = {
  /** Sent by this machine before its checksums were filled in: they are not wrong, they are not there yet. */
  ChecksumNotReady: 1,
} as const;

/** Rows of a batch: enough to amortise one await, small enough to stay in a second-level cache. */
export const BATCH_CAPACITY = 4096;

/** Octets that a row takes. */
export const BATCH_OCTETS = 29;

/**
 * A batch with room for `capacity` packets and no octets of its own.
 * @param memory - zeros to have it in, a multiple of four octets from `at` on
 */
export function newPacketBatch(
  capacity: number = BATCH_CAPACITY,
  memory: ArrayBufferLike = new ArrayBuffer(capacity * BATCH_OCTETS),
  at = 0,
): PacketBatch {
  const column = (number: number): number => at + number * capacity * 4;
  return {
    bytes: new Uint8Array(0),
    start: new Int32Array(memory, column(0), capacity),
    capturedLength: new Int32Array(memory, column(1), capacity),
    wireLength: new Uint32Array(memory, column(2), capacity),
    seconds: new Uint32Array(memory, column(3), capacity),
    nanoseconds: new Int32Array(memory, column(4), capacity),
    linkType: new Int32Array(memory, column(5), capacity),
    interfaceIndex: new Int32Array(memory, column(6), capacity),
    marks: new Uint8Array(memory, column(7), capacity),
    comments: [],
    count: 0,
  };
}
