import { createRequire } from "node:module";
import { Readable } from "node:stream";
import fc from "fast-check";
import { expect, it } from "vitest";
import { payload, pcap } from "../../support/capture-bytes.ts";
import { type Row, readBytes } from "../../support/capture-rows.ts";

type OraclePacket = {
  header: {
    timestampSeconds: number;
    timestampMicroseconds: number;
    originalLength: number;
  };
  data: Buffer;
};
type Oracle = { parse(stream: Readable): NodeJS.EventEmitter };

const oracle = createRequire(import.meta.url)("pcap-parser") as Oracle;

function readWithOracle(bytes: Uint8Array, linkType: number): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const rows: Row[] = [];
    const parser = oracle.parse(Readable.from([Buffer.from(bytes)], { objectMode: false }));
    parser.on("packet", (packet: OraclePacket) => {
      const { timestampSeconds, timestampMicroseconds, originalLength } = packet.header;
      rows.push({
        time: `${timestampSeconds}.${String(timestampMicroseconds).padStart(6, "0")}000`,
        wireLength: originalLength,
        linkType,
        interfaceIndex: 0,
        hex: packet.data.toString("hex"),
      });
    });
    parser.on("end", () => resolve(rows));
    parser.on("error", reject);
  });
}

it("agrees with npm pcap-parser on random captures in microseconds, in chunks of random size", async () => {
  const record = fc.record({
    seconds: fc.nat(0xffff_ffff),
    fraction: fc.nat(999_999),
    data: fc.nat(200).map((length) => payload(length, length)),
    wireLength: fc.nat(0xffff_ffff),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("little" as const, "big" as const),
      fc.nat(300),
      fc.array(record, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 400 }),
      async (order, linkType, records, chunk) => {
        const bytes = pcap({ order, linkType }, records);
        const { rows, error } = await readBytes(bytes, { chunk });
        expect(error).toBeUndefined();
        expect(rows).toEqual(await readWithOracle(bytes, linkType));
      },
    ),
    { numRuns: 100 },
  );
});
