import { existsSync } from "node:fs";
import { Command } from "commander";
import { packageVersion } from "../core/package-version.ts";
import { addFlowOptions } from "./options/read-options.ts";
import { columnsOf, inOneLine, isTerminal, writeAnswer } from "./process/io.ts";
import type { ReadOptions } from "./read.ts";

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
/** Columns of help where there is no terminal. */
const NO_WIDTH = 80;

const READ_EXAMPLES = `
Examples:
  portflow read office.pcapng                     what is in there, for a person
  portflow read -f ndjson *.pcap.gz > flows.json  one JSON object a flow
  tcpdump -i eth0 -w - | portflow read -          from a pipe
  portflow read captures/ --merge                 a rotated capture, or several interfaces, as one
  portflow read --follow /var/log/eth0.pcap       while it is written, across rotation
  portflow read x.pcap --stats books.json --strict

Exit: 0 all read and written, 2 usage, 3 a capture was unreadable or cut short (what was
read is written), 4 output failed, 130 interrupted (open flows are written), 70 a bug.`;

/** What the commands do. */
export type Actions = {
  read(paths: readonly string[], options: ReadOptions): Promise<void>;
};

/**
 * The command tree: words and options, no work.
 * @param asked - the command that was asked for, whose help tells more of what is wrong with it
 */
export function newProgram(actions: Actions, asked?: string): Command {
  const program = new Command("portflow")
    .description("Turns packet captures into flows, each tagged with the service of its port.")
    .version(packageVersion(), "-V, --version")
    .exitOverride()
    .configureOutput({
      writeOut: writeAnswer,
      // process.stdout and process.stderr take long to load: only terminals are asked.
      getOutHelpWidth: () => (isTerminal(STANDARD_OUTPUT) ? columnsOf(process.stdout) : NO_WIDTH),
      getErrHelpWidth: () => (isTerminal(STANDARD_ERROR) ? columnsOf(process.stderr) : NO_WIDTH),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(oneLine(text, asked)),
    });
  addFlowOptions(
    program
      .command("read")
      .description(
        "read saved captures (pcap, pcapng, snoop, ERF, Network Monitor; plain or compressed)",
      )
      .argument("<capture...>", 'files; "-" is stdin, a directory stands for its captures')
      .option("--merge", "read several captures as one, in the order of their packets' times")
      .option("--comments", "keep comments on packets (pcapng) with their flows")
      .option("--follow", "wait for more at the end of a capture that is being written"),
  )
    .addHelpText("after", READ_EXAMPLES)
    .action(actions.read);
  return program;
}

/** What commander says of an option's argument: the option, the argument, what is wrong with it. */
const WRONG_ARGUMENT = /^option '(?:-\w, )?(--[\w-]+)[^']*' argument '(.*)' is invalid\. (.*)$/;
const CHOICES = "Allowed choices are ";

/** Commander's complaint in this program's form: one line, with what to do. */
function oneLine(text: string, asked: string | undefined): string {
  const what = text
    .replace(/^error: /, "")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\.$/, "");
  const [, option, given, complaint] = WRONG_ARGUMENT.exec(what) ?? [];
  if (complaint !== undefined) {
    const why = complaint.replace(CHOICES, "none of ");
    return `portflow: ${inOneLine(`${option} "${given}": ${why}`)}\n`;
  }
  const [, word] = /^unknown command '(.*)'/.exec(what) ?? [];
  if (word === "-" || (word !== undefined && existsSync(word))) {
    return `portflow: ${inOneLine(word)}: not a command; to read a capture: portflow read ${inOneLine(word)}\n`;
  }
  return `portflow: ${inOneLine(what)}; see portflow ${asked === undefined ? "" : `${asked} `}--help\n`;
}
