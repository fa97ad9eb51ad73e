import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadRegistry } from "../../src/service/registry.ts";
import { parseUserRules, readUserRules } from "../../src/service/user-rules.ts";

const TCP = 1;
const UDP = 2;
const EVERY = 15;

describe("parseUserRules", () => {
  it.each([
    [
      "tabs",
      "8888/tcp\tacme-rpc\t10.0.0.0/8\tAcme RPC, ours",
      8888,
      8888,
      TCP,
      "acme-rpc",
      "10.0.0.0/8",
      "Acme RPC, ours",
    ],
    [
      "blanks",
      "8888/tcp acme-rpc 10.0.0.0/8 Acme RPC",
      8888,
      8888,
      TCP,
      "acme-rpc",
      "10.0.0.0/8",
      "Acme RPC",
    ],
    ["no network", "8888/tcp\tacme\t-\tours", 8888, 8888, TCP, "acme", "", "ours"],
    [
      "no network, no sign for it",
      "8888/tcp\tacme\tours alone",
      8888,
      8888,
      TCP,
      "acme",
      "",
      "ours alone",
    ],
    ["an address", "8888/tcp acme 2001:db8::1", 8888, 8888, TCP, "acme", "2001:db8::1", ""],
    ["a range and two transports", "8000-8100/tcp,udp lab", 8000, 8100, TCP | UDP, "lab", "", ""],
    ["no transport", "53 resolver", 53, 53, TCP | UDP, "resolver", "", ""],
    ["every transport", "53/any resolver", 53, 53, EVERY, "resolver", "", ""],
    ["a column of transports", "53\tudp\tresolver\t-\tours", 53, 53, UDP, "resolver", "", "ours"],
    ["a comment", "53/udp resolver # not ours", 53, 53, UDP, "resolver", "", ""],
    [
      "services(5)",
      "acme-rpc\t8888/tcp\tacme # Acme's own",
      8888,
      8888,
      TCP,
      "acme-rpc",
      "",
      "Acme's own",
    ],
    ["services(5), a name with a digit first", "9pfs 564/tcp", 564, 564, TCP, "9pfs", "", ""],
    ["a mark of byte order and carriage returns", "\uFEFF53/udp a\r", 53, 53, UDP, "a", "", ""],
  ])("%s", (_name, text, from, to, transports, name, network, description) => {
    const { rules, problems } = parseUserRules(text);
    expect(problems).toEqual([]);
    expect(rules).toHaveLength(1);
    const { claim, networkText } = rules[0]!;
    expect(claim).toMatchObject({ from, to, transports, name, description, status: "user" });
    expect(networkText).toBe(network);
  });

  it.each([
    ["70000/tcp x", '"70000" is no port'],
    ["9-7/tcp x", '"9-7" is no port'],
    ["80/ipx x", '"ipx" is no transport'],
    ["80/tcp", "the name is missing"],
    ["80/tcp x 10.0.0.0/33", '"10.0.0.0/33" is no address or CIDR'],
    ["80/tcp x 10.0.0.300", '"10.0.0.300" is no address or CIDR'],
    ["some words", '"some" is no port'],
    ["name 80", '"80" lacks its transport'],
    ["w".repeat(5000), `"${"w".repeat(40)}..." is no port`],
    [`80/tcp ${"x".repeat(65)}`, "a name of 65 characters"],
    ["80/tcp a\u0007b", "control characters"],
  ])("%s is refused with its line", (line, message) => {
    const { rules, problems } = parseUserRules(`# first\n\n${line}\n53/udp fine\n`);
    expect(rules.map(({ claim }) => claim.name)).toEqual(["fine"]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ line: 3, fatal: true });
    expect(problems[0]!.message).toContain(message);
  });

  it("AppleTalk's lines of old services files are skipped with a remark", () => {
    expect(parseUserRules("rtmp 1/ddp\n")).toMatchObject({
      rules: [],
      problems: [{ fatal: false }],
    });
  });

  it("never throws, and gives every line to a rule or a problem", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        const clean = lines.map((line) => line.replaceAll(/[\r\n#\uFEFF]/g, ""));
        const { rules, problems } = parseUserRules(clean.join("\n"));
        expect(rules.length + problems.length).toBe(
          clean.filter((line) => line.trim() !== "").length,
        );
      }),
    );
  });
});

describe("a rules file", () => {
  it("that is wrong stops loading with file and line", () => {
    const folder = mkdtempSync(join(tmpdir(), "portflow-rules-"));
    const file = join(folder, "mine.tsv");
    writeFileSync(file, "# mine\n8888/tcp acme\n99999/tcp x\n");
    expect(() => loadRegistry({ servicesFile: file })).toThrow(
      `${file}: line 3: "99999" is no port`,
    );
    rmSync(folder, { recursive: true });
  });

  it("that is missing is named", () => {
    expect(() => readUserRules("/nowhere/mine.tsv")).toThrow(
      /mine\.tsv: can't be read: no such file/,
    );
  });
});
