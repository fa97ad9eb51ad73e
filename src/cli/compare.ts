import { isatty } from "node:tty";
import { type Command, Option } from "commander";
import { type FlowRecordsOptions, standardInputOnce } from "../analysis/flow-records.ts";
import { LeftOutLines, leftOutText } from "../analysis/left-out-lines.ts";
import { compareJson } from "../compare/compare-json.ts";
import { compareLogs } from "../compare/compare-logs.ts";
import { compareText } from "../compare/compare-text.ts";
import type { LogKind } from "../compare/compared-flow.ts";
import { CaptureError, ExitCode } from "../core/errors.ts";
import { ZEEK_TIMEOUTS } from "../flow/ending/timeouts.ts";
import type { TunnelPolicy } from "../pipeline/staging/stage-options.ts";
import { newPainter } from "../sink/table/text-table.ts";
import { COMMAND_WORDS } from "./options/command-words.ts";
import { keyOf } from "./options/key-options.ts";
import { likelyServersOf, parseLikelyServers } from "./options/likely-servers.ts";
import { parseDuration, parseWhole } from "./options/options.ts";
import { registryFor } from "./options/registry-for.ts";
import { addRegistryOptions, type RegistryOptionValues } from "./options/registry-options.ts";
import { checkWritten } from "./outputs/check-written.ts";
import { openByEnding } from "./outputs/open-by-ending.ts";
import { interruptible } from "./process/interrupt.ts";
import { type Io, wantsColor } from "./process/io.ts";

const NANOSECONDS = 1e9;
const STANDARD_OUTPUT = 1;

/** What commander makes of the options. */
type CompareOptionValues = RegistryOptionValues & {
  readonly format?: "table" | "json";
  readonly output: string;
  readonly tunnels?: TunnelPolicy;
  readonly vlanKey?: boolean;
  readonly tunnelKey?: boolean;
  readonly likelyServerPorts?: Int32Array;
  readonly checksums: boolean;
  readonly slack: number;
  readonly limit: number;
};

/**
 * `portflow compare`: our flows beside another program's.
 * @returns 0 when everything agrees or has a known cause, `ExitCode.Capture` when one of them was cut
 *   short, `ExitCode.Different` otherwise
 * @throws CaptureError when nothing of one of them can be read; OutputError when output can't be written
 */
async function runCompare(
  flows: string,
  other: string,
  options: CompareOptionValues,
  io: Io,
): Promise<ExitCode> {
  standardInputOnce([flows, other]);
  checkWritten([{ option: "--output", path: options.output }], [flows, other, options.services]);
  const leftOut = new LeftOutLines();
  const interrupt = interruptible(io, "interrupted");
  const output = openByEnding(options.output);
  try {
    const result = await compareLogs(flows, other, {
      registry: registryFor(options),
      readAs: (kind) => readingAs(kind, options),
      checksums: options.checksums,
      slackSeconds: options.slack / NANOSECONDS,
      most: options.limit,
      signal: interrupt.signal,
      onOtherLine: (line, complaint) => leftOut.add(line, complaint),
    });
    if (interrupt.signal.aborted) {
      output.abandon();
      return ExitCode.Interrupted;
    }
    for (const error of result.cutShort) io.complain(error.message);
    const ownLeftOut = leftOut.text(flows);
    if (ownLeftOut !== undefined) io.complain(ownLeftOut);
    const { malformed, firstMalformed } = result.otherLog;
    if (firstMalformed !== undefined) io.complain(leftOutText(other, firstMalformed, malformed));
    const color = options.output === "-" && isatty(STANDARD_OUTPUT) && wantsColor();
    const text =
      options.format === "json"
        ? `${JSON.stringify(compareJson(result, { ours: flows, other }))}\n`
        : compareText(result, newPainter(color), options.limit);
    await output.write(Buffer.from(text));
    await output.close();
    if (result.cutShort.length > 0) return ExitCode.Capture;
    if (result.isByOwnRules && !result.comparison.isExplained) {
      io.complain(
        `${flows}: flows by portflow's own rules; compare the capture, and it is read by Zeek's, which leaves fewer differences`,
      );
    }
    return result.comparison.isExplained ? ExitCode.Ok : ExitCode.Different;
  } catch (error: unknown) {
    output.abandon();
    throw withOrder(error, flows);
  } finally {
    interrupt.end();
  }
}

