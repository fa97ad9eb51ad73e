import { expect, it } from "vitest";
import { COMMAND_WORDS } from "../../src/cli/command-words.ts";
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
])("%j points to the help that tells more", (args, stderr) => {
  expect(portflow(args)).toMatchObject({ status: 2, stderr });
});
