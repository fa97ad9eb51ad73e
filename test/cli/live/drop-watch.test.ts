import { describe, expect, it } from "vitest";
import type { LiveCounts, LiveInterface } from "../../../src/capture/live/live-interface.ts";
import { DropWatch } from "../../../src/cli/live/drop-watch.ts";

describe("DropWatch", () => {
  it("says at once when drops begin, then once a minute, with what helps", () => {
    const said: string[] = [];
    const watch = new DropWatch((message) => said.push(message));
    const counts = { received: 100, dropped: 0, interfaceDropped: 0 };
    const eth0 = { name: "eth0", counts: (): LiveCounts => counts } as LiveInterface;
    watch.look([eth0], 0);
    expect(said).toEqual([]);
    counts.dropped = 7;
    watch.look([eth0], 1000);
    expect(said).toEqual([
      "eth0: 7 packets dropped for lack of room; set a larger --ring-size, a --filter, or make the output faster",
    ]);
    counts.dropped = 10;
    watch.look([eth0], 2000);
    expect(said.length).toBe(1);
    watch.look([eth0], 61_000);
    expect(said[1]).toMatch(/^eth0: 3 packets dropped/);
    counts.interfaceDropped = 2;
    watch.look([eth0], 200_000);
    expect(said[2]).toBe(
      "eth0: the device itself lost 2 packets; give it more room: ethtool -G eth0 rx 4096",
    );
  });
});
