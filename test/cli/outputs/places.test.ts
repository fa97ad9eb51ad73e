import {
  copyFileSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/core/package-root.ts";
import { shell } from "../../support/run-portflow.ts";

const WEB = join(packageRoot(), "samples/web.pcapng");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-places-"));
  copyFileSync(WEB, join(folder, "a"));
  linkSync(join(folder, "a"), join(folder, "hard"));
  symlinkSync("a", join(folder, "soft"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: string) => shell(command, folder);

describe("a capture is not replaced by its own records", () => {
  it.each([
    ["portflow read a -o a", "--output a: would overwrite a"],
    ["portflow read a -o ./../$(basename $PWD)/a", "would overwrite a"],
    ["portflow read a -o csv:soft", "--output soft: would overwrite a"],
    ["portflow read soft -o a", "--output a: would overwrite soft"],
    ["portflow read a -o hard", "--output hard: would overwrite a"],
    ["portflow read . -o a", "--output a: would overwrite a"],
    ["portflow read - -o a <a", "--output a: would overwrite standard input"],
    ["portflow read /dev/stdin -o a <a", "--output a: would overwrite /dev/stdin"],
    ["portflow read a >>a", "--output -: would overwrite a"],
    ["portflow read a --stats a", "--stats a: would overwrite a"],
    ["portflow read a --follow -o a", "--output a: would overwrite a"],
    ["portflow read - --services hard -o a </dev/null", "--output a: would overwrite hard"],
  ])("%s", (command, words) => {
    const { status, stderr } = run(command);
    expect(stderr).toContain(`${words}, which is read; write to another file`);
    expect(status).toBe(2);
    expect(readFileSync(join(folder, "a")).equals(readFileSync(WEB))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["a", "hard", "soft"]);
  });
});

describe("other commands replace nothing that they read", () => {
  it.each([
    ["portflow compare log a -o log", "--output log: would overwrite log"],
    ["portflow compare a log -o ./log", "--output ./log: would overwrite log"],
    ["portflow report log -o log", "--output log: would overwrite log"],
    ["portflow report a --books log -o log", "--output log: would overwrite log"],
    ["portflow report a --services log -o log", "--output log: would overwrite log"],
    ["portflow query 'SELECT 1' log -o log", "--output log: would overwrite log"],
    ["portflow annotate log >>log", "--output -: would overwrite log"],
    ["portflow annotate log --stats log", "--stats log: would overwrite log"],
    ["portflow annotate a --services log -o log", "--output log: would overwrite log"],
  ])("%s", (command, words) => {
    run("portflow read a -q -o log");
    const before = readFileSync(join(folder, "log"));
    const { status, stderr } = run(command);
    expect(stderr).toContain(`${words}, which is read; write to another file`);
    expect(status).toBe(2);
    expect(readFileSync(join(folder, "log")).equals(before)).toBe(true);
  });

  it("but a log and a capture may be annotated in place", () => {
    run("portflow read a -q -o log");
    expect(run("portflow annotate -q log -o ./log").status).toBe(0);
    expect(run("portflow annotate -q - -o log <log").status).toBe(0);
    expect(run("portflow annotate -q a -o a").status).toBe(0);
    const { status, stderr } = run("portflow annotate log -o x --stats ./x");
    expect(stderr).toContain("--stats ./x: is also --output x");
    expect(status).toBe(2);
  });
});

it.each([
  ["portflow annotate -q log -o x.gz", "portflow annotate -q log"],
  ["portflow annotate -q a -o x.gz", "portflow annotate -q a"],
  ["portflow compare a log -o x.gz", "portflow compare a log"],
  ["portflow report a -o x.gz", "portflow report a"],
  [
    "portflow query 'SELECT id FROM flows' log -f csv -o x.gz",
    "portflow query 'SELECT id FROM flows' log -f csv",
  ],
  ["cp log x; gzip x; portflow annotate -q x.gz -o x.gz", "cat log"],
])("an output whose name ends in .gz is compressed: %s", (command, plain) => {
  run("portflow read a -q -o log");
  expect(run(command)).toMatchObject({ status: 0, stderr: "", stdout: "" });
  const octets = gunzipSync(readFileSync(join(folder, "x.gz")));
  run(`${plain} >plain`);
  expect(octets.equals(readFileSync(join(folder, "plain")))).toBe(true);
});

it.each([
  ["-o x -o ./x", "--output ./x: is also --output x"],
  ["-o x --stats x", "--stats x: is also --output x"],
])("two outputs can't share a file: %s", (options, words) => {
  const { status, stderr } = run(`portflow read a ${options}`);
  expect(stderr).toContain(`${words}; two outputs can't share a place`);
  expect(status).toBe(2);
});

it("books that can't be written are told of before the capture is read", () => {
  const { status, stderr, stdout } = run("portflow read a -q --stats none/books.json");
  expect(stderr).toBe(
    "portflow: none/books.json: can't be written: no such folder; create it first\n",
  );
  expect(status).toBe(4);
  expect(stdout).toBe("");
});

it("no name is no file", () => {
  const { status, stderr } = run("portflow read a -q --stats ''");
  expect(stderr).toBe('portflow: --stats "": names no file\n');
  expect(status).toBe(2);
  expect(readdirSync(folder).sort()).toEqual(["a", "hard", "soft"]);
});

it("/dev/stdout is where standard output stands, be that in a file", () => {
  const { status } = run("echo before >log; portflow read a -q -o /dev/stdout >>log");
  expect(status).toBe(0);
  const records = run("portflow read a -q").stdout;
  expect(records).toContain('"type":"flow"');
  expect(readFileSync(join(folder, "log"), "utf8")).toBe(`before\n${records}`);
});
