import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { flowRecords, standardInputOnce } from "../../src/analysis/flow-records.ts";
import { logLines } from "../../src/analysis/log-lines.ts";
import { loadRegistry } from "../../src/service/registry.ts";
import { portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-analysis-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function file(name: string, octets: Uint8Array | string): string {
  const path = join(scratch, name);
  writeFileSync(path, octets);
  return path;
}

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const list: Value[] = [];
  for await (const value of values) list.push(value);
  return list;
}

const registry = loadRegistry();

describe("logLines", () => {
  it("numbers lines and takes byte order mark, CR and a missing last line end away", async () => {
    const lines = await all(logLines(file("lines", gzipSync("\ufeffone\r\n\ntwo"))));
    expect(lines).toEqual([
      { number: 1, text: "one", isMarked: true },
      { number: 2, text: "", isMarked: false },
      { number: 3, text: "two", isMarked: false },
    ]);
  });
});

describe("flowRecords", () => {
  it("are the same from a capture and from the log that read writes of it", async () => {
    const log = portflow(["read", "samples/web.pcapng", "-f", "ndjson", "-q"]).stdout;
    const path = file("web.ndjson", Buffer.concat([log, Buffer.from('{"type":"stats"}\nword\n')]));
    const others: number[] = [];
    const logged = await all(
      flowRecords(path, { registry, onOtherLine: (line) => others.push(line) }),
    );
    expect(logged.length).toBe(9);
    expect(others).toEqual([10, 11]);
    expect(await all(flowRecords("samples/web.pcapng", { registry }))).toEqual(logged);
  });

  it("of a damaged capture come before the error", async () => {
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { id } of flowRecords("samples/damaged.pcap", { registry })) seen.push(id);
    };
    await expect(read()).rejects.toThrow("ends inside a packet record");
    expect(seen.length).toBeGreaterThan(5);
  });

  it("of something else are an error that says what is wanted", async () => {
    const path = file("else.json", '{"event_type":"dns"}\n');
    await expect(all(flowRecords(path, { registry }))).rejects.toThrow(
      "no flow record of portflow's in 1 line (line 1: a record of something else); write one with portflow read --format ndjson",
    );
    await expect(all(flowRecords(join(scratch, "none"), { registry }))).rejects.toThrow("none");
  });
});

describe("standardInputOnce", () => {
  it("lets standard input be named once", () => {
    expect(() => standardInputOnce(["-", "conn.log"])).not.toThrow();
    expect(() => standardInputOnce(["-", "-"])).toThrow("standard input can be read once only");
  });
});
