import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-report-cli-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const place = (name: string): string => join(scratch, name);

describe("portflow report", () => {
  it("writes the same page every time, of a capture with its books", () => {
    const run = portflow(["report", "samples/web.pcapng", "-o", place("a.html")]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    portflow(["report", "samples/web.pcapng", "-o", place("b.html")]);
    const page = readFileSync(place("a.html"), "utf8");
    expect(readFileSync(place("b.html"), "utf8")).toBe(page);
    expect(page).toContain("<b>76</b><span>packets</span>");
    expect(page).toContain("The books balance");
  });

  it("shows of a flow log what it shows of the capture, with --books too", () => {
    const books = ["--stats", place("books.json"), "-o", place("web.ndjson")];
    portflow(["read", "samples/web.pcapng", "-f", "ndjson", "-q", ...books]);
    const options = ["--title", "t", "--books", place("books.json")];
    const ofLog = portflow(["report", place("web.ndjson"), ...options]).stdout.toString();
    const ofCapture = portflow(["report", "samples/web.pcapng", ...options]).stdout.toString();
    expect(ofLog).toContain("The books balance");
    expect(ofLog.replaceAll(place("web.ndjson"), "samples/web.pcapng")).toBe(ofCapture);
  });

  it("of a capture that was cut short has what was readable, says so, and exits 3", () => {
    const run = portflow(["report", "samples/damaged.pcap"]);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain("ends inside a packet record");
    expect(run.stdout.toString()).toContain("Not all of it could be read: samples/damaged.pcap");
  });

  it.each([
    [["report", "none.pcap"], 3, "none.pcap"],
    [
      ["report", "samples/web.pcapng", "--books", "package.json"],
      2,
      "name a file that --stats wrote",
    ],
    [["report", "samples/web.pcapng", "-o", "no/such/folder.html"], 4, "no such folder"],
  ])("%j exits %i", (args, status, text) => {
    const run = portflow(args);
    expect(run.stderr).toContain(text);
    expect(run.status).toBe(status);
  });

  it.each([
    "null",
    "[]",
    '{"type":"stats"}',
    '{"schema":"portflow.stats/1"}',
    '{"schema":"portflow.stats/1","packets":null}',
  ])("takes %s for no books", (text) => {
    writeFileSync(place("books.json"), text);
    const run = portflow(["report", "samples/web.pcapng", "--books", place("books.json")]);
    expect(run.stderr).toBe(
      `portflow: --books ${place("books.json")}: no books; name a file that --stats wrote\n`,
    );
    expect(run.status).toBe(2);
  });

  it("leaves lines that are no flows out, and says which and how many", () => {
    const flows = readFileSync(place("web.ndjson"), "utf8");
    const damaged = flows.split("\n")[0]!.replace('"flags":{', '"flogs":{');
    writeFileSync(place("mixed.ndjson"), `word\n${flows}{}\n${damaged}\n`);
    const run = portflow(["report", place("mixed.ndjson"), "-o", place("mixed.html")]);
    expect(run.status).toBe(0);
    expect(run.stderr).toBe(
      `portflow: ${place("mixed.ndjson")}: line 1: no JSON; left out, and 2 more such lines\n`,
    );
  });
});
