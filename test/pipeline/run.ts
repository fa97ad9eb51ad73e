import { openCapture, openCaptureBytes } from "../../src/capture/open.ts";
import type { CaptureError } from "../../src/core/errors.ts";
import type { Output } from "../../src/delivery/output.ts";
import { DEFAULT_TIMEOUTS } from "../../src/flow/ending/timeouts.ts";
import { Books } from "../../src/pipeline/books/books.ts";
import { type ReadCapturesOptions, readCaptures } from "../../src/pipeline/read-captures.ts";
import { loadRegistry } from "../../src/service/registry.ts";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";
import { newNdjsonSink } from "../../src/sink/ndjson/ndjson.ts";
import { frame, type Layer } from "../support/build.ts";
import { ipv4 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { udp } from "../support/build-transport.ts";
import type { TimedPacket } from "../support/timed-packet.ts";
import { writePcap } from "../support/write-pcap.ts";

/** 2026-03-02T09:00:00Z in microseconds. */
export const MORNING = 1_772_442_000_000_000;

const registry = loadRegistry();

/** What came of a run. */
export type RunResult = {
  readonly text: string;
  readonly records: readonly FlowRecordJson[];
  readonly books: Books;
  readonly errors: readonly CaptureError[];
};

/** A path, or a capture's octets, alone or in chunks. */
export type TestCapture = string | Uint8Array | AsyncIterable<Uint8Array>;

/** Reads captures as the program does, into memory. */
export async function run(
  captures: readonly TestCapture[],
  options: Partial<ReadCapturesOptions> = {},
): Promise<RunResult> {
  const chunks: Buffer[] = [];
  const errors: CaptureError[] = [];
  const books = options.books ?? new Books();
  const output: Output = {
    isClosed: false,
    async write(octets) {
      chunks.push(Buffer.from(octets));
    },
    async close() {},
    abandon() {},
  };
  await readCaptures(captures.map(toRead), {
    timeouts: DEFAULT_TIMEOUTS,
    maxFlows: Number.POSITIVE_INFINITY,
    useVlanKey: true,
    tunnels: "inner",
    fragments: "join",
    checksums: true,
    merge: false,
    registry,
    sink: newNdjsonSink({ communityIdSeed: 0, color: false, columns: 100 }),
    output,
    onCaptureError: (error) => errors.push(error),
    ...options,
    books,
  });
  const text = Buffer.concat(chunks).toString("utf8");
  const lines = text === "" ? [] : text.trimEnd().split("\n");
  return { text, records: lines.map((line) => JSON.parse(line)), books, errors };
}

type CaptureToRead = Parameters<typeof readCaptures>[0] extends Iterable<infer One> ? One : never;

function toRead(one: TestCapture, index: number): CaptureToRead {
  const name = `capture ${index + 1}`;
  return {
    open: () => (typeof one === "string" ? openCapture(one) : openCaptureBytes(one, name)),
  };
}

/** A packet so many seconds after `MORNING`, in an Ethernet frame. */
export function at(seconds: number, ...layers: readonly Layer[]): TimedPacket {
  return { microseconds: MORNING + Math.round(seconds * 1e6), bytes: frame(ethernet(), ...layers) };
}

/** A datagram from 192.0.2.1 to 198.51.100.1, port 40001. */
export function datagram(seconds: number, sourcePort = 40000): TimedPacket {
  return at(seconds, ipv4(), udp({ sourcePort, destinationPort: 40001 }));
}

/** The same octets in pieces of `size`. */
export async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.slice(from, from + size);
}

/** A capture of these packets. */
export function capture(...packets: readonly TimedPacket[]): Uint8Array {
  return writePcap(packets);
}
