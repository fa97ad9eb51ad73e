import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { newStreamExchange } from "../../src/delivery/stream-exchange.ts";

// Receivers run in a thread of their own: what they do, they do while this one stands still.
const RECEIVER = `
const { createServer } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
let octets = 0;
const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => undefined);
  if (workerData === "closes") socket.destroy();
  else if (workerData === "resets") socket.resetAndDestroy();
  else {
    socket.on("data", (chunk) => { octets += chunk.length; });
    socket.on("end", () => { parentPort.postMessage({ octets }); socket.end(); });
  }
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage({ port: server.address().port }));
`;

let receiver: Worker | undefined;
/** What the receiver read until the end, octets. */
let octetsRead: Promise<number>;
afterEach(() => receiver?.terminate());

/** Sends to a receiver, after this thread has stood still for so long between connecting and writing. */
async function sendTo(kind: string, octets: number, milliseconds: number): Promise<void> {
  const worker = new Worker(RECEIVER, { eval: true, workerData: kind });
  receiver = worker;
  const port = await new Promise<number>((resolve) => {
    worker.once("message", (message: { port: number }) => resolve(message.port));
  });
  octetsRead = new Promise((resolve) => {
    worker.once("message", (message: { octets: number }) => resolve(message.octets));
  });
  const exchange = newStreamExchange({
    connect: () => ({
      socket: connect({ port, host: "127.0.0.1", allowHalfOpen: true }),
      ready: "connect",
    }),
    needsReceipt: true,
    clock: () => performance.now(),
  });
  const sent = exchange(new Uint8Array(octets), new AbortController().signal);
  await new Promise((resolve) => setImmediate(resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  return sent;
}

describe("newStreamExchange", () => {
  it("is content with a receiver that closes once it has read everything", async () => {
    await sendTo("reads", 1_000_000, 0);
    expect(await octetsRead).toBe(1_000_000);
  });

  it.each([
    ["closes", 100_000, /before it had everything|EPIPE|ECONNRESET/],
    ["closes", 10, /before it had everything|EPIPE|ECONNRESET/],
    ["resets", 100_000, /ECONNRESET|EPIPE/],
  ])("is not content with one that %s at once, before %i octets came", async (kind, size, what) => {
    for (const milliseconds of [0, 0, 0, 50, 50]) {
      await expect(sendTo(kind, size, milliseconds)).rejects.toThrow(what);
      await receiver!.terminate();
    }
  });
});
