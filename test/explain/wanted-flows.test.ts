import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/core/byte-writer.ts";
import { parseFlowQuery } from "../../src/explain/flow-query.ts";
import { WantedFlows } from "../../src/explain/wanted-flows.ts";
import { newNdjsonSink } from "../../src/sink/ndjson/ndjson.ts";
import { eachRecord, written } from "../sink/flow-records.ts";
import { frame } from "../support/build.ts";
import { ipv4 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { udp } from "../support/build-transport.ts";
import type { TimedPacket } from "../support/timed-packet.ts";

/** 2026-03-02T09:00:00Z in microseconds. */
const START = 1_772_442_000_000_000;
const CLIENT = "192.0.2.10";

/** A datagram of the client to port 53 of 198.51.100.x, and when it came. */
function datagram(x: number, seconds: number, nanoseconds = 0): TimedPacket {
  const ends = { source: CLIENT, destination: `198.51.100.${x}` };
  return {
    microseconds: START + seconds * 1e6,
    nanoseconds,
    bytes: frame(ethernet(), ipv4(ends), udp({ sourcePort: 50000, destinationPort: 53 })),
  };
}

/** The flows of hosts 1, 2 and 3 end in the order 2, 1, 3 by no more than nanoseconds. */
const PACKETS = [
  datagram(1, 0),
  datagram(3, 1),
  datagram(2, 5, 7),
  datagram(1, 5, 8),
  datagram(3, 5, 9),
];
const LAST_TIME = "2026-03-02T09:00:05.000000009Z";

function wantedOf(flow: string, most: number): { wanted: WantedFlows; text: string } {
  const wanted = new WantedFlows(parseFlowQuery(flow), most);
  return { wanted, text: written(() => wanted, PACKETS) };
}

describe("WantedFlows", () => {
  const lines = written(newNdjsonSink, PACKETS).match(/.*\n/g) ?? [];

  it("writes the records of the flows that are asked for, and nothing of others", () => {
    expect(lines.length).toBe(3);
    for (const host of [1, 2, 3]) {
      const { wanted, text } = wantedOf(`198.51.100.${host}`, 10);
      expect(text).toBe(lines.find((line) => line.includes(`"198.51.100.${host}"`)));
      expect(wanted.matching).toBe(1);
    }
    expect(wantedOf(CLIENT, 10).text).toBe(lines.join(""));
  });

  it("counts those beyond the first that are to be written", () => {
    const { wanted, text } = wantedOf(CLIENT, 2);
    expect(text).toBe(lines.slice(0, 2).join(""));
    expect(wanted.matching).toBe(3);
  });

  it("knows when the last of all flows ended, whichever are asked for", () => {
    for (const flow of [CLIENT, "198.51.100.1", "198.51.100.3", "203.0.113.1"]) {
      expect(wantedOf(flow, 1).wanted.lastTime).toBe(LAST_TIME);
    }
    expect(wantedOf("203.0.113.1", 1)).toMatchObject({ text: "", wanted: { matching: 0 } });
    const early = new WantedFlows(parseFlowQuery(CLIENT), 1);
    written(() => early, PACKETS.slice(0, 2));
    expect(early.lastTime).toBe("2026-03-02T09:00:01.000000000Z");
    expect(new WantedFlows(parseFlowQuery(CLIENT), 1).lastTime).toBe("");
  });

  it("says how many records it makes of a flow", () => {
    for (const flow of ["198.51.100.2", CLIENT]) {
      const wanted = new WantedFlows(parseFlowQuery(flow), 2);
      eachRecord(PACKETS, (record) => {
        const out = new ByteWriter(1024);
        const count = wanted.recordsOf(record.view);
        wanted.write(record, out);
        expect(out.toString().split("\n").length - 1).toBe(count);
      });
    }
  });
});
