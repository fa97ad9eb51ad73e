import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../../src/core/byte-writer.ts";
import { newParquetSink } from "../../../src/sink/columns/parquet.ts";
import { FIELDS } from "../../../src/sink/fields/fields.ts";
import { newNdjsonSink } from "../../../src/sink/ndjson/ndjson.ts";
import type { FlowRecord, Sink } from "../../../src/sink/sink.ts";
import { run } from "../../pipeline/run.ts";

const OPTIONS = { communityIdSeed: 0, color: false, columns: 100 };
const SAMPLES = [
  "web.pcapng",
  "office.pcapng",
  "tunnels.pcap",
  "vlan-ipv6.pcap",
  "unknown-ports.pcap",
];

/** Records of the samples as NDJSON and, through the same run, as Parquet; and how the file grew. */
async function both(groupRows: number): Promise<{
  readonly records: readonly Record<string, unknown>[];
  readonly file: ArrayBuffer;
  readonly lengths: readonly number[];
}> {
  const parquet = newParquetSink(OPTIONS, groupRows);
  const ndjson = newNdjsonSink(OPTIONS);
  const out = new ByteWriter();
  const lengths: number[] = [];
  const pair: Sink = {
    begin: () => parquet.begin(out),
    write(record: FlowRecord, lines) {
      ndjson.write(record, lines);
      parquet.write(record, out);
      lengths.push(out.length);
    },
    end: () => parquet.end(out),
  };
  const { records } = await run(
    SAMPLES.map((name) => `samples/${name}`),
    { sink: pair, tunnels: "both" },
  );
  const file = out.bytes.slice(0, out.length).buffer;
  return { records: records as unknown as Record<string, unknown>[], file, lengths };
}

/** What lies under a path of names; undefined where something is absent. */
function at(record: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, name) => (value as Record<string, unknown> | undefined)?.[name],
      record,
    );
}

async function filledFile(): Promise<Uint8Array> {
  return new Uint8Array((await both(20_000)).file);
}

function withoutRecords(sink: Sink): Uint8Array {
  const out = new ByteWriter();
  sink.begin(out);
  sink.end(out);
  return out.bytes.slice(0, out.length);
}

// Types of Thrift's compact protocol, doc/specs/thrift-compact-protocol.md.
const [TRUE, FALSE, BYTE, INTEGER_32, INTEGER_64, BINARY, LIST, STRUCT] = [1, 2, 3, 5, 6, 8, 9, 12];

/** Number of items and their type of every list in a file's metadata. */
function listsOf(file: Uint8Array): [count: number, type: number][] {
  const lists: [number, number][] = [];
  const footer = new DataView(file.buffer, file.byteOffset + file.length - 8);
  let at = file.length - 8 - footer.getUint32(0, true);
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const octet = file[at++]!;
      value += (octet & 127) * scale;
      if (octet < 128) return value;
    }
  };
  const skip = (type: number): void => {
    if (type === TRUE || type === FALSE) return;
    if (type === BYTE) at += 1;
    else if (type === INTEGER_32 || type === INTEGER_64) number();
    else if (type === BINARY) {
      const length = number();
      at += length;
    } else if (type === LIST) {
      const header = file[at++]!;
      const count = header >> 4 === 15 ? number() : header >> 4;
      lists.push([count, header & 15]);
      for (let i = 0; i < count; i += 1) skip(header & 15);
    } else if (type === STRUCT) {
      for (let header = file[at++]!; header !== 0; header = file[at++]!) {
        if (header >> 4 === 0) number();
        skip(header & 15);
      }
    } else throw new Error(`type ${type} at ${at}`);
  };
  skip(STRUCT);
  expect(at).toBe(file.length - 8);
  return lists;
}

const columns = FIELDS.filter(({ constant }) => constant === undefined);

