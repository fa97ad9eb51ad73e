import { statSync } from "node:fs";
import { isatty } from "node:tty";
import type { Command } from "commander";
import { ExitCode, UsageError } from "../core/errors.ts";
import { openOutput } from "../delivery/output.ts";
import { type ExplainedFlow, explainCapture } from "../explain/explain-capture.ts";
import { explainJson } from "../explain/explain-json.ts";
import { explainText } from "../explain/explain-text.ts";
import { flowListText } from "../explain/flow-list-text.ts";
import { parseFlowQuery } from "../explain/flow-query.ts";
import { MOST_FLOWS } from "../flow/table/flow-limits.ts";
import type { Registry } from "../service/registry.ts";
import { transportOfName } from "../service/transport.ts";
import { newPainter } from "../sink/table/text-table.ts";
import { COMMAND_WORDS } from "./options/command-words.ts";
import { keyOf } from "./options/key-options.ts";
import { parseWhole } from "./options/options.ts";
import {
  addTableOptions,
  flowMemoryOf,
  type TableOptions,
  timeoutsOf,
} from "./options/read-options.ts";
import { registryFor } from "./options/registry-for.ts";
import { addRegistryOptions, type RegistryOptionValues } from "./options/registry-options.ts";
import { explainPort, type PortExplanation, printExplanation } from "./ports/ports-why.ts";
import { interruptible } from "./process/interrupt.ts";
import { type Io, wantsColor } from "./process/io.ts";

const STANDARD_OUTPUT = 1;
/** Flows of one address that are listed at most. */
const MOST_LISTED = 100;

/** What commander makes of the options. */
type ExplainOptionValues = RegistryOptionValues &
  TableOptions & {
    readonly flow: string;
    readonly json?: boolean;
    readonly packets: number;
    readonly limit: number;
  };

/**
 * `portflow explain`: how one flow of a capture came about.
 * @returns 0, or `ExitCode.Different` when no flow matches
 * @throws UsageError for a query that is none; CaptureError when the capture can't be opened
 */
async function runExplain(path: string, options: ExplainOptionValues, io: Io): Promise<ExitCode> {
  const query = parseFlowQuery(options.flow);
  wantFile(path);
  const registry = registryFor(options);
  const timeouts = timeoutsOf(options);
  const interrupt = interruptible(io, "interrupted");
  const output = openOutput("-");
  let exitCode: ExitCode = ExitCode.Ok;
  try {
    const { matching, flows, listed, lastTime } = await explainCapture(path, query, {
      registry,
      timeouts,
      maxFlows: options.maxFlows ?? MOST_FLOWS,
      memory: flowMemoryOf(options, 0),
      ...keyOf(options, false),
      tunnels: options.tunnels,
      fragments: options.fragments,
      checksums: options.checksums,
      packets: options.packets,
      most: options.limit,
      ...(options.json === true ? {} : { mostListed: MOST_LISTED }),
      signal: interrupt.signal,
      onCaptureError: (error) => {
        io.complain(error.message);
        exitCode = ExitCode.Capture;
      },
    });
    if (interrupt.signal.aborted) return ExitCode.Interrupted;
    if (matching === 0) {
      // The id of a part depends on where it was cut, that of a flow on the layer of its tunnel.
      const advice =
        query.kind === "id"
          ? "give the timeouts, --tunnels and keys of the run that wrote it, or name its ends"
          : "portflow read lists them all";
      io.complain(`${path}: no flow matches ${options.flow}; ${advice}`);
      return exitCode === ExitCode.Ok ? ExitCode.Different : exitCode;
    }
    const color = isatty(STANDARD_OUTPUT) && wantsColor();
    if (listed.length > 0) {
      await output.write(Buffer.from(flowListText(listed, newPainter(color))));
      const shown = matching > listed.length ? `, ${listed.length} are listed` : "";
      io.complain(`${matching} flows match${shown}; --flow with an id tells the story of one`);
      return exitCode;
    }
    const settings = { active: timeouts.active, lastTime };
    for (const [i, flow] of flows.entries()) {
      const port = portOf(registry, flow);
      const text = options.json
        ? `${JSON.stringify(explainJson(flow, port))}\n`
        : `${i > 0 ? "\n" : ""}${explainText(flow, settings, newPainter(color))}${portText(port, color)}`;
      await output.write(Buffer.from(text));
    }
    if (matching > flows.length) {
      io.complain(`${matching} flows match, ${flows.length} are explained; see --limit`);
    }
    return exitCode;
  } finally {
    interrupt.end();
  }
}

