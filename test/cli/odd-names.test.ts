import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inOneLine } from "../../src/cli/process/io.ts";
import { packageRoot } from "../../src/core/package-root.ts";
import { shell } from "../support/run-portflow.ts";

const WEB = join(packageRoot(), "samples/web.pcapng");
/** A name in Latin 1. */
const LATIN = Buffer.from("caf\xe9.pcapng", "latin1");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-names-"));
  copyFileSync(WEB, join(folder, "a"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: string) => shell(command, folder);

describe("paths that lead to nothing are no bug", () => {
  it.each([
    ["a/", "a/: a part of the path is not a directory; check the path"],
    ["circle", "circle: can't be opened (ELOOP)"],
    ["''", '"": no such file; check the path'],
  ])("%s", (path, words) => {
    symlinkSync("circle", join(folder, "circle"));
    const { status, stderr } = run(`portflow read ${path} -q`);
    expect(stderr).toBe(`portflow: ${words}\n`);
    expect(status).toBe(3);
  });
});

it.skipIf(process.platform !== "linux")("of a name that is no UTF-8 it is said what to do", () => {
  const words = "Node knows names in UTF-8 only: rename it, or pipe it into `portflow read -`";
  mkdirSync(join(folder, "d"));
  copyFileSync(WEB, Buffer.concat([Buffer.from(`${folder}/d/`), LATIN]));
  for (const path of ["d/$'caf\\xe9.pcapng'", "d"]) {
    const { status, stderr } = run(`portflow read ${path} -q`);
    expect(stderr).toContain(`.pcapng: no such file; ${words}\n`);
    expect(status).toBe(3);
  }
});

describe("a name with escapes", () => {
  it.each([
    ["an escape that colours", "a\u001b[31m", "a\\x1b[31m"],
    ["one of eight bits", "a\u009b31m", "a\\x9b31m"],
    ["ends of lines", "a\r\nb\u2028c", "a\\x0d\\x0ab\\u2028c"],
    ["a mark that turns the line", "a\u202ecod.exe", "a\\u202ecod.exe"],
    ["what only prints", "é 😀 👩‍💻 日本", "é 😀 👩‍💻 日本"],
  ])("%s", (_name, text, line) => expect(inOneLine(text)).toBe(line));

  it("steers no terminal and forges no line, as an argument or as an option", () => {
    const name = "$'no\\nportflow: a lie\\e[2J'";
    expect(run(`portflow read ${name}`).stderr).toBe(
      "portflow: no\\x0aportflow: a lie\\x1b[2J: no such file; check the path\n",
    );
    const { stderr } = run("portflow read a $'--x\\e[2J'");
    expect(stderr).toBe("portflow: unknown option '--x\\x1b[2J'; see portflow read --help\n");
  });
});
