import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../src/core/package-root.ts";
import type { FlowRecordJson } from "../src/sink/flow-record.ts";
import { portflow } from "./support/run-portflow.ts";

const root = packageRoot();
const folder = join(root, "test", "golden");
const samples = readdirSync(join(root, "samples")).filter((name) => /\.pcap(ng)?$/.test(name));

describe("samples", () => {
  it("are at least six", () => {
    expect(samples.length).toBeGreaterThanOrEqual(6);
  });

  describe.each(samples)("%s", (sample) => {
    it.each(["ndjson", "csv", "table"])("gives the expected %s", (format) => {
      const run = portflow(["read", `samples/${sample}`, "--format", format, "--quiet"]);
      expect(run.stdout.toString("utf8")).toBe(
        readFileSync(join(folder, `${sample}.${format}`), "utf8"),
      );
    });
  });
});

const hasTshark = spawnSync("tshark", ["--version"]).status === 0;
if (!hasTshark) {
  process.stderr.write("skipped: tshark is not installed, samples are not compared with it\n");
}

/** tshark's conversations of one kind: frames and octets of both ways by endpoints. */
function conversations(sample: string, kind: "tcp" | "udp"): Map<string, string> {
  const fields = ["ip.src", "ipv6.src", `${kind}.srcport`, "ip.dst", "ipv6.dst", `${kind}.dstport`];
  const text = execFileSync(
    "tshark",
    [
      ...["-n", "-r", join(root, "samples", sample), "-T", "fields", "-E", "occurrence=f"],
      // Fragments stand alone, and nothing inside a tunnel counts: the outermost header is compared.
      ...["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"],
      ...["-Y", `${kind} && !icmp && !icmpv6 && !gre && !ip.proto == 4 && !ip.proto == 41`],
      ...[...fields, "frame.len"].flatMap((field) => ["-e", field]),
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  const totals = new Map<string, [number, number]>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [source4, source6, sourcePort, target4, target6, targetPort, length] = line.split("\t");
    const ends = [`${source4}${source6} ${sourcePort}`, `${target4}${target6} ${targetPort}`];
    const key = ends.sort().join(" - ");
    const [packets, octets] = totals.get(key) ?? [0, 0];
    totals.set(key, [packets + 1, octets + Number(length)]);
  }
  return new Map([...totals].map(([key, counts]) => [key, counts.join(" ")]));
}

function ours(sample: string, kind: "tcp" | "udp"): Map<string, string> {
  const lines = readFileSync(join(folder, `${sample}.ndjson`), "utf8").split("\n");
  const totals = new Map<string, [number, number]>();
  for (const line of lines.filter((one) => one !== "")) {
    const flow = JSON.parse(line) as FlowRecordJson;
    if (flow.transport !== kind || flow.src.port === undefined || flow.fragments !== undefined) {
      continue;
    }
    const ends = [`${flow.src.ip} ${flow.src.port}`, `${flow.dst.ip} ${flow.dst.port}`];
    const key = ends.sort().join(" - ");
    const [packets, octets] = totals.get(key) ?? [0, 0];
    totals.set(key, [
      packets + flow.src.packets + flow.dst.packets,
      octets + flow.src.bytes + flow.dst.bytes,
    ]);
  }
  return new Map([...totals].map(([key, counts]) => [key, counts.join(" ")]));
}

// Captures without tunnels, fragments or damage, where both tools mean the same by a conversation.
const COMPARABLE = ["web.pcapng", "mail.pcap", "voip.pcap", "office.pcapng", "unknown-ports.pcap"];

describe.skipIf(!hasTshark)("golden flows agree with tshark's packets", () => {
  describe.each(COMPARABLE)("%s", (sample) => {
    it.each(["tcp", "udp"] as const)("%s: endpoints, packets and octets", (kind) => {
      const expected = conversations(sample, kind);
      expect(ours(sample, kind)).toEqual(expected);
    });
  });
});
