import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tcpRecord } from "../support/flow-record-json.ts";
import { portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-explain-cli-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const log = join(scratch, "web.ndjson");
writeFileSync(log, `${JSON.stringify(tcpRecord())}\n`);

describe("portflow explain", () => {
  it("tells a person the direction, the end, the tag and its claimants", () => {
    const run = portflow([
      "explain",
      "samples/web.pcapng",
      "--flow",
      "udp 192.168.10.21:58443 203.0.113.80:443",
    ]);
    const text = run.stdout.toString();
    expect(run.status).toBe(0);
    expect(text).toContain("udp 192.168.10.21:58443 > 203.0.113.80:443");
    expect(text).toContain("inferred (first-packet)");
    expect(text).toContain("capture_end: the capture ended while it was open");
    expect(text).toContain("443/udp is quic");
    expect(text).toContain("the curated list's first choice comes before");
  });

  it("lists the flows of one end, from the first on, and explains them where there is one", () => {
    const flow = (end: string, ...more: string[]): ReturnType<typeof portflow> =>
      portflow(["explain", "samples/web.pcapng", "--flow", end, ...more]);
    const many = flow("udp 192.168.10.21");
    const lines = many.stdout.toString().trimEnd().split("\n");
    expect(many.status).toBe(0);
    expect(lines[0]).toMatch(/^flow +start +proto +initiator +responder +service +packets +ended$/);
    // The two questions to the resolver, and the QUIC conversation that began after them.
    expect(lines.slice(1).map((line) => line.split(/ +/).slice(2, 7))).toEqual([
      ["udp", "192.168.10.21:42561", "192.168.10.1:53", "dns", "4"],
      ["udp", "192.168.10.21:42565", "192.168.10.1:53", "dns", "4"],
      ["udp", "192.168.10.21:58443", "203.0.113.80:443", "quic", "7"],
    ]);
    expect(many.stderr).toContain("3 flows match; --flow with an id tells the story of one");

    const [id = ""] = lines[3]!.split(" ");
    const one = flow("203.0.113.80:443/udp");
    expect(one.stdout.toString()).toMatch(
      /^udp 192\.168\.10\.21:58443 > 203\.0\.113\.80:443 +flow /,
    );
    expect(flow(id).stdout.toString()).toBe(one.stdout.toString());

    const json = flow("udp 192.168.10.21", "--json", "--limit", "2");
    const explained = json.stdout.toString().trimEnd().split("\n");
    expect(explained.map((line) => JSON.parse(line).schema)).toEqual(
      Array(2).fill("portflow.explain/1"),
    );
    expect(json.stderr).toContain("3 flows match, 2 are explained");
  });

  it("gives every claimant as JSON", () => {
    const run = portflow([
      "explain",
      "samples/web.pcapng",
      "--json",
      "--flow",
      "udp 192.168.10.21 203.0.113.80",
    ]);
    const { tag } = JSON.parse(run.stdout.toString());
    const why = JSON.parse(portflow(["ports", "why", "443/udp", "--json"]).stdout.toString());
    expect(tag.registry).toEqual(why[0]);
  });

  it.each([
    [
      ["explain", "samples/web.pcapng", "--flow", "tcp 192.0.2.1:1 192.0.2.2:2"],
      1,
      "no flow matches",
    ],
    [
      ["explain", "samples/web.pcapng", "--flow", "abcdef012345"],
      1,
      "no flow matches abcdef012345; give the timeouts, --tunnels and keys of the run that wrote it",
    ],
    [
      ["explain", "samples/web.pcapng", "--flow", "something"],
      2,
      "neither id, Community ID nor tuple",
    ],
    [["explain", "samples/web.pcapng"], 2, "required option '--flow <flow>'"],
    [["explain", "none.pcap", "--flow", "abcdef"], 3, "none.pcap"],
    [["explain", "README.md", "--flow", "abcdef"], 3, "README.md: not a capture"],
    [["explain", log, "--flow", "abcdef"], 3, "not a capture: starts with"],
    [["explain", "-", "--flow", "abcdef"], 2, "-: is no file; explain reads a capture twice"],
    [["explain", "/dev/null", "--flow", "abcdef"], 2, "/dev/null: is no file"],
    [["explain", "samples", "--flow", "abcdef"], 3, "samples: is a directory"],
    [
      ["explain", "samples/damaged.pcap", "--flow", "192.168.10.21 192.168.10.50"],
      3,
      "ends inside a packet",
    ],
  ])("%j exits %i", (args, status, text) => {
    const run = portflow(args);
    expect(run.stderr).toContain(text);
    expect(run.status).toBe(status);
  });

  it("has no options of read's in its help, nor has report", () => {
    for (const command of ["explain", "report"]) {
      const help = portflow([command, "--help"]).stdout.toString();
      expect(help).toContain("--idle-timeout-tcp");
      expect(help).not.toContain("--format");
    }
    expect(portflow(["read", "--help"]).stdout.toString()).toContain("an hour with --format zeek");
  });
});
