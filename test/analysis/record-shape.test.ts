import { describe, expect, it } from "vitest";
import { recordComplaint } from "../../src/analysis/record-shape.ts";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";
import { tcpRecord, udpRecord } from "../support/flow-record-json.ts";

/** The record with a member replaced, or taken out by undefined. */
function changed(path: string, value: unknown): unknown {
  const record = structuredClone(tcpRecord()) as unknown as Record<string, unknown>;
  const names = path.split(".");
  const last = names.pop()!;
  let place = record;
  for (const name of names) place = place[name] as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return record;
}

describe("recordComplaint", () => {
  it("has nothing against records, whatever else is in them", () => {
    const records: readonly FlowRecordJson[] = [
      tcpRecord(),
      udpRecord(),
      tcpRecord({ src: { ip: "2001:db8::1" }, vlan: [1, 2], part: 2, interface: "eth0" }),
    ];
    for (const record of records) {
      expect(recordComplaint({ ...record, added: { later: true } })).toBeUndefined();
    }
  });

  it.each([
    ["src", undefined, "src is missing"],
    ["dst", [], "dst is no object"],
    ["direction", null, "direction is no object"],
    ["service", null, "service is no object"],
    ["src.packets", undefined, "src.packets is missing"],
    ["src.packets", "10", "src.packets is no count"],
    ["src.packets", -1, "src.packets is no count"],
    ["src.bytes", 1e300, "src.bytes is no count"],
    ["src.ip", "10.0.0.0/8", "src.ip is no address"],
    ["dst.ip", "fe80::1%eth0", "dst.ip is no address"],
    ["dst.port", 65536, "dst.port is no port"],
    ["start", "yesterday", "start is no time in UTC with nine digits of a second"],
    ["end", "2026-03-02T09:00:00Z", "end is no time in UTC with nine digits of a second"],
    ["duration", Number.POSITIVE_INFINITY, "duration is no number of seconds"],
    ["tcp.flags", undefined, "tcp.flags is missing"],
    ["tcp.retransmits.dst", null, "tcp.retransmits.dst is no count"],
    ["service.name", 5, "service.name is no text"],
    ["vlan", "7", "vlan is no list"],
  ])("%s as %j: %s", (path, value, what) => {
    expect(recordComplaint(changed(path, value))).toBe(`a flow record whose ${what}`);
  });

  it.each([
    [null],
    ["flow"],
    [[tcpRecord()]],
    [{ type: "stats" }],
    [{ ...tcpRecord(), schema: "portflow.flow/2" }],
  ])("says of something else what it is not", (value) => {
    expect(recordComplaint(value)).toBe("a record of something else");
  });
});
