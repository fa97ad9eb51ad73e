import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { FlowReport } from "../../src/report/flow-report.ts";
import { reportPage } from "../../src/report/report-page.ts";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";
import { tcpRecord, udpRecord } from "../support/flow-record-json.ts";

const FACTS = { title: "Office <1>", source: "office.pcap", books: undefined };

function reportOf(records: readonly FlowRecordJson[], listed = 100): FlowReport {
  const report = new FlowReport(listed);
  for (const record of records) report.add(record);
  return report;
}

/** Rows of a table of the page. */
function rowsOf(page: string, id: string): unknown[][] {
  const [, after = ""] = page.split(`id="${id}"`);
  const [, json = ""] = /<script type="application\/json">(.*?)<\/script>/.exec(after) ?? [];
  return (JSON.parse(json) as { rows: unknown[][] }).rows;
}

describe("FlowReport", () => {
  it("sums flows, services, hosts and TCP by hand", () => {
    const nameless = udpRecord({
      src: { ip: "192.0.2.11" },
      dst: { port: 47321, bytes: 5000 },
      service: { port: 47321, side: "dst", confidence: "none", reason: "neither-registered" },
    });
    const trouble = tcpRecord({
      tcp: { state: "RSTO", retransmits: { src: 2, dst: 1 }, handshake_rtt: 0.02 },
      part: 1,
      more: true,
    });
    const second = tcpRecord({ part: 2, previous_id: "00000000000000000001" });
    const report = reportOf([trouble, second, udpRecord(), nameless]);
    // TCP 2 x (1600 + 1600), UDP 102 + 102, UDP 102 + 5000.
    expect(report).toMatchObject({ records: 4, flows: 3, packets: 44, bytes: 6400 + 204 + 5102 });
    expect(report.tcp).toMatchObject({ packets: 40, retransmits: 3 });
    const page = reportPage(report, FACTS);
    expect(rowsOf(page, "services-table")).toEqual([
      ["https", "tcp", 1, 40, 6400, 1, 1, "high", "", ""],
      ["47321", "udp", 1, 2, 5102, 1, 1, "no name", "", ""],
      ["dns", "udp", 1, 2, 204, 1, 1, "medium", "", ""],
    ]);
    expect(rowsOf(page, "unknown-ports-table")).toEqual([["47321/udp", 1, 2, 5102, 1, 1, ""]]);
    expect(rowsOf(page, "talkers-table")).toEqual([
      ["198.51.100.20", 11706, 3200 + 102 + 5000, 3200 + 102 + 102, 44, 0, 3],
      ["192.0.2.10", 6604, 3302, 3302, 42, 2, 0],
      ["192.0.2.11", 5102, 102, 5000, 2, 1, 0],
    ]);
    expect(rowsOf(page, "trouble-table")).toEqual([["198.51.100.20:443", 1, 3, 0, 0, 1, 0]]);
    expect(rowsOf(page, "flows-table").length).toBe(4);
  });

  it("keeps the busiest flows only, and says how many there are", () => {
    const records = Array.from({ length: 50 }, (_, i) =>
      tcpRecord({ id: String(i), src: { bytes: (i * 7) % 50 } }),
    );
    const page = reportPage(reportOf(records, 10), FACTS);
    expect(rowsOf(page, "flows-table").map((row) => row[6])).toEqual([
      49, 48, 47, 46, 45, 44, 43, 42, 41, 40,
    ]);
    expect(page).toContain("The busiest 10 of 50 records");
  });
});

describe("reportPage", () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
  const records = [
    tcpRecord({
      interface: hostile,
      service: { ...tcpRecord().service, name: hostile, hint: hostile },
    }),
  ];

  it("is the same for the same flows", () => {
    expect(reportPage(reportOf(records), FACTS)).toBe(reportPage(reportOf(records), FACTS));
  });

  it("holds no markup of names, titles or warnings", () => {
    const page = reportPage(reportOf(records), {
      ...FACTS,
      title: hostile,
      source: hostile,
      warning: hostile,
    });
    expect(page).not.toContain("<img");
    expect(page).not.toContain("<script>alert");
    expect(page.match(/<script/g)?.length).toBe(
      1 + page.split('<script type="application/json">').length - 1,
    );
    expect(page).toContain("&lt;img src=x");
  });

  it("loads nothing, and its policy allows its own script and style alone", () => {
    const page = reportPage(reportOf(records), FACTS);
    expect(page).not.toMatch(/(?:src|href)\s*=\s*"?(?:https?:)?\/\//);
    expect(page).not.toMatch(/@import|url\(/);
    expect(page.replace(/<script.*?<\/script>/gs, "")).not.toMatch(/<[^>]* (?:style|on\w+)=/);
    const hash = (text: string | undefined): string =>
      `sha256-${createHash("sha256")
        .update(text ?? "")
        .digest("base64")}`;
    const [, script] = /<script>(.*?)<\/script>/s.exec(page) ?? [];
    const [, style] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    expect(page).toContain(`script-src '${hash(script)}'`);
    expect(page).toContain(`style-src '${hash(style)}'`);
    expect(page).toContain("default-src 'none'");
  });

  it("of no flows at all is a page, too", () => {
    const page = reportPage(reportOf([]), FACTS);
    expect(page).toContain("no traffic");
    expect(page).toContain("no TCP");
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});
