import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PortsOptions } from "../../src/cli/ports/ports-io.ts";
import { registerPorts, runPorts } from "../../src/cli/ports.ts";
import { packageRoot } from "../../src/core/package-root.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-ports-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(args: readonly string[], options: PortsOptions = {}, color = false) {
  let out = "";
  let errors = "";
  const io = {
    stdout: (text: string) => {
      out += text;
    },
    stderr: (text: string) => {
      errors += text;
    },
    isTerminal: true,
    color,
  };
  const exitCode = runPorts(args, options, io);
  return { exitCode, out, errors };
}

type Row = Record<string, unknown>;

function json(args: readonly string[], options: PortsOptions = {}): Row[] {
  const { out } = run(args, { ...options, json: true });
  expect(out.split("\n")).toHaveLength(2);
  return JSON.parse(out);
}

describe("portflow ports", () => {
  it("lists every claimant of a port, the winner marked, number and name together", () => {
    const { exitCode, out, errors } = run(["443/udp"]);
    expect(exitCode).toBe(0);
    expect(errors).toBe("");
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^ +PORT +NAME +STATUS +SOURCE +DESCRIPTION$/);
    expect(lines[1]).toMatch(/^\* +443\/udp +quic +unofficial +curated /);
    expect(lines.slice(2).every((line) => line.startsWith("   443/udp"))).toBe(true);
    expect(out).toMatch(/443\/udp +https +official +iana/);
  });

  it("aligns its columns", () => {
    const lines = run(["465"]).out.trimEnd().split("\n");
    const column = lines[0]!.indexOf("STATUS");
    for (const line of lines.slice(1)) expect(line.slice(column - 2)).toMatch(/^ {2}\w/);
  });

  it("marks the winner in bold only where colour is wanted", () => {
    expect(run(["22/tcp"], {}, true).out).toContain("\u001b[1m*");
    expect(run(["22/tcp"]).out).not.toContain("\u001b");
  });

  it.each([
    ["a number, on every transport", ["80"], ["tcp", "udp", "sctp"]],
    ["a port of a transport", ["80/sctp"], ["sctp"]],
    ["several transports", ["80/tcp,udp"], ["tcp", "udp"]],
  ])("%s", (_name, args, transports) => {
    expect([...new Set(json(args).map(({ transport }) => transport))]).toEqual(transports);
  });

  it("a range gives the rows inside and the ranges that touch it, once each", () => {
    const rows = json(["6665-6670/tcp"]);
    expect(rows.filter(({ range }) => range === "6665-6669")).toHaveLength(2);
    expect(rows.every(({ port }) => Number(port) >= 6665 && Number(port) <= 6670)).toBe(true);
  });

  it("a transport gives all its ports", () => {
    const rows = json(["dccp"]);
    expect(rows.length).toBeGreaterThan(5);
    expect(new Set(rows.map(({ transport }) => transport))).toEqual(new Set(["dccp"]));
  });

  it.each([
    ["registered name", "domain", 53],
    ["familiar word", "dns", 53],
    ["alias", "rexec", 512],
    ["another of IANA's names", "www-http", 80],
    ["letter case", "XMLIPCREGSVC", 9092],
    ["id", "list-132", 443],
    ["id of a row without a name", "list-254", 954],
    ["description", "thinlinc web access", 300],
  ])("a word finds by %s", (_name, word, port) => {
    expect(json([word]).map((row) => row["port"])).toContain(port);
  });

  it("a word that is a name hides what only mentions it, and says so", () => {
    const { out, errors } = run(["quic"]);
    expect(errors).toMatch(/quic: \d+ more rows mention it; add --all/);
    expect(run(["quic"], { all: true }).out.length).toBeGreaterThan(out.length);
  });

  it("says nothing of a port that nobody claims, exit code 1", () => {
    expect(run(["45999/tcp"])).toEqual({
      exitCode: 1,
      out: "",
      errors: "portflow: 45999/tcp: nothing registered\n",
    });
    expect(run(["45999/tcp"], { json: true }).out).toBe("[]\n");
  });

  it("tells what another transport calls the port", () => {
    expect(run(["51820/tcp"]).errors).toBe("portflow: but 51820/udp is wireguard\n");
  });

  it("suggests words for a misspelt one, exit code 1", () => {
    const { exitCode, errors } = run(["kubernets"]);
    expect(exitCode).toBe(1);
    expect(errors).toContain("did you mean kubernetes");
  });

  it.each([
    ["udp/443", "443/udp"],
    ["443:udp", "443/udp"],
    ["443,80", "443 80"],
    ["443-", "443"],
    [":443", "443"],
    ["tcp 22 80", "22/tcp 80/tcp"],
  ])("%s is no name: %s was meant", (query, meant) => {
    const { exitCode, out, errors } = run([query]);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: "" });
    expect(errors).toBe(
      `portflow: ${query}: nothing registered by that name; did you mean ${meant}\n`,
    );
  });

  it("takes blanks around a query for what they are", () => {
    expect(run([" 443/udp\t"])).toEqual(run(["443/udp"]));
  });

  it.each([
    ["no query", [], "nothing asked for"],
    ["an empty query", ["80", ""], "nothing asked for"],
    ["a port too high", ["65536"], '"65536": not a port'],
    ["a range upside down", ["90-80"], '"90-80": not a port'],
    ["an unknown transport", ["80/ipx"], '"80/ipx": not a transport'],
    ["why of a range", ["why", "1-2"], '"1-2": not one port'],
    ["a missing rules file", ["check", "/nowhere/x"], "can't be read: no such file"],
    ["a missing snapshot", ["diff", "/nowhere/x"], "can't be read: no such file"],
  ])("%s is usage, exit code 2", (_name, args, message) => {
    const { exitCode, out, errors } = run(args);
    expect(exitCode).toBe(2);
    expect(out).toBe("");
    expect(errors).toMatch(/^portflow: .*\n$/);
    expect(errors).toContain(message);
  });

  it("counts in the user's rules", () => {
    const file = join(folder, "mine.tsv");
    writeFileSync(file, "443/udp tunnel\n22/tcp jump 10.0.0.0/8\n");
    const [winner] = json(["443/udp"], { services: file });
    expect(winner).toMatchObject({ name: "tunnel", source: "user", wins: true });
    const rows = json(["22/tcp"], { services: file });
    expect(rows[0]).toMatchObject({ name: "jump", server: "10.0.0.0/8", wins: false });
    expect(rows.find(({ wins }) => wins)).toMatchObject({ name: "ssh" });
  });
});