describe("newParquetSink", () => {
  it("holds what NDJSON holds, read back by another library", async () => {
    const { records, file } = await both(20_000);
    const rows = await parquetReadObjects({ file, utf8: true });
    expect(rows.length).toBe(records.length);
    expect(records.length).toBeGreaterThan(60);
    expect(Object.keys(rows[0]!)).toEqual(columns.map(({ path }) => path.replaceAll(".", "_")));
    for (const [i, row] of rows.entries()) {
      for (const { path, type } of columns) {
        const value = row[path.replaceAll(".", "_")];
        const expected = at(records[i], path);
        if (expected === undefined) expect([path, value ?? null]).toEqual([path, null]);
        else if (type === "integer")
          expect([path, value]).toEqual([path, BigInt(expected as number)]);
        else if (path === "start" || path === "end") {
          expect(new Date(value).toISOString()).toBe(`${String(expected).slice(0, 23)}Z`);
        } else if (type !== "list") expect([path, value]).toEqual([path, expected]);
      }
    }
    const vlans = rows.map(({ vlan }) => vlan).filter((vlan) => vlan != null);
    expect(vlans).toEqual(
      records.flatMap(({ vlan }) => (Array.isArray(vlan) ? [vlan.join(";")] : [])),
    );
    expect(vlans.length).toBeGreaterThan(0);
  });

  it("writes row groups of bounded size as they fill, and nothing is held longer", async () => {
    const { records, file, lengths } = await both(7);
    const { row_groups, num_rows } = parquetMetadata(file);
    expect(Number(num_rows)).toBe(records.length);
    expect(row_groups.map((group) => Number(group.num_rows))).toEqual([
      ...Array.from({ length: Math.floor(records.length / 7) }, () => 7),
      ...(records.length % 7 === 0 ? [] : [records.length % 7]),
    ]);
    for (let i = 6; i < lengths.length; i += 7) expect(lengths[i]).toBeGreaterThan(lengths[i - 1]!);
    expect(lengths[5]).toBe(lengths[0]);
    expect((await parquetReadObjects({ file })).length).toBe(records.length);
  });

  it("names types, units and the schema that it follows", async () => {
    const { file } = await both(20_000);
    const { schema, key_value_metadata, created_by } = parquetMetadata(file);
    const element = (name: string): unknown => schema.find((one) => one.name === name);
    expect(element("start")).toMatchObject({
      type: "INT64",
      repetition_type: "REQUIRED",
      logical_type: { type: "TIMESTAMP", unit: "NANOS" },
    });
    expect(element("src_packets")).toMatchObject({ type: "INT64", repetition_type: "REQUIRED" });
    expect(element("src_port")).toMatchObject({ type: "INT64", repetition_type: "OPTIONAL" });
    expect(element("tcp_state")).toMatchObject({
      repetition_type: "OPTIONAL",
      converted_type: "UTF8",
    });
    expect(element("duration")).toMatchObject({ type: "DOUBLE" });
    expect(element("more")).toMatchObject({ type: "BOOLEAN" });
    expect(key_value_metadata).toEqual([{ key: "schema", value: "portflow.flow/1" }]);
    expect(created_by).toBe("portflow");
  });

  it("is the same file twice, and a file without flows, too", () => {
    const sink = newParquetSink(OPTIONS);
    const first = withoutRecords(sink);
    expect(withoutRecords(sink)).toEqual(first);
    expect(Number(parquetMetadata(first.buffer as ArrayBuffer).num_rows)).toBe(0);
  });

  it("says of every list what its items are, also of one without items", async () => {
    expect(listsOf(withoutRecords(newParquetSink(OPTIONS)))).toContainEqual([0, STRUCT]);
    for (const file of [withoutRecords(newParquetSink(OPTIONS)), await filledFile()]) {
      const lists = listsOf(file);
      expect(lists.length).toBeGreaterThan(2);
      for (const [, type] of lists) expect([INTEGER_32, BINARY, STRUCT]).toContain(type);
    }
  });
});
