import { type HttpExchange, refusal, unanswered } from "./http-exchange.ts";
import { joinRecords } from "./join-lines.ts";
import type { QueuedRecord } from "./queued-record.ts";
import { ALL_SENT, type SendOutcome, type Transport } from "./transport.ts";

const MICROSECONDS = 1_000_000;
const EVENT_END = Buffer.from("}\n");

/** What Splunk files an event under. */
export type SplunkMetadata = {
  readonly host?: string;
  readonly source?: string;
  readonly sourcetype: string;
  readonly index?: string;
};

type HecAnswer = {
  readonly text?: string;
  readonly code?: number;
  "invalid-event-number"?: number;
};

/**
 * Splunk's HTTP Event Collector: JSON objects one after the other, each with its time and, as the
 * indexed field `portflow_id`, the id of its flow, by which a search leaves out what came twice.
 * @see https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector
 */
export function newSplunk(
  name: string,
  exchange: HttpExchange,
  metadata: SplunkMetadata,
): Transport {
  const common = JSON.stringify(metadata).slice(1, -1);
  const open = (record: QueuedRecord): Uint8Array =>
    Buffer.from(
      `{"time":${(record.time / MICROSECONDS).toFixed(6)},${common},` +
        `"fields":{"portflow_id":"${record.id}"},"event":`,
    );
  return {
    name,
    async send(records, signal) {
      try {
        const answer = await exchange.post(joinRecords(records, open, EVENT_END), signal);
        if (answer.status >= 200 && answer.status < 300) return ALL_SENT;
        return oneRefused(records, answer.status, answer.body) ?? refusal(records, answer);
      } catch (error: unknown) {
        return unanswered(records, error);
      }
    },
    async close() {
      exchange.close();
    },
  };
}

/** Splunk says which event it could not read; those before it are in, those after it are not. */
function oneRefused(
  records: readonly QueuedRecord[],
  status: number,
  body: string,
): SendOutcome | undefined {
  if (status !== 400) return undefined;
  const { text = "", code, "invalid-event-number": number } = parseAnswer(body);
  const record = number === undefined ? undefined : records[number];
  if (record === undefined) return undefined;
  const reason = `${status} ${text} (code ${code})`;
  return { again: records.slice(number! + 1), problem: reason, rejected: [{ record, reason }] };
}

function parseAnswer(body: string): HecAnswer {
  try {
    return JSON.parse(body) as HecAnswer;
  } catch {
    return {};
  }
}
