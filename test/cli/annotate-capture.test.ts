import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { openCapture } from "../../src/capture/open.ts";
import { packageRoot } from "../../src/core/package-root.ts";
import { newPacketBatch } from "../../src/core/packet-batch.ts";
import { portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-annotate-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const root = packageRoot();
const WEB = join(root, "samples", "web.pcapng");
const DAMAGED = join(root, "samples", "damaged.pcap");
const captures = ["samples", "test/captures"].flatMap((folder) =>
  readdirSync(join(root, folder))
    // Each variant of pcap is read the same way: one is enough.
    .filter((name) => /\.pcapng$|^(?!pcap-).*\.pcap$|^pcap-nano/.test(name))
    .map((name) => join(root, folder, name)),
);
const copy = join(scratch, "copy.pcapng");
const hasTshark = spawnSync("tshark", ["--version"]).status === 0;
if (!hasTshark) process.stderr.write("skipped: tshark is not installed, comments in Wireshark\n");

type Flow = Record<string, unknown> & {
  readonly id: string;
  readonly service: { readonly name?: string };
};

function flowsOf(path: string): Flow[] {
  const run = portflow(["read", path, "-q", "-f", "ndjson"]);
  const lines = run.stdout.toString("utf8").trimEnd().split("\n");
  // The copy of a capture that says nothing of its interface says nothing either.
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Flow);
}

type Packet = { readonly facts: readonly number[]; readonly octets: string };

/** Packets of a capture, and our comments by number. */
async function packetsOf(
  path: string,
): Promise<{ packets: Packet[]; comments: Map<number, string> }> {
  const source = await openCapture(path, { comments: true });
  const packets: Packet[] = [];
  const comments = new Map<number, string>();
  const batch = newPacketBatch();
  try {
    while (await source.fill(batch)) {
      for (const { row, text } of batch.comments) {
        if (text.startsWith("portflow: ")) comments.set(packets.length + row + 1, text);
      }
      for (let i = 0; i < batch.count; i += 1) {
        const { seconds, nanoseconds, wireLength, linkType } = batch;
        const start = batch.start[i]!;
        packets.push({
          facts: [seconds[i]!, nanoseconds[i]!, wireLength[i]!, linkType[i]!],
          octets: Buffer.from(
            batch.bytes.subarray(start, start + batch.capturedLength[i]!),
          ).toString("hex"),
        });
      }
    }
  } catch {
    // Damaged: what came before counts.
  }
  await source.close();
  return { packets, comments };
}

describe.each(captures)("portflow annotate %s", (path) => {
  it("has the same packets, and a comment for each flow", async () => {
    rmSync(copy, { force: true });
    const run = portflow(["annotate", path, "-o", copy]);
    expect(run.stdout.length).toBe(0);
    const before = await packetsOf(path);
    const after = await packetsOf(copy);
    expect(after.packets).toEqual(before.packets);
    const flows = flowsOf(path);
    expect(flowsOf(copy)).toEqual(flows);
    const withoutRoom = Number(/; (\d+) have none/.exec(run.stderr)?.[1] ?? 0);
    expect(after.comments.size).toBe(flows.length - withoutRoom);
    const byId = new Map(flows.map((flow) => [flow.id, flow]));
    for (const text of after.comments.values()) {
      const { service } = byId.get(/ id=([0-9a-f]{20})/.exec(text)![1]!)!;
      expect(/ service\.name=(\S+)/.exec(text)?.[1]).toBe(service.name);
    }
    // Again: nothing is added.
    const octets = readFileSync(copy);
    expect(portflow(["annotate", copy, "-q", "-o", copy]).status).toBe(0);
    expect(readFileSync(copy).equals(octets)).toBe(true);
  });
});

