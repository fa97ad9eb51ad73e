import type { Command } from "commander";
import { PortflowError } from "../core/errors.ts";
import { COMMAND_WORDS } from "./options/command-words.ts";
import { registryFor } from "./options/registry-for.ts";
import { addRegistryOptions } from "./options/registry-options.ts";
import { checkRules } from "./ports/ports-check.ts";
import { diffSnapshots } from "./ports/ports-diff.ts";
import type { PortsIo, PortsOptions } from "./ports/ports-io.ts";
import { lookUp } from "./ports/ports-lookup.ts";
import { explainPorts } from "./ports/ports-why.ts";
import { inOneLine } from "./process/io.ts";

/**
 * Run `portflow ports`.
 * @param args - queries, or `why`, `diff`, `check` and theirs
 * @returns the exit code: 0; 1 when nothing is registered or snapshots differ; 2 for usage
 * @throws PortflowError never: its message goes to `io.stderr` and its exit code is returned
 */
export function runPorts(args: readonly string[], options: PortsOptions, io: PortsIo): number {
  try {
    const [first, ...rest] = args;
    switch (first) {
      case "why":
        return explainPorts(registryFor(options), rest, options, io);
      case "diff":
        return diffSnapshots(rest, options, io);
      case "check":
        return checkRules(rest, options, io);
      default:
        return lookUp(registryFor(options), args, options, io);
    }
  } catch (error: unknown) {
    if (!(error instanceof PortflowError)) throw error;
    io.stderr(`portflow: ${inOneLine(error.message)}\n`);
    return error.exitCode;
  }
}

const LOOKUP_HELP = `
A query is a port (443), a port of a transport (443/udp), a range (8000-8100/tcp), a transport (sctp),
a word (quic, "remote desktop") or an id of the founding list (list-132). Every claimant of a port is
listed, the one that names it marked with *.

Examples:
  portflow ports 443/udp
  portflow ports dns ldap
  portflow ports 8000-8100/tcp --json

Exit code 1 when nothing is registered.`;

const CHECK_HELP = `
A rules file has one rule a line, # starts a comment. Two syntaxes, freely mixed:
  8888/tcp       acme-rpc   10.0.0.0/8   Acme RPC on our own servers
  acme-rpc       8888/tcp                # as in services(5)
The first: PORT[-PORT][/TRANSPORT[,TRANSPORT]], name, then optionally the servers' address or CIDR and a
description. No transport means tcp and udp, any means all four. An exact port comes before a range, and
of equals the last one wins; the user's rules come before everything else.

Example:
  portflow ports check my-ports.tsv`;

/**
 * Add `ports` and its subcommands to the program.
 * @param io - where they write
 * @param finish - gets the exit code
 */
export function registerPorts(
  program: Command,
  io: PortsIo,
  finish: (exitCode: number) => void,
): void {
  const ports = program
    .command("ports")
    .description(COMMAND_WORDS.ports.description)
    .argument("[query...]", "port, port/transport, range, transport, word or list id")
    .option("--json", "one JSON array on one line")
    .option("--all", "rows that only mention the word, too");
  addRegistryOptions(ports)
    .addHelpText("after", LOOKUP_HELP)
    .action((queries: string[], options: PortsOptions) => finish(runPorts(queries, options, io)));
  const why = ports
    .command("why")
    .description("show every claimant of a port, and the rule that decides")
    .argument("<port...>", "such as 443/udp, or 443 for every transport")
    .option("--json", "one JSON array on one line");
  addRegistryOptions(why)
    .addHelpText("after", "\nExample:\n  portflow ports why 443/udp 465/tcp")
    .action((places: string[], _options: PortsOptions, command: Command) =>
      finish(runPorts(["why", ...places], command.optsWithGlobals(), io)),
    );
  ports
    .command("diff")
    .description("compare two snapshots of the registry's data; exit code 1 when they differ")
    .argument("<old>", "folder with the data files, or one of them")
    .argument("[new]", "the same; the installed data when left out")
    .option("--json", "one JSON array on one line")
    .addHelpText("after", "\nExample:\n  portflow ports diff old/data new/data")
    .action((from: string, to: string | undefined, _options: PortsOptions, command: Command) =>
      finish(
        runPorts(["diff", from, ...(to === undefined ? [] : [to])], command.optsWithGlobals(), io),
      ),
    );
  ports
    .command("check")
    .description("validate a file of port rules and show what each rule overrides")
    .argument("<file>", "the rules, as for --services")
    .option("--json", "one JSON array on one line")
    .addHelpText("after", CHECK_HELP)
    .action((file: string, _options: PortsOptions, command: Command) =>
      finish(runPorts(["check", file], command.optsWithGlobals(), io)),
    );
}