/** @throws UsageError for what can't be read twice */
function wantFile(path: string): void {
  const found = path === "-" ? undefined : statSync(path, { throwIfNoEntry: false });
  // What is not there or a directory is told when it is opened.
  const isPipe = found !== undefined && !found.isFile() && !found.isDirectory();
  if (path !== "-" && !isPipe) return;
  const advice = "explain reads a capture twice; write it to one first";
  throw new UsageError("PF_EXPLAIN_FILE", `${path}: is no file; ${advice}`);
}

/** What the registry says of the port that was looked up. */
function portOf(registry: Registry, { record }: ExplainedFlow): PortExplanation | undefined {
  const { port } = record.service;
  const transport = transportOfName(record.transport);
  return port === undefined || transport < 0 ? undefined : explainPort(registry, transport, port);
}

function portText(port: PortExplanation | undefined, color: boolean): string {
  if (port === undefined) return "";
  let text = "\n";
  const collect = (part: string): void => {
    text += part.replace(/^(?=.)/gm, "  ");
  };
  printExplanation(port, { stdout: collect, stderr: collect, isTerminal: color, color });
  return text;
}

const HELP = `
A flow is named by its id or the beginning of it, by its Community ID, or by its ends in either
order: "tcp 10.0.0.1:51110 93.184.216.34:443", "10.0.0.1:51110-93.184.216.34:443/tcp",
"udp [2001:db8::1]:5353 [ff02::fb]:5353", "icmp 10.0.0.1 10.0.0.2", or as read's table, tcpdump and
conn.log write them. Of one end alone, "10.0.0.1" or "udp 10.0.0.1:53", the flows are listed; where
there is just one, and with --json, they are explained. Give the same timeouts, --tunnels,
--no-vlan-key and --no-tunnel-key as to read, or flows and ids are others.

The capture is read twice: for the records, and to watch the flow table while the flow's packets
come. Packets are numbered from 1, as Wireshark does.

Examples:
  portflow explain office.pcapng --flow 5e62ef7811b7
  portflow explain office.pcapng --flow "10.0.0.1 10.0.0.2" --limit 20
  portflow explain office.pcapng --flow 10.0.0.1:443        which flows there are
  portflow explain office.pcapng --flow 1:LQU9qZlK+B5F3KDmev6m5PMibrg= --json

Exit: 0 explained, 1 no flow matches, 2 usage, 3 the capture was unreadable or cut short, 4 output
failed, 130 interrupted.`;

/** Adds `explain` to the program. @param finish - gets the exit code */
export function registerExplain(
  program: Command,
  io: Io,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command("explain")
    .description(COMMAND_WORDS.explain.description)
    .argument("<capture>", "a saved capture; no standard input, for it is read twice")
    .requiredOption("--flow <flow>", "id, Community ID, both ends or one; see below")
    .option("--json", "one JSON object a flow")
    .option(
      "--packets <n>",
      "packets listed from the beginning and from the end, besides those that did something",
      parseWhole(0, 1_000_000),
      8,
    )
    .option("--limit <n>", "flows explained at most", parseWhole(1, 1000), 5);
  addTableOptions(addRegistryOptions(command))
    .addHelpText("after", HELP)
    .action(async (path: string, options: ExplainOptionValues) =>
      finish(await runExplain(path, options, io)),
    );
}
