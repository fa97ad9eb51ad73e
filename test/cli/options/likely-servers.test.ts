import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseLikelyServers } from "../../../src/cli/options/likely-servers.ts";
import { isLikelyServerIn } from "../../../src/flow/row/likely-server-port.ts";
import { at, capture } from "../../pipeline/run.ts";
import { payload } from "../../support/build.ts";
import { ipv4 } from "../../support/build-ip.ts";
import { tcp, udp } from "../../support/build-transport.ts";
import { portflow } from "../../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-likely-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const TCP = 6;
const UDP = 17;
const SCTP = 132;

it.each([
  ["none", []],
  ["80/tcp", [[TCP, 80]]],
  [
    "80/tcp, 53/udp",
    [
      [TCP, 80],
      [UDP, 53],
    ],
  ],
  [
    "65535",
    [
      [TCP, 65535],
      [UDP, 65535],
    ],
  ],
])("%s", (text, expected) => {
  const likely = parseLikelyServers(text);
  const found = [TCP, UDP, SCTP].flatMap((protocol) =>
    [53, 80, 443, 65535]
      .filter((port) => isLikelyServerIn(likely, protocol, port) !== 0)
      .map((port) => [protocol, port]),
  );
  expect(found).toEqual(expected);
});

it.each(["", "80,", "65536", "80/sctp", "http", "-1"])("%s is no list of ports", (text) => {
  expect(() => parseLikelyServers(text)).toThrow(/is no port; write/);
});

// Zeek's btest core.vntag-in-vlan: with -b no script says where servers are, and the sender of a SYN+ACK
// from port 443 stays the originator.
describe("who began, by the ports on which servers are expected", () => {
  const path = join(scratch, "answers.pcap");
  const from = { sourcePort: 443, destinationPort: 56960 };
  writeFileSync(
    path,
    capture(
      at(0, ipv4(), tcp({ ...from, sequence: 7, acknowledgement: 9, flags: "SA" })),
      at(1, ipv4(), udp({ sourcePort: 56960, destinationPort: 53 }), payload(10)),
    ),
  );
  const began = (...args: readonly string[]): unknown[] =>
    portflow(["read", path, "--quiet", "-f", "zeek-json", ...args])
      .stdout.toString("utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .map((one) => [one.proto, one["id.orig_p"], one.history]);

  it.each(["1", "2"])("with %s worker(s)", (workers) => {
    const all = ["--workers", workers, "--likely-server-ports"];
    expect(began("--workers", workers)).toEqual([
      ["tcp", 56960, "^h"],
      ["udp", 56960, "D"],
    ]);
    expect(began(...all, "none")).toEqual([
      ["tcp", 443, "H"],
      ["udp", 56960, "D"],
    ]);
    expect(began(...all, "56960/udp,443/udp")).toEqual([
      ["tcp", 443, "H"],
      ["udp", 53, "^d"],
    ]);
  });

  it("beside a conn.log", () => {
    const log = join(scratch, "conn.log");
    const connection = {
      ts: 1_772_442_000,
      uid: "CHhAvVGS1DHFjwGM9",
      "id.orig_h": "192.0.2.1",
      "id.orig_p": 443,
      "id.resp_h": "198.51.100.1",
      "id.resp_p": 56960,
      proto: "tcp",
      conn_state: "OTH",
      missed_bytes: 0,
      history: "H",
      orig_pkts: 1,
      orig_ip_bytes: 40,
      resp_pkts: 0,
      resp_ip_bytes: 0,
    };
    writeFileSync(log, `${JSON.stringify(connection)}\n`);
    const compare = (...args: readonly string[]) =>
      JSON.parse(portflow(["compare", path, log, "-f", "json", ...args]).stdout.toString("utf8"));
    expect(compare("--likely-server-ports", "none").matched).toMatchObject({ total: 1, agree: 1 });
    expect(compare().matched).toMatchObject({ total: 1, agree: 0 });
  });

  it("is nothing to say where no output is Zeek's", () => {
    const run = portflow(["read", path, "-f", "ndjson", "--likely-server-ports", "none"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("--likely-server-ports: nothing here is in Zeek");
  });
});
