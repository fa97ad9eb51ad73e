/** A packet and when and where it was captured. */
export type TimedPacket = {
  readonly bytes: Uint8Array;
  /** Unix time; a number holds microseconds exactly until the year 2255. */
  readonly microseconds: number;
  /** 0 to 999, for captures with nanoseconds. */
  readonly nanoseconds?: number;
  /** Octets on the wire where the capture is said to hold fewer. */
  readonly wireLength?: number;
  /** Index of the pcapng interface. */
  readonly interfaceIndex?: number;
  /** What somebody said of it. */
  readonly comment?: string;
};

/** All packets in order of time; those of one time stay in the order given. */
export function inOrder(...lists: readonly (readonly TimedPacket[])[]): TimedPacket[] {
  return lists
    .flat()
    .sort(
      (one, other) =>
        one.microseconds - other.microseconds || (one.nanoseconds ?? 0) - (other.nanoseconds ?? 0),
    );
}
