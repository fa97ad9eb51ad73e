import { describe, expect, it } from "vitest";
import { booksSection } from "../../src/report/books-section.ts";
import { BoundedTotals } from "../../src/report/bounded-totals.ts";
import { escaped, scriptJson } from "../../src/report/html-text.ts";
import { LatencyHistogram } from "../../src/report/latency-histogram.ts";
import { tableHtml } from "../../src/report/report-table.ts";
import { shareBars } from "../../src/report/share-bars.ts";
import { Timeline } from "../../src/report/timeline.ts";
import { timelineChart } from "../../src/report/timeline-chart.ts";

describe("Timeline", () => {
  it("spreads octets evenly over a flow's time, and loses none when slices grow wider", () => {
    const timeline = new Timeline();
    timeline.add(1000, 1000, 10, 0);
    timeline.add(1000, 1002, 100, 50);
    timeline.add(1600, 1600.5, 7, 3);
    // 600 s in at most 300 slices: 10 s is the first width that does.
    expect(timeline.width).toBe(10_000);
    const { startSeconds, slices } = timeline.all();
    expect(startSeconds).toBe(1000);
    expect(slices.length).toBe(61);
    expect(slices[0]!.sent).toBeCloseTo(110, 6);
    expect(slices[0]!.flows).toBe(2);
    expect(slices[60]!.received).toBeCloseTo(3, 6);
    expect(slices.slice(1, 60).every(({ sent, flows }) => sent === 0 && flows === 0)).toBe(true);
  });

  it("shares a flow between the slices that it touches", () => {
    const timeline = new Timeline();
    timeline.add(0, 0.004, 40, 8);
    const { slices } = timeline.all();
    // 0 to 4 ms in slices of 1 ms: a quarter each, and nothing of the slice that begins at its end.
    expect(slices.map(({ sent }) => sent)).toEqual([10, 10, 10, 10, 0]);
    expect(slices.map(({ flows }) => flows)).toEqual([1, 0, 0, 0, 0]);
  });

  it("takes records in any order, and years", () => {
    const timeline = new Timeline();
    timeline.add(1_772_442_000, 1_772_442_000, 1, 1);
    timeline.add(0, 0, 1, 1);
    expect(timeline.all().slices.length).toBeLessThanOrEqual(300);
    expect(timeline.all().slices.reduce((sum, { sent }) => sum + sent, 0)).toBe(2);
  });

  it("becomes a chart, also without any traffic", () => {
    expect(timelineChart(new Timeline())).toBe("<p>no traffic</p>");
    const timeline = new Timeline();
    timeline.add(1_772_442_000, 1_772_442_100, 1_000_000, 1_000_000);
    const chart = timelineChart(timeline);
    expect(chart).toContain("09:00:30");
    expect(chart).toContain("10.0k B/s sent");
    expect(chart).toContain("in slices of 1 s");
  });
});

describe("BoundedTotals", () => {
  it("gives the lighter half up when it is full, and says so", () => {
    const totals = new BoundedTotals<{ weight: number }>(4);
    for (const [key, weight] of [
      ["a", 5],
      ["b", 1],
      ["c", 9],
      ["d", 2],
      ["e", 3],
    ] as const) {
      totals.at(key, () => ({ weight: 0 })).weight += weight;
    }
    expect(totals.heaviest(10).map(([key]) => key)).toEqual(["c", "a", "e"]);
    expect(totals.givenUp).toBe(2);
  });
});

describe("BoundedTotals of equal weight", () => {
  it("go by their keys, whether they are chosen or kept", () => {
    const totals = new BoundedTotals<{ weight: number }>(6);
    const add = (keys: string, weight: number): void => {
      for (const key of keys) totals.at(key, () => ({ weight: 0 })).weight += weight;
    };
    const heaviest = (count: number): string =>
      totals
        .heaviest(count)
        .map(([key]) => key)
        .join("");
    add("fbeadc", 1);
    add("d", 1);
    expect([0, 1, 3, 6, 9].map(heaviest)).toEqual(["", "d", "dab", "dabcef", "dabcef"]);
    // Room is made: half of six stay.
    add("z", 1);
    expect(heaviest(9)).toBe("dabz");
    expect(totals.givenUp).toBe(3);
    // What was given up begins anew.
    add("zf", 1);
    expect(totals.heaviest(9).map(([key, { weight }]) => key + weight)).toEqual(
      "d2 z2 a1 b1 f1".split(" "),
    );
  });
});

describe("LatencyHistogram", () => {
  it("finds quantiles within its 4.7 percent", () => {
    const histogram = new LatencyHistogram();
    for (let i = 1; i <= 1000; i += 1) histogram.add(i / 1000);
    for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
      expect(histogram.quantile(share) / share).toBeGreaterThan(0.999);
      expect(histogram.quantile(share) / share).toBeLessThan(1.05);
    }
    histogram.add(0);
    histogram.add(1e9);
    expect(histogram.count).toBe(1002);
    expect(new LatencyHistogram().quantile(0.5)).toBeCloseTo(1.047e-7, 10);
  });
});

describe("what is written into the page", () => {
  it.each([
    ["<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"],
    ['" onload="x', "&quot; onload=&quot;x"],
    ["&amp;", "&amp;amp;"],
    ["a\u0000b\u001bc\u202ed\u2028e", "a\ufffdb\ufffdc\ufffdd\ufffde"],
  ])("%j is text", (text, html) => {
    expect(escaped(text)).toBe(html);
  });

  it("is data in which no tag can begin", () => {
    const value = ["</script><!--", "&<>", "\u2028"];
    const json = scriptJson(value);
    expect(json).not.toMatch(/[<>&\u2028]/);
    expect(JSON.parse(json)).toEqual(value);
  });

  it("are tables with all rows as data and the first ones as HTML", () => {
    const html = tableHtml({
      id: "t",
      columns: [{ heading: "<name>" }, { heading: "octets", isNumber: true }],
      rows: Array.from({ length: 30 }, (_, i) => [`host<${i}>`, 1_234_567 + i]),
    });
    expect(html.match(/<tr>/g)?.length).toBe(26);
    expect(html).toContain("&lt;name&gt;");
    expect(html).toContain("host&lt;0&gt;");
    expect(html).toContain('<td class="number">1,234,567</td>');
    expect(html).toContain("first 25 of 30 rows");
    expect(html).not.toContain("host<");
    expect(tableHtml({ id: "t", columns: [], rows: [] })).toContain("none");
  });

  it("are bars with shares", () => {
    const bars = shareBars(
      [
        { name: "a<b", value: 3_000_000, tone: "good", isOctets: true },
        { name: "c", value: 1_000_000, tone: "bad", isOctets: true },
      ],
      "x",
    );
    expect(bars).toContain("3.00M (75.0%)");
    expect(bars).toContain("a&lt;b");
  });

  it("are the books, but for what differs from run to run", () => {
    const html = booksSection({
      type: "stats",
      balanced: true,
      packets: { read: 1234, not_ip: { arp: 2, "x<y": 1 }, malformed: {} },
      details: { no_ports: 1 },
      seconds: { wall: 1.5 },
      packets_per_second: 99,
    });
    expect(html).toContain("The books balance");
    expect(html).toContain("<dt>read</dt><dd>1,234</dd>");
    expect(html).toContain("<dt>not ip</dt><dd>3</dd>");
    expect(html).toContain("x&lt;y");
    expect(html).not.toContain("99");
    expect(html).not.toContain("1.5");
    expect(booksSection({ balanced: false, packets: {} })).toContain("do NOT balance");
    expect(booksSection(undefined)).toContain("--books");
  });
});
