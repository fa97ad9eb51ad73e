import { type HttpExchange, refusal, unanswered } from "./http-exchange.ts";
import { joinRecords } from "./join-lines.ts";
import type { QueuedRecord } from "./queued-record.ts";
import { ALL_SENT, type SendOutcome, type Transport } from "./transport.ts";

const LINE_END = Buffer.from("\n");
const CONFLICT = 409;
const TOO_MANY = 429;

/** Asks for the part of the answer that is read. */
export const BULK_QUERY =
  "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason";

type BulkItem = { readonly status?: number; readonly error?: { type?: string; reason?: string } };
type BulkAnswer = {
  readonly errors?: boolean;
  readonly items?: readonly Readonly<Record<string, BulkItem>>[];
};

/**
 * The bulk API of Elasticsearch and OpenSearch. Every record is created under the id of its flow, so
 * one that is sent again finds itself there: that answer, 409, counts as taken. `create` is also the
 * only action that data streams know.
 * @see https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
 */
export function newElasticsearch(name: string, exchange: HttpExchange): Transport {
  return {
    name,
    async send(records, signal) {
      try {
        const body = joinRecords(records, actionLine, LINE_END);
        const answer = await exchange.post(body, signal);
        if (answer.status < 200 || answer.status >= 300) return refusal(records, answer);
        return outcomeOf(records, JSON.parse(answer.body) as BulkAnswer);
      } catch (error: unknown) {
        return unanswered(records, error);
      }
    },
    async close() {
      exchange.close();
    },
  };
}

function actionLine({ id }: QueuedRecord): Uint8Array {
  return Buffer.from(`{"create":{"_id":"${id}"}}\n`);
}

/** Items come in the order of the records. */
function outcomeOf(records: readonly QueuedRecord[], answer: BulkAnswer): SendOutcome {
  if (answer.errors === false) return ALL_SENT;
  const items = answer.items ?? [];
  if (items.length !== records.length) {
    return {
      again: records,
      problem: `the answer is about ${items.length} of ${records.length} records`,
    };
  }
  const again: QueuedRecord[] = [];
  const rejected: { record: QueuedRecord; reason: string }[] = [];
  let problem = "";
  records.forEach((record, i) => {
    const [item = {}] = Object.values(items[i]!);
    const { status = 500 } = item;
    if ((status >= 200 && status < 300) || status === CONFLICT) return;
    const reason = `${status} ${item.error?.type ?? ""}: ${item.error?.reason ?? ""}`;
    if (status === TOO_MANY || status >= 500) {
      again.push(record);
      problem ||= reason;
    } else rejected.push({ record, reason });
  });
  return { again, problem, rejected };
}
