import type { QueuedRecord } from "./queued-record.ts";

/** What came of sending some records. */
export type SendOutcome = {
  /** Those that have to be sent again, in order. */
  readonly again: readonly QueuedRecord[];
  /** Why, in words for the user. */
  readonly problem?: string;
  /** How long the other end wants to be left alone, milliseconds. */
  readonly pause?: number;
  /** It refused them as a whole: too large, or one of them is bad and it does not say which. */
  readonly isRefusedTogether?: boolean;
  /** It will refuse everything that is sent this way: wrong credentials, no such place. */
  readonly isHopeless?: boolean;
  /** Those that it refused for good, one by one, each with its reason. */
  readonly rejected?: readonly { readonly record: QueuedRecord; readonly reason: string }[];
};

/** All of them arrived. */
export const ALL_SENT: SendOutcome = { again: [] };

/** How one kind of destination takes records. */
export type Transport = {
  /** What to call it in messages. */
  readonly name: string;
  /** Sends records in order. Failures are outcomes, not exceptions. @param signal - gives up */
  send(records: readonly QueuedRecord[], signal: AbortSignal): Promise<SendOutcome>;
  close(): Promise<void>;
};

/** How many records go together. */
export type BatchLimits = {
  readonly records: number;
  readonly octets: number;
  /** The longest that a record waits for company, milliseconds. */
  readonly milliseconds: number;
};

/** The words of an error of Node's network. */
export function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  if (first instanceof Error) return problemOf(first);
  const code = "code" in error ? String(error.code) : "";
  return WORDS[code] ?? (error.message === "" ? code : error.message);
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection lost",
  EPIPE: "connection lost",
  ETIMEDOUT: "no answer",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "no such host for now",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ENOENT: "no such socket",
};
