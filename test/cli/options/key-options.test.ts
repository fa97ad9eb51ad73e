import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { keyOf } from "../../../src/cli/options/key-options.ts";
import { at, capture } from "../../pipeline/run.ts";
import { ipv4 } from "../../support/build-ip.ts";
import { ethernet, vlan } from "../../support/build-link.ts";
import { udp } from "../../support/build-transport.ts";
import { vxlan } from "../../support/build-tunnel.ts";
import { portflow } from "../../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-key-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it.each([
  ["a native run", {}, false, [true, true, false]],
  [
    "a native run told otherwise",
    { vlanKey: false, tunnelKey: false },
    false,
    [false, false, false],
  ],
  ["Zeek's rules", {}, true, [false, false, true]],
  ["Zeek's rules, told the same", { vlanKey: false }, true, [false, false, true]],
  ["Zeek's rules with VLANs", { vlanKey: true }, true, [true, false, false]],
  ["Zeek's rules with tunnels", { tunnelKey: true }, true, [false, true, false]],
])("%s", (_name, options, zeekRules, [vlans, tunnels, isTold]) => {
  expect(keyOf(options, zeekRules)).toEqual({
    useVlanKey: vlans,
    useTunnelKey: tunnels,
    tellsSurroundings: isTold,
  });
});

it.each([["1"], ["2"]])("read with %s worker(s) goes by the outputs' key", (workers) => {
  const query = [ipv4(), udp({ sourcePort: 40000, destinationPort: 53 })];
  const outer = [
    ipv4({ source: "203.0.113.1" }),
    udp({ sourcePort: 50000, destinationPort: 4789 }),
    vxlan(7),
  ];
  const path = join(scratch, `key-${workers}.pcap`);
  writeFileSync(
    path,
    capture(
      at(0, vlan(5), ...query),
      at(1, vlan(6), ...query),
      at(2, ...outer, ethernet(), ...query),
      at(3, ...query),
    ),
  );
  const packets = (...args: readonly string[]): unknown[] =>
    portflow(["read", path, "--quiet", "-f", "zeek-json", "--workers", workers, ...args])
      .stdout.toString("utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)["orig_pkts"]);
  expect(packets()).toEqual([4]);
  expect(packets("--vlan-key")).toEqual([1, 1, 2]);
  expect(packets("--tunnel-key")).toEqual([3, 1]);
  expect(packets("--vlan-key", "--tunnel-key")).toEqual([1, 1, 1, 1]);
});