describe("portflow annotate of a capture", () => {
  it("says of a flow what its record says, at its first packet", async () => {
    expect(portflow(["annotate", WEB, "-q", "-o", copy]).status).toBe(0);
    const { comments } = await packetsOf(copy);
    expect([...comments.keys()][1]).toBe(5);
    // By hand from the record: samples/web.pcapng, packet 5 is the SYN of the first connection.
    expect(comments.get(5)).toBe(
      "portflow: service.name=https service.confidence=high service.reason=syn service.port=443 " +
        "service.side=dst service.status=official service.source=iana service.port_status=assigned " +
        "transport=tcp src.ip=192.168.10.21 src.port=51110 dst.ip=198.51.100.10 dst.port=443 " +
        "direction.certainty=certain direction.reason=syn src.packets=11 src.bytes=1429 " +
        "dst.packets=9 dst.bytes=9352 duration=0.09352 tcp.state=SF tcp.history=ShADdFf " +
        "end_reason=closed id=c635d16480630778042a " +
        "community_id=1:plitMs8oyamotwQohvu6H5P+8Y0=",
    );
  });

  it.skipIf(!hasTshark)("is found by Wireshark's filter", () => {
    portflow(["annotate", WEB, "-q", "-o", copy]);
    const filter = 'frame.comment contains "service.name=quic"';
    const tshark = spawnSync("tshark", [
      "-r",
      copy,
      "-Y",
      filter,
      "-T",
      "fields",
      "-e",
      "udp.dstport",
    ]);
    expect(tshark.stdout.toString("utf8").trim()).toBe("443");
    expect(tshark.stderr.toString("utf8")).not.toMatch(/damaged|corrupt|cut short/);
  });

  it("takes your own rules, and gives way to another run's", async () => {
    const rules = join(scratch, "rules.tsv");
    writeFileSync(rules, "443/tcp acme\n");
    portflow(["annotate", WEB, "-q", "-o", copy]);
    portflow(["annotate", copy, "-q", "--services", rules, "-o", copy]);
    const { comments } = await packetsOf(copy);
    expect(comments.get(5)).toMatch(/^portflow: service\.name=acme service\.confidence=high /);
    expect(comments.size).toBe(9);
  });

  it("writes to standard output, from a compressed capture too", () => {
    const packed = join(scratch, "packed");
    writeFileSync(packed, gzipSync(readFileSync(WEB)));
    portflow(["annotate", WEB, "-q", "-o", copy]);
    const run = portflow(["annotate", packed, "-q"]);
    expect(run.status).toBe(0);
    expect(run.stdout.equals(readFileSync(copy))).toBe(true);
  });

  it("copies what can be read of a damaged one, says so, and exits 3", async () => {
    const run = portflow(["annotate", DAMAGED, "-o", copy]);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/damaged\.pcap: ends inside a packet record at byte 3541/);
    expect(run.stderr).toMatch(/books balance: 39 read/);
    expect((await packetsOf(copy)).packets.length).toBe(39);
  });

  it("never replaces a damaged one by a part of itself", () => {
    const own = join(scratch, "own.pcapng");
    const octets = readFileSync(WEB).subarray(0, -7);
    writeFileSync(own, octets);
    const run = portflow(["annotate", own, "-o", own]);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/own\.pcapng: left as it was, for not all of it was read/);
    expect(readFileSync(own).equals(octets)).toBe(true);
  });

  it("writes the books, and with --strict exits 3 for a faulty packet", () => {
    const stats = join(scratch, "books.json");
    const office = join(root, "samples", "office.pcapng");
    expect(portflow(["annotate", office, "-q", "-o", copy, "--stats", stats]).status).toBe(0);
    expect(JSON.parse(readFileSync(stats, "utf8"))).toMatchObject({ packets: { read: 73 } });
    const faulty = join(scratch, "faulty.pcap");
    const whole = readFileSync(DAMAGED);
    // The 39 records that are whole: the faults in their packets remain.
    writeFileSync(faulty, whole.subarray(0, 3541));
    expect(portflow(["annotate", faulty, "-q", "-o", copy]).status).toBe(0);
    expect(portflow(["annotate", faulty, "-q", "-o", copy, "--strict"]).status).toBe(3);
  });

  it.each([
    [[WEB, DAMAGED], /web\.pcapng: a capture is annotated alone/],
    [["package.json", WEB], /web\.pcapng: a capture is annotated alone/],
  ])("refuses %j", (paths, words) => {
    const run = portflow(["annotate", ...paths, "-o", join(scratch, "none")]);
    expect(run.status).not.toBe(0);
    expect(run.stderr).toMatch(words);
    expect(existsSync(join(scratch, "none"))).toBe(false);
  });

  it("takes none from standard input, which can be read but once", () => {
    const run = portflow(["annotate", "-", "-q"], readFileSync(WEB));
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/-: is a capture and no flow log/);
  });

  it("leaves no temporary file behind", () => {
    const place = mkdtempSync(join(scratch, "place-"));
    const run = spawnSync(
      process.execPath,
      [join(root, "dist", "cli", "main.js"), "annotate", WEB, "-q", "-o", copy],
      { env: { ...process.env, TMPDIR: place } },
    );
    expect(run.status).toBe(0);
    expect(readdirSync(place)).toEqual([]);
  });
});
