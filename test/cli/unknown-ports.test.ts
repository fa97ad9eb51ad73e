import { describe, expect, it } from "vitest";
import { complaintsOf } from "../sink/schema.ts";
import { portflow } from "../support/run-portflow.ts";

// The sample has 13 flows of 13 clients to 47321/tcp, one of them mid-stream, and 8 sensors that
// report to 41234/udp: scripts/samples/unknown-ports.ts.
const SAMPLE = "samples/unknown-ports.pcap";
const read = (...options: readonly string[]): string =>
  portflow(["read", SAMPLE, "-o", "/dev/null", ...options]).stderr;

describe("portflow read --unknown-ports", () => {
  it("is one line of the summary when it isn't asked for", () => {
    expect(read()).toContain(
      "portflow: unnamed ports: 47321/tcp (13 flows, about 13 clients), 41234/udp (8 flows, 8 clients); --unknown-ports shows more\n",
    );
    expect(read("--quiet")).toBe("");
    expect(portflow(["read", "samples/web.pcapng", "-o", "/dev/null"]).stderr).not.toContain(
      "unnamed",
    );
  });

  it("is a report of its own when it is", () => {
    const report = read("--unknown-ports", "--quiet");
    expect(report).toMatch(/^ports that no registry names \(7 of 7\):\n {2}47321\/tcp {3}service /);
    expect(report).toContain("\n41234/udp\tunnamed-41234\t# 8 flows of 8 peers\n");
    expect(read("--unknown-ports=1", "-q").split("\n")).toHaveLength(5);
    expect(read("--unknown-ports")).not.toContain("unnamed ports:");
  });

  it("is in the books, as their schema says", () => {
    const stats = JSON.parse(read("-q", "--stats", "-", "--unknown-ports=2").split("\n")[0]!);
    expect(stats.unknown_ports).toMatchObject([
      { port: 47321, transport: "tcp", flows: 13, peers: 13, judgement: "service" },
      { port: 41234, transport: "udp", flows: 8, peers: 8, judgement: "service" },
    ]);
    expect(complaintsOf("portflow.stats.schema.json")(stats)).toEqual([]);
    expect(JSON.parse(read("-q", "--stats", "-"))).not.toHaveProperty("unknown_ports");
  });

  it("explains a file taken for the number", () => {
    const run = portflow(["read", "--unknown-ports", SAMPLE]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("not a whole number");
  });
});
