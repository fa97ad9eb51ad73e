import { createRequire } from "node:module";
import { withoutMaglev } from "../../core/without-maglev.ts";
import type { CapChildMessage, CapChildOptions } from "./cap.ts";
import { finerWallClock } from "./finer-wall-clock.ts";

// Runs as a process of its own: listens through the npm package cap and writes each packet to stdout
// as libpcap's savefiles have it, but for the file header. Times are those at which JavaScript saw it.

const HEADER = 16;
const LARGEST_PACKET = 65_535;
const LINK_TYPES: ReadonlyMap<string, number> = new Map([
  ["ETHERNET", 1],
  ["NULL", 0],
  ["RAW", 101],
  ["LINKTYPE_LINUX_SLL", 113],
  ["IEEE802_11_RADIO", 127],
]);

type CapHandle = {
  open(device: string, filter: string, bufferOctets: number, packet: Buffer): string;
  close(): void;
  setMinBytes?(octets: number): void;
  on(event: "packet", listener: (length: number, isTruncated: boolean) => void): void;
};

function say(message: CapChildMessage): void {
  process.send?.(message);
}

withoutMaglev();
process.once("message", (message) => listen(message as CapChildOptions));
process.on("SIGINT", () => undefined);

function listen({ name, filter, ringOctets }: CapChildOptions): void {
  let cap: CapHandle;
  const packet = Buffer.alloc(LARGEST_PACKET);
  const clock = finerWallClock(Date.now, () => performance.now());
  try {
    const { Cap } = createRequire(import.meta.url)("cap") as { Cap: new () => CapHandle };
    cap = new Cap();
    const linkType = LINK_TYPES.get(cap.open(name, filter, ringOctets, packet));
    if (linkType === undefined) throw new Error("a link type that the package cap can't name");
    cap.setMinBytes?.(0);
    say({ type: "open", linkType });
  } catch (error: unknown) {
    const text = error instanceof Error ? error.message : String(error);
    say(isUncompiled(error) ? { type: "uncompiled" } : { type: "failed", text });
    process.disconnect();
    return;
  }
  cap.on("packet", (wireLength) => {
    const length = Math.min(wireLength, LARGEST_PACKET);
    const record = Buffer.alloc(HEADER + length);
    const milliseconds = clock();
    const words = new Uint32Array(record.buffer, record.byteOffset, HEADER / 4);
    words[0] = Math.floor(milliseconds / 1000);
    words[1] = Math.floor((milliseconds % 1000) * 1000);
    words[2] = length;
    words[3] = wireLength;
    packet.copy(record, HEADER, 0, length);
    process.stdout.write(record);
  });
  const end = (): void => {
    cap.close();
    process.disconnect();
    process.stdout.end();
  };
  process.once("SIGTERM", end);
  process.once("disconnect", () => process.exit());
}

/** Whether the package is there without its library, or with that of another Node. */
function isUncompiled(error: unknown): boolean {
  return error instanceof Error && /cap\.node'$|NODE_MODULE_VERSION/m.test(error.message);
}
