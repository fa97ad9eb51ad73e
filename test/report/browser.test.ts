import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FlowReport } from "../../src/report/flow-report.ts";
import { reportPage } from "../../src/report/report-page.ts";
import { tcpRecord, udpRecord } from "../support/flow-record-json.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const CHROMIUM = "/usr/bin/chromium";
const isThere = existsSync(CHROMIUM);
if (!isThere)
  process.stderr.write(`skipped: the report in a browser: ${CHROMIUM} is not installed\n`);

const HOSTILE = `"><script>window.wasRun = 1</script><img src=x onerror="window.wasRun = 2">`;
const scratch = mkdtempSync(join(tmpdir(), "portflow-report-"));

/** A report on flows between many hosts, some with names that try to be markup. */
function page(flows: number): string {
  const report = new FlowReport(5000);
  const random = new SeededRandom(7);
  for (let i = 0; i < flows; i += 1) {
    const bytes = 100 + (random.word() % 100_000);
    const ends = {
      src: { ip: `10.${i % 4}.${(i >> 3) % 256}.${i % 251}`, port: 32768 + (i % 28000), bytes },
      dst: { ip: `198.51.100.${i % 200}`, bytes: bytes * 2 },
      id: i.toString(16).padStart(20, "0"),
    };
    if (i % 3 === 0) report.add(udpRecord(ends));
    else if (i % 1000 === 1) {
      const service = { ...tcpRecord().service, name: HOSTILE };
      report.add(tcpRecord({ ...ends, interface: HOSTILE, service }));
    } else report.add(tcpRecord(ends));
  }
  return reportPage(report, { title: `Report ${HOSTILE}`, source: HOSTILE, books: undefined });
}

describe.skipIf(!isThere)("the report in Chromium", () => {
  let browser: Browser;
  const large = join(scratch, "large.html");
  const noise: string[] = [];

  async function open(options: Parameters<Browser["newPage"]>[0], path = large): Promise<Page> {
    const tab = await browser.newPage(options);
    tab.on("console", (message) => noise.push(message.text()));
    tab.on("pageerror", (error) => noise.push(String(error)));
    tab.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) noise.push(request.url());
    });
    await tab.goto(pathToFileURL(path).href);
    return tab;
  }

  beforeAll(async () => {
    writeFileSync(large, page(200_000));
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        ..."--no-sandbox --disable-gpu --disable-quic --no-first-run".split(" "),
        ..."--disable-background-networking --disable-component-update --disable-sync".split(" "),
      ],
    });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it("of 200,000 flows is below 10 MB and opens in two seconds of the processor's", async () => {
    expect(statSync(large).size).toBeLessThan(10_000_000);
    const tab = await browser.newPage();
    const session = await tab.context().newCDPSession(tab);
    await session.send("Performance.enable");
    await tab.goto(pathToFileURL(large).href);
    await tab.evaluate("document.querySelectorAll('tbody tr').length");
    // Of the process that shows the page, from its start; on the wall a busy machine takes longer.
    const { metrics } = await session.send("Performance.getMetrics");
    const seconds = metrics.find(({ name }) => name === "ProcessTime")?.value;
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(2);
    await tab.close();
  });

  it("runs no name as script, asks for nothing, and complains of nothing", async () => {
    const tab = await open({});
    expect(await tab.evaluate("window.wasRun")).toBeUndefined();
    expect(await tab.locator("img").count()).toBe(0);
    expect(await tab.locator("h1").textContent()).toContain('"><script>');
    await tab.locator("#services-table input").evaluate((input) => input.removeAttribute("hidden"));
    await tab.locator("#services-table input").fill("onerror");
    expect(await tab.locator("#services-table tbody tr").count()).toBe(1);
    expect(await tab.evaluate("window.wasRun")).toBeUndefined();
    expect(noise).toEqual([]);
    await tab.close();
  });

  it("sorts, searches and shows more of a table", async () => {
    const tab = await open({});
    const table = tab.locator("#flows-table");
    const column = (place: number): Promise<string[]> =>
      table.locator(`tbody td:nth-child(${place})`).allInnerTexts();
    const numbers = async (place: number): Promise<number[]> =>
      (await column(place)).map((text) => Number(text.replaceAll(",", "")));
    const before = await table.locator("tbody tr").allTextContents();
    const sent = table.getByRole("button", { name: "sent" });
    await sent.click();
    // What the script draws is what the page had, for the busiest come first.
    expect(await table.locator("tbody tr").allTextContents()).toEqual(before);
    await sent.click();
    const ascending = await numbers(7);
    expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
    expect(await table.locator("th[aria-sort=ascending]").count()).toBe(1);
    expect(await column(1)).toHaveLength(25);
    await table.getByRole("button", { name: "show more" }).click();
    expect(await column(1)).toHaveLength(125);
    await table.locator("input").fill("198.51.100.7:53 udp");
    const found = await column(5);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found)).toEqual(new Set(["198.51.100.7:53"]));
    await table.locator("input").fill("nothing of the kind");
    expect(await table.locator(".count").textContent()).toBe("0 rows");
    await tab.close();
  });

  it.each([
    ["a phone", { viewport: { width: 390, height: 844 } }, {}],
    ["a desktop", { viewport: { width: 1280, height: 900 } }, {}],
    ["dark", { viewport: { width: 1280, height: 900 }, colorScheme: "dark" as const }, {}],
    ["print", { viewport: { width: 794, height: 1123 } }, { media: "print" as const }],
  ])("on %s is no wider than the screen, and legible", async (name, options, media) => {
    const tab = await open(options);
    await tab.emulateMedia(media);
    // As text: the types of the tests know no browser.
    const { wide, ink, paper, inputs } = await tab.evaluate<Looks>(`(() => {
        const { color, backgroundColor } = getComputedStyle(document.body);
        return {
          wide: document.documentElement.scrollWidth - innerWidth,
          ink: color,
          paper: backgroundColor,
          inputs: [...document.querySelectorAll("input")].filter((input) => input.checkVisibility()).length,
        };
      })()`);
    expect(wide).toBeLessThanOrEqual(0);
    expect(brightness(ink) > brightness(paper)).toBe(name === "dark");
    expect(Math.abs(brightness(ink) - brightness(paper))).toBeGreaterThan(0.5);
    expect(inputs > 0).toBe(name !== "print");
    await tab.close();
  });
});

type Looks = {
  readonly wide: number;
  readonly ink: string;
  readonly paper: string;
  readonly inputs: number;
};

/** Of a computed colour, 0 to 1. */
function brightness(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return (red + green + blue) / 765;
}
