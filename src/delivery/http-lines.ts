import { type HttpExchange, refusal, unanswered } from "./http-exchange.ts";
import { joinLines } from "./join-lines.ts";
import { ALL_SENT, type Transport } from "./transport.ts";

/** Records as lines in the body of a POST; any status of success takes them all. */
export function newHttpLines(name: string, exchange: HttpExchange): Transport {
  return {
    name,
    async send(records, signal) {
      try {
        const answer = await exchange.post(joinLines(records), signal);
        return answer.status >= 200 && answer.status < 300 ? ALL_SENT : refusal(records, answer);
      } catch (error: unknown) {
        return unanswered(records, error);
      }
    },
    async close() {
      exchange.close();
    },
  };
}
