import { connect } from "node:net";
import { joinLines } from "./join-lines.ts";
import { newStreamExchange, type Stream } from "./stream-exchange.ts";
import { ALL_SENT, problemOf, type Transport } from "./transport.ts";

/** Records as lines to a Unix socket, one connection for each batch. */
export function newUnixLines(name: string, path: string, how: Omit<Stream, "connect">): Transport {
  const exchange = newStreamExchange({
    ...how,
    connect: () => ({ socket: connect({ path, allowHalfOpen: true }), ready: "connect" }),
  });
  return {
    name,
    async send(records, signal) {
      try {
        await exchange(joinLines(records), signal);
        return ALL_SENT;
      } catch (error: unknown) {
        return { again: records, problem: problemOf(error) };
      }
    },
    async close() {},
  };
}
