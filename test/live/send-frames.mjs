// Puts frames onto a wire, as fast as it goes: node send-frames.mjs INTERFACE FILE COPIES
// The file holds frames, each after its length as a 32-bit number of this machine's byte order.
// Plain JavaScript, because it runs in a network namespace of its own, outside the test runner.
// packet(7), sendmmsg(2)
import { readFileSync } from "node:fs";
import koffi from "koffi";

const [, , device, file, copies] = process.argv;
const c = koffi.load(null);
const socket = c.func("int socket(int domain, int type, int protocol)");
const bind = c.func("int bind(int fd, const void *address, uint32_t length)");
const sendmmsg = c.func("int sendmmsg(int fd, void *messages, unsigned int count, int flags)");
const interfaceIndex = c.func("unsigned int if_nametoindex(const char *name)");

const frames = readFileSync(file);
const starts = [];
for (let at = 0; at < frames.length; ) {
  const length = frames.readUInt32LE(at);
  starts.push([at + 4, length]);
  at += 4 + length;
}
// struct mmsghdr, 64 octets: 16 pointer to iovec | 24 number of them. struct iovec: pointer, length.
const vectors = new BigUint64Array(starts.length * 2);
const messages = new BigUint64Array(starts.length * 8);
const frameAddress = koffi.address(frames);
const vectorAddress = koffi.address(vectors);
// Only numbers point at these two from here on, and what nobody holds is collected while it is sent.
globalThis.sentFrom = [frames, vectors];
for (const [i, [start, length]] of starts.entries()) {
  vectors[i * 2] = frameAddress + BigInt(start);
  vectors[i * 2 + 1] = BigInt(length);
  messages[i * 8 + 2] = vectorAddress + BigInt(i * 16);
  messages[i * 8 + 3] = 1n;
}

const descriptor = socket(17, 3, 0);
const address = new Uint8Array(20);
new Uint16Array(address.buffer)[0] = 17;
new Int32Array(address.buffer)[1] = interfaceIndex(device);
if (descriptor < 0 || bind(descriptor, address, 20) !== 0) throw new Error(`${device}: can't send`);

// A queue that is full for the moment, or a call that was disturbed: the same frame is offered again.
const MOST_TRIES = 200_000;

let sent = 0;
let refused = 0;
let lastError = 0;
let tries = 0;
for (let copy = 0; copy < Number(copies); copy += 1) {
  for (let at = 0; at < starts.length; ) {
    const count = Math.min(64, starts.length - at);
    const done = sendmmsg(descriptor, messages.subarray(at * 8), count, 0);
    if (done > 0) {
      at += done;
      sent += done;
      tries = 0;
    } else {
      lastError = koffi.errno();
      tries += 1;
      if (tries === MOST_TRIES) {
        refused += 1;
        tries = 0;
        at += 1;
      }
    }
  }
}
process.stdout.write(`${JSON.stringify({ sent, refused, lastError })}\n`);