/** Error codes of what is no log of flows of ours, or no log at all. */
const WRONG_PLACE: readonly string[] = ["PF_LOG_NO_FLOWS", "PF_LOG_IS_CAPTURE"];

/** An error that may come of logs in the wrong order, with the right one. */
function withOrder(error: unknown, flows: string): unknown {
  if (!(error instanceof CaptureError) || !WRONG_PLACE.includes(error.code)) return error;
  const { code, path, offset, message } = error;
  if ((path === flows) !== (code === "PF_LOG_NO_FLOWS")) return error;
  const order = "our flows or the capture come first, the other log second";
  return new CaptureError(code, path, offset, `${message}; ${order}`, error);
}

/**
 * How a capture becomes flows beside a log of that kind: those that the program which wrote it makes,
 * as far as no option says otherwise. Zeek and Suricata have flows of a tunnel and of what is in it.
 */
function readingAs(kind: LogKind, options: CompareOptionValues): Partial<FlowRecordsOptions> {
  const zeekRules = kind === "zeek";
  return {
    ...keyOf(options, zeekRules),
    ...likelyServersOf(options, zeekRules),
    tunnels: options.tunnels ?? (kind === "portflow" ? "inner" : "both"),
    zeekRules,
    spiKey: kind === "eve",
    ...(zeekRules ? { timeouts: ZEEK_TIMEOUTS } : {}),
  };
}

const HELP = `
Flows are joined by Community ID, computed from addresses and ports, and by time. A difference has a
known cause when the records themselves show it, such as a closing ACK that Zeek leaves out of the
duration; every other one has none and makes the exit code 1.
A capture is read by the rules of the program that wrote the other log: beside Zeek's its flows are
those of \`read --format zeek\`, beside Suricata's those of \`read --format eve\`.
Memory holds 96 MiB of flows, some 600,000; larger logs are sorted through files in the folder for
temporary files.

Examples:
  portflow compare office.pcapng conn.log                 a capture, read on the fly
  portflow compare flows.ndjson eve.json --format json
  portflow compare today.ndjson yesterday.ndjson          after a change of timeouts or rules

Exit: 0 all agree or have a known cause, 1 some have none, 2 usage, 3 a log or capture was
unreadable or cut short (what was readable is compared), 4 output failed, 130 interrupted.`;

/** Adds `compare` to the program. @param finish - gets the exit code */
export function registerCompare(
  program: Command,
  io: Io,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command("compare")
    .description(COMMAND_WORDS.compare.description)
    .argument("<flows>", "portflow NDJSON, or a capture")
    .argument("<other>", 'Zeek conn.log, EVE, portflow NDJSON; also compressed; "-" is stdin')
    .addOption(
      new Option("-f, --format <name>", "table (default) or json").choices(["table", "json"]),
    )
    .option(
      "-o, --output <path>",
      'file to write; gets its name when complete; .gz and .zst compress; "-" is stdout',
      "-",
    )
    .addOption(
      new Option(
        "--tunnels <which>",
        "of a capture: which layer of a tunnelled packet is the flow (default: both beside Zeek's or Suricata's log, else inner)",
      ).choices(["inner", "outer", "both"]),
    )
    .option(
      "--vlan-key",
      "of a capture: VLAN ids tell flows apart (default; not beside Zeek's log)",
    )
    .option("--no-vlan-key", "of a capture: one flow whatever its VLAN ids")
    .option(
      "--tunnel-key",
      "of a capture: tunnels tell flows apart (default; not beside Zeek's log)",
    )
    .option("--no-tunnel-key", "of a capture: one flow whatever its tunnels")
    .option(
      "--likely-server-ports <list>",
      "of a capture beside Zeek's log: ports on which servers are expected, such as 80/tcp,53/udp, or none as with zeek -b",
      parseLikelyServers,
    )
    .option("--no-checksums", "of a capture: do not verify checksums, as with zeek -C")
    .addOption(
      new Option("--slack <duration>", "how far apart flows may be that still overlap")
        .argParser(parseDuration)
        .default(1_000_000, "1ms"),
    )
    .addOption(
      new Option("--limit <n>", "flows listed at most, with and without a cause each")
        .argParser(parseWhole(1, 1_000_000))
        .default(20),
    );
  addRegistryOptions(command)
    .addHelpText("after", HELP)
    .action(async (flows: string, other: string, options: CompareOptionValues) =>
      finish(await runCompare(flows, other, options, io)),
    );
}