describe("portflow ports, every row of the founding list", () => {
  const entries = readFileSync(join(packageRoot(), "data", "founding-list.tsv"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("list-"))
    .map((line) => line.split("\t"));
  it("is listed with its id and status for each of its transports", () => {
    const wanted = entries.flatMap(([id, ports, transports, , status]) =>
      transports!
        .split(",")
        .map((transport) => ({ id, status, transport, port: ports!.split("-")[0]! })),
    );
    const queries = [...new Set(wanted.map(({ port, transport }) => `${port}/${transport}`))];
    const rows = json(queries);
    for (const { id, status, transport, port } of wanted) {
      const found = rows.find(
        (row) => row["id"] === id && row["transport"] === transport && row["port"] === Number(port),
      );
      expect(found, `${id} on ${port}/${transport}`).toMatchObject({ status });
    }
  });
});

describe("portflow ports why", () => {
  it("shows every claimant with source, status, date, and the rule that decides", () => {
    const { exitCode, out } = run(["why", "443/udp"]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^443\/udp is quic, unofficial; port assigned; .*at most medium\n/);
    expect(out).toContain("because the curated list's first choice comes before");
    expect(out).toMatch(/\* +quic +unofficial +curated +\d{4}-\d{2}-\d{2} +RFC 9114/);
    expect(out).toMatch(/https +official +iana +2026-09-17/);
  });

  it.each([
    ["22/tcp", { name: "ssh", name_confidence: "high", rule: /official/ }],
    ["81/tcp", { name: "torpark", name_confidence: "low", rule: /no registry names the port/ }],
    ["6001/tcp", { name: "x11", rule: /no row is for this port alone/ }],
    ["53/udp", { name: "dns", registered_name: "domain" }],
    ["51820/tcp", { hint: "51820/udp is wireguard", rule: /too wide/, name_confidence: "none" }],
    ["10/tcp", { port_status: "unassigned", rule: /no row names the port/ }],
  ])("%s", (place, expected) => {
    const [said] = json(["why", place]);
    for (const [key, value] of Object.entries(expected)) {
      if (value instanceof RegExp) expect(said![key]).toMatch(value);
      else expect(said![key]).toBe(value);
    }
  });

  it("of a port that nobody claims, exit code 1", () => {
    expect(run(["why", "45999/tcp"])).toMatchObject({ exitCode: 1 });
  });
});

describe("portflow ports diff", () => {
  it("is quiet about equal snapshots, exit code 0", () => {
    const data = join(packageRoot(), "data");
    expect(run(["diff", data])).toMatchObject({
      exitCode: 0,
      out: "0 added, 0 removed, 0 changed\n",
    });
  });

  it("tells rows added, removed and changed, exit code 1", () => {
    const old = join(folder, "old");
    cpSync(join(packageRoot(), "data"), old, { recursive: true });
    const file = join(old, "iana.tsv");
    const text = readFileSync(file, "utf8")
      .replace(/^300\ttcp\t.*\n/m, "")
      .replace(/^(22\ttcp,udp\tassigned\tssh\t-\t).*\t/m, "$1Older words\t")
      .replace(/^(22\tsctp.*\n)/m, "$122\tdccp\tassigned\tssh\t-\tSSH\tnpm\n");
    writeFileSync(file, text);
    for (const args of [
      ["diff", old],
      ["diff", file],
    ]) {
      const found = json(args);
      expect(
        found.map(({ change, ports, transport }) => `${change} ${ports}/${transport}`),
      ).toEqual(["changed 22/tcp", "changed 22/udp", "removed 22/dccp", "added 300/tcp"]);
    }
    expect(run(["diff", old])).toMatchObject({ exitCode: 1 });
  });

  it("refuses a file that is no registry data", () => {
    const file = join(folder, "other.tsv");
    writeFileSync(file, "a\tb\n");
    expect(run(["diff", file]).errors).toContain("no registry data");
  });

  it.skipIf(process.platform !== "linux")("of a file that can't be read is no bug", () => {
    // Even root gets no octet of a process's memory at address 0.
    expect(run(["diff", "/proc/self/mem"])).toMatchObject({
      exitCode: 2,
      out: "",
      errors: "portflow: /proc/self/mem: can't be read: EIO: i/o error, read\n",
    });
  });
});

describe("portflow ports check", () => {
  it("shows what each rule overrides, and which line replaces it", () => {
    const file = join(folder, "fine.tsv");
    writeFileSync(
      file,
      "8888/tcp acme\n443/tcp mine 10.0.0.0/8\n8888/tcp later\n45999/tcp quiet\n",
    );
    const { exitCode, out, errors } = run(["check", file]);
    expect(exitCode).toBe(0);
    expect(errors).toBe("");
    expect(out).toMatch(/line 1 +8888\/tcp +acme +replaced by line 3/);
    expect(out).toMatch(
      /line 2 +443\/tcp +mine +10\.0\.0\.0\/8 +overrides 443\/tcp https \(official, iana\)/,
    );
    expect(out).toMatch(/line 3 .*overrides 8888\/tcp jupyter/);
    expect(out).toMatch(/line 4 .*overrides nothing/);
  });

  it("tells every wrong line at once, exit code 2", () => {
    const file = join(folder, "wrong.tsv");
    writeFileSync(file, "99999/tcp x\n80/tcp fine\n80/ipx y\n");
    const { exitCode, errors } = run(["check", file]);
    expect(exitCode).toBe(2);
    expect(errors).toContain("line 1: ");
    expect(errors).toContain("line 3: ");
  });

  it("keeps control characters of a file off the terminal", () => {
    const file = join(folder, "rude.tsv");
    writeFileSync(file, "80/tcp fine - \u001b[2Jgone\n");
    expect(run(["80/tcp"], { services: file }).out).not.toContain("\u001b");
    writeFileSync(file, "\u001b[2Jgone\n");
    expect(run(["check", file]).errors).toContain('line 1: "\\x1b[2Jgone" is no port');
    expect(run(["80/tcp"], { services: file }).errors).not.toContain("\u001b");
  });
});

describe("registerPorts", () => {
  it.each([
    [["ports", "22/tcp", "--json"], 0],
    [["ports", "why", "443/udp", "--json"], 0],
    [["ports", "45999"], 1],
  ])("%j", (args, expected) => {
    const codes: number[] = [];
    let out = "";
    const io = {
      stdout: (text: string) => {
        out += text;
      },
      stderr: () => undefined,
      isTerminal: false,
      color: false,
    };
    const program = new Command("portflow").exitOverride();
    registerPorts(program, io, (code) => codes.push(code));
    program.parse(args, { from: "user" });
    expect(codes).toEqual([expected]);
    if (expected === 0) expect(() => JSON.parse(out)).not.toThrow();
  });
});

describe("filters of names", () => {
  it.each([
    [["why", "443/udp"], "443/udp is quic"],
    [["why", "443/udp", "--official-only"], "443/udp has no name"],
    [["why", "443/udp", "--min-confidence", "high"], "443/udp has no name"],
    [["why", "443/udp", "--min-confidence", "medium"], "443/udp is quic"],
    [["--no-curated", "why", "443/udp"], "443/udp is https"],
    [["why", "443/udp", "--no-curated"], "443/udp is https"],
  ])("ports %j", (args, expected) => {
    let out = "";
    const io = {
      stdout: (text: string) => {
        out += text;
      },
      stderr: () => undefined,
      isTerminal: false,
      color: false,
    };
    const program = new Command("portflow").exitOverride();
    registerPorts(program, io, () => undefined);
    program.parse(["ports", ...args], { from: "user" });
    expect(out).toContain(expected);
  });
});
