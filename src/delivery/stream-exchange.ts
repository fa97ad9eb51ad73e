import type { Socket } from "node:net";

/** A connection on which nothing moves for this long is given up, milliseconds. */
const SILENCE = 30_000;

/** How to make one connection; the event that says that it can be written to. */
export type Connection = { readonly socket: Socket; readonly ready: "connect" | "secureConnect" };

/**
 * Sends octets over a connection of their own and ends it. Streams of lines have no receipts, so the
 * end is made one: a receiver that has read everything, our end included, closes in turn, while one
 * that died with octets unread makes the system reset the connection.
 * @param needsReceipt - wait for that; without, what the system took counts as sent
 * @throws Error of Node's network when not all of it arrived
 */
export function sendAndEnd(
  connect: () => Connection,
  octets: Uint8Array,
  needsReceipt: boolean,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { socket, ready } = connect();
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
    socket.once(ready, () => {
      socket.end(octets, () => {
        isWritten = true;
        if (!needsReceipt) socket.destroy();
      });
    });
    // What the receiver says is not looked at, but its end only comes behind it.
    socket.resume();
    socket.on("end", () => {
      if (!isWritten) failure ??= new Error("closed the connection before it had everything");
    });
    socket.on("close", () => {
      signal.removeEventListener("abort", giveUp);
      if (failure === undefined && isWritten) resolve();
      else reject(failure ?? new Error("connection lost"));
    });
  });
}
