import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openOutput } from "../../src/delivery/output.ts";
import { outputPlace } from "../../src/delivery/output-place.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-place-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

async function write(path: string): Promise<void> {
  const output = openOutput(path);
  await output.write(Buffer.from("ours\n"));
  await output.close();
}

describe("what a path leads to", () => {
  it.each([
    ["/dev/stdout", { kind: "descriptor", descriptor: 1 }],
    ["/dev/stderr", { kind: "descriptor", descriptor: 2 }],
    ["/dev/fd/63", { kind: "descriptor", descriptor: 63 }],
    ["/proc/self/fd/3", { kind: "descriptor", descriptor: 3 }],
    ["/dev/null", { kind: "special" }],
  ])("%s", (path, place) => expect(outputPlace(path)).toEqual(place));

  it.each([
    ["", /is a directory; name a file in it/],
    ["none/", /no such folder; create it first/],
    ["circle", /its links lead in a circle/],
  ])("a folder, links in a circle: told before anything is written: %j", (name, message) => {
    symlinkSync("circle", at("circle"));
    expect(() => openOutput(`${folder}/${name}`)).toThrow(message);
    expect(readdirSync(folder)).toEqual(["circle"]);
  });
});

describe("files", () => {
  it.each(["there", "not there yet"])("what a link leads to is written, be it %s", async (name) => {
    mkdirSync(at("data"));
    writeFileSync(at("data/there"), "before\n");
    symlinkSync(`data/${name}`, at("link"));
    await write(at("link"));
    expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(at(`data/${name}`), "utf8")).toBe("ours\n");
  });
  it("who may not read what was there may not read what replaces it", async () => {
    writeFileSync(at("secret"), "before\n");
    chmodSync(at("secret"), 0o600);
    await write(at("secret"));
    expect(statSync(at("secret")).mode & 0o777).toBe(0o600);
  });
  it.each(["x".repeat(255), "é".repeat(127)])("a name as long as a name may be", async (name) => {
    await write(at(name));
    expect(readdirSync(folder)).toEqual([name]);
  });
  it("that can't get their names are named as they are", async () => {
    const output = openOutput(at("flows"));
    await output.write(Buffer.from("ours\n"));
    mkdirSync(at("flows"));
    const partial = at(`.flows.${process.pid}.partial`);
    await expect(output.close()).rejects.toThrow(
      `flows: can't be written: is a directory; name a file in it; what was written is in ${partial}`,
    );
    expect(readFileSync(partial, "utf8")).toBe("ours\n");
    rmdirSync(at("flows"));
  });
});

it("a pipe that somebody reads is opened once: its reader hears everything", async () => {
  execFileSync("mkfifo", [at("pipe")]);
  const reader = spawn("cat", [at("pipe")], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 100_000,
  });
  let heard = "";
  reader.stdout.on("data", (octets: Buffer) => {
    heard += octets.toString();
  });
  const ended = new Promise((resolve) => reader.on("close", resolve));
  // Until the reader waits.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(outputPlace(at("pipe"))).toEqual({ kind: "special" });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(reader.exitCode).toBeNull();
  await write(at("pipe"));
  await ended;
  expect(heard).toBe("ours\n");
});

it("a descriptor is written where it stands, not begun anew", async () => {
  writeFileSync(at("log"), "before\n");
  const descriptor = openSync(at("log"), "a");
  await write(`/dev/fd/${descriptor}`);
  expect(() => closeSync(descriptor)).toThrow("EBADF");
  expect(readFileSync(at("log"), "utf8")).toBe("before\nours\n");
});
