import { expect, it } from "vitest";
import { COMMAND_WORDS } from "../../src/cli/options/command-words.ts";
import { portflow } from "../support/run-portflow.ts";

/** The text without line ends and columns. */
function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}

const LIST = flat(portflow(["--help"]).stdout.toString("utf8"));

it.each(Object.keys(COMMAND_WORDS))(
  "the list of commands says of %s what its own help says",
  (name) => {
    const help = portflow([name, "--help"]).stdout.toString("utf8");
    const usage = /^Usage: portflow (.*)$/m.exec(help)?.[1] ?? "";
    const description = flat(help.split("\n\n")[1] ?? "");
    expect(usage.replace(" [command]", "")).toContain("[options]");
    expect(LIST).toContain(` ${usage.replace(" [command]", "")} ${description}`);
  },
);

it.each([
  [
    ["help", "compare"],
    ["compare", "--help"],
  ],
  [
    ["help", "read"],
    ["read", "--help"],
  ],
  [["help"], ["--help"]],
])("%j says what %j says", (args, same) => {
  expect(portflow(args)).toEqual(portflow(same));
});

it("a command may stand behind --", () => {
  expect(portflow(["--", "ports", "443/udp"])).toEqual(portflow(["ports", "443/udp"]));
});

it("a slip of the pen is told with the command that was meant", () => {
  const { status, stderr } = portflow(["compair", "a", "b"]);
  expect(status).toBe(2);
  expect(stderr).toContain("unknown command 'compair'");
  expect(stderr).toContain("Did you mean compare?");
});

it.each([
  [["read", "--nope"], "portflow: unknown option '--nope'; see portflow read --help\n"],
  [["compare", "a"], "portflow: missing required argument 'other'; see portflow compare --help\n"],
  [["--nope"], "portflow: unknown option '--nope'; see portflow --help\n"],
  [
    ["read", "-f"],
    "portflow: option '-f, --format <name>' argument missing; see portflow read --help\n",
  ],
])("%j points to the help that tells more", (args, stderr) => {
  expect(portflow(args)).toMatchObject({ status: 2, stderr });
});

it.each([
  [
    "read",
    ["--idle-timeout", "5 mins"],
    '--idle-timeout "5 mins": not a duration; write 300s, 5m or 1.5h',
  ],
  ["read", ["--memory", "lots"], '--memory "lots": not a size; write 512M or 2G'],
  ["read", ["--workers", "99"], '--workers "99": not a whole number from 1 to 64'],
  ["read", ["--memory", "1"], "--memory 1 octets: too little; 144M is the least"],
  [
    "read",
    ["-f", "xml"],
    '--format "xml": none of ndjson, csv, tsv, table, zeek, zeek-json, eve, eve-netflow, ecs, ocsf, cim, parquet',
  ],
  [
    "query",
    ["--top", "all"],
    '--top "all": none of services, talkers, unknown-ports, mismatches, scans',
  ],
])("%s %j says what is wrong with it", (command, args, words) => {
  const run = portflow([command, ...args, "samples/web.pcapng"]);
  expect(run).toMatchObject({ status: 2, stderr: `portflow: ${words}\n` });
  expect(run.stdout).toHaveLength(0);
});

it.each(["samples/web.pcapng", "-"])("%s in the place of a command is told the command", (word) => {
  expect(portflow([word])).toMatchObject({
    status: 2,
    stderr: `portflow: ${word}: not a command; to read a capture: portflow read ${word}\n`,
  });
});

it.each([
  ["read", ["Options", "Output", "Names", "Flows", "What is told"]],
  ["capture", ["Options", "Output", "Names", "Flows", "What is told"]],
  ["report", ["Options", "Names", "Flows"]],
  ["annotate", ["Options", "Names"]],
])("the help of %s groups its options", (command, groups) => {
  const help = portflow([command, "--help"]).stdout.toString("utf8");
  const headings = [...help.matchAll(/^([A-Z][a-z ]+):\n {2}-/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(groups);
  expect(/^Options:\n(?: {2}.*\n)*/m.exec(help)?.[0]).toContain("  -h, --help");
});
