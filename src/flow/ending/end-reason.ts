/** Why a record was written. Names are public. */
export const EndReason = {
  Closed: 1,
  Reset: 2,
  Reuse: 3,
  Idle: 4,
  Active: 5,
  Evicted: 6,
  CaptureEnd: 7,
  Interrupted: 8,
} as const;
export type EndReason = (typeof EndReason)[keyof typeof EndReason];

/** Name by code. */
export const EndReasonName: readonly string[] = [
  "",
  "closed",
  "reset",
  "reuse",
  "idle",
  "active",
  "evicted",
  "capture_end",
  "interrupted",
];

/**
 * IPFIX flowEndReason by code (information element 136): 1 idle, 2 active, 3 end detected,
 * 4 forced, 5 lack of resources. @see RFC 5102 section 5.11.3
 */
export const IpfixEndReason: readonly number[] = [0, 3, 3, 3, 1, 2, 5, 4, 4];
