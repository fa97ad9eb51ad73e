import type { Socket } from "node:net";

/** A connection on which nothing moves for this long is given up, milliseconds. */
const SILENCE = 30_000;

/** Round trips that the octets which the system took are under way for, at most; see `newStreamExchange`. */
const ROUND_TRIPS_UNDER_WAY = 3;
/** The longest that an end is held back for, milliseconds. */
const LONGEST_WAIT = 2000;

/** How to make one connection; the event that says that it can be written to. */
export type Connection = { readonly socket: Socket; readonly ready: "connect" | "secureConnect" };

/** How lines are streamed to one place. */
export type Stream = {
  connect(): Connection;
  /** Wait for what tells that all was read; without, what the system took counts as sent. */
  readonly needsReceipt: boolean;
  /** Milliseconds, of any origin. */
  readonly clock: () => number;
};

/**
 * Sends octets over a connection of their own and ends it.
 * @throws Error of Node's network when not all of it arrived
 */
export type StreamExchange = (octets: Uint8Array, signal: AbortSignal) => Promise<void>;

/**
 * Streams of lines have no receipts, so the end of a connection is made one: a receiver that has read
 * everything, our end included, closes in turn, while one that died with octets unread makes the
 * system reset the connection.
 *
 * A receiver that closed before the octets came there closes, too, and the reset that follows no
 * program sees: the system says "end" first and nothing behind it. So we end only when what was closed
 * before would be known. What the system has taken and not sent is twice the congestion window at
 * most (Linux, tcp_sndbuf_expand), which with the answer makes three round trips.
 */
export function newStreamExchange({ connect, needsReceipt, clock }: Stream): StreamExchange {
  return (octets, signal) =>
    new Promise((resolve, reject) => {
      const { socket, ready } = connect();
      const roundTrip = measureRoundTrip(socket, clock);
      let isWritten = false;
      let failure: Error | undefined;
      const giveUp = (): void => {
        socket.destroy(new Error("given up"));
      };
      signal.addEventListener("abort", giveUp);
      socket.setTimeout(SILENCE, () => {
        socket.destroy(
          new Error(isWritten ? "does not close the connection when we do" : "no answer"),
        );
      });
      socket.on("error", (error) => {
        failure ??= error;
      });
      const end = (): void => {
        if (socket.destroyed) return;
        socket.end(() => {
          isWritten = true;
        });
      };
      socket.once(ready, () => {
        socket.write(octets, (error) => {
          if (error) return;
          if (needsReceipt) afterNews(roundTrip() * ROUND_TRIPS_UNDER_WAY, end);
          else {
            isWritten = true;
            socket.destroy();
          }
        });
      });
      // What the receiver says is not looked at, but its end only comes behind it.
      socket.resume();
      socket.on("end", () => {
        if (!isWritten) socket.destroy(new Error("closed the connection before it had everything"));
      });
      socket.on("close", () => {
        signal.removeEventListener("abort", giveUp);
        if (failure === undefined && isWritten) resolve();
        else reject(failure ?? new Error("connection lost"));
      });
    });
}

/**
 * How long a connection took, as far as that was the network's doing and not our own business,
 * which can keep news waiting for longer than a network does: until it was last seen not to be there.
 * @returns milliseconds; 0 where it was there at the first look
 */
function measureRoundTrip(socket: Socket, clock: () => number): () => number {
  let begun = clock();
  let lastSeen = begun;
  socket.on("lookup", () => {
    begun = clock();
    lastSeen = begun;
  });
  const look = (): void => {
    if (!socket.connecting) return;
    lastSeen = clock();
    setTimeout(setImmediate, 1, look);
  };
  setTimeout(setImmediate, 1, look);
  return () => lastSeen - begun;
}

/** Calls back after so many milliseconds and all that the network had to say until then. */
function afterNews(milliseconds: number, done: () => void): void {
  // In a turn of the loop, timers come before the network's news and immediates after it.
  const afterNextLook = (): void => {
    setImmediate(setImmediate, done);
  };
  if (milliseconds < 1) afterNextLook();
  else setTimeout(afterNextLook, Math.min(LONGEST_WAIT, milliseconds));
}
