import { connect } from "node:net";
import { joinLines } from "./join-lines.ts";
import { sendAndEnd } from "./stream-exchange.ts";
import { ALL_SENT, problemOf, type Transport } from "./transport.ts";

/** Records as lines to a Unix socket, one connection for each batch. */
export function newUnixLines(name: string, path: string, needsReceipt: boolean): Transport {
  return {
    name,
    async send(records, signal) {
      try {
        await sendAndEnd(
          () => ({ socket: connect({ path, allowHalfOpen: true }), ready: "connect" }),
          joinLines(records),
          needsReceipt,
          signal,
        );
        return ALL_SENT;
      } catch (error: unknown) {
        return { again: records, problem: problemOf(error) };
      }
    },
    async close() {},
  };
}
