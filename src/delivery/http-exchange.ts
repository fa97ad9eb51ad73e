import { Agent as HttpAgent, type RequestOptions, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { SecureContextOptions } from "node:tls";
import type { QueuedRecord } from "./queued-record.ts";
import { problemOf, type SendOutcome } from "./transport.ts";

/** How long a server may take to answer, milliseconds. */
const ANSWER_TIMEOUT = 60_000;
/** Octets of an answer that are kept. */
const LARGEST_ANSWER = 1 << 26;
/** Of an answer's words, shown to the user. */
const SHOWN_ANSWER = 200;

/** An answer. */
export type HttpAnswer = {
  readonly status: number;
  readonly body: string;
  /** Milliseconds that the server asks to be left alone. */
  readonly pause: number | undefined;
};

/** Posts bodies to one address over connections that stay open. */
export type HttpExchange = {
  /** @throws Error of Node's network when there is no whole answer */
  post(body: Uint8Array, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
};

/** @param url - http or https, without credentials */
export function newHttpExchange(
  url: URL,
  headers: Readonly<Record<string, string>>,
  tls: SecureContextOptions,
): HttpExchange {
  const isSecure = url.protocol === "https:";
  const agent = isSecure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 1, ...tls })
    : new HttpAgent({ keepAlive: true, maxSockets: 1 });
  const request = isSecure ? requestHttps : requestHttp;
  return {
    post: (body, signal) =>
      new Promise((resolve, reject) => {
        const options: RequestOptions = {
          method: "POST",
          agent,
          signal,
          timeout: ANSWER_TIMEOUT,
          headers: { ...headers, "content-length": body.length },
        };
        const exchange = request(url, options, (answer) => {
          const chunks: Buffer[] = [];
          let octets = 0;
          answer.on("data", (chunk: Buffer) => {
            octets += chunk.length;
            if (octets <= LARGEST_ANSWER) chunks.push(chunk);
          });
          answer.on("error", reject);
          answer.on("end", () => {
            resolve({
              status: answer.statusCode ?? 0,
              body: Buffer.concat(chunks).toString("utf8"),
              pause: pauseOf(answer.headers["retry-after"]),
            });
          });
          answer.on("close", () => {
            if (!answer.complete) reject(new Error("the answer was cut short"));
          });
        });
        exchange.on("timeout", () => exchange.destroy(new Error("no answer")));
        exchange.on("error", reject);
        exchange.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function pauseOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,5}$/.test(header) ? Number(header) * 1000 : undefined;
}

/** What a status other than success means for the records that were posted. */
export function refusal(records: readonly QueuedRecord[], answer: HttpAnswer): SendOutcome {
  const { status, body, pause } = answer;
  const words = body.replace(/\s+/g, " ").trim().slice(0, SHOWN_ANSWER);
  const problem = `HTTP ${status}${words === "" ? "" : ` ${words}`}`;
  const outcome = { again: records, problem, ...(pause === undefined ? {} : { pause }) };
  if (status === 413 || status === 400 || status === 422) {
    return { ...outcome, isRefusedTogether: true };
  }
  return {
    ...outcome,
    isHopeless: status >= 300 && status < 500 && status !== 429 && status !== 408,
  };
}

/** The outcome of a post that got no answer. */
export function unanswered(records: readonly QueuedRecord[], error: unknown): SendOutcome {
  return { again: records, problem: problemOf(error) };
}
