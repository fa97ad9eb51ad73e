import { type Command, Option } from "commander";
import { DEFAULT_TIMEOUTS, type FlowTimeouts } from "../../flow/ending/timeouts.ts";
import { MOST_FLOWS } from "../../flow/table/flow-limits.ts";
import { flowMemory } from "../../pipeline/flow-memory.ts";
import type { FragmentPolicy, TunnelPolicy } from "../../pipeline/staging/stage-options.ts";
import { formatNames } from "../../sink/formats.ts";
import { addFormatOptions, type FormatOptions } from "./format-options.ts";
import { parseLikelyServers } from "./likely-servers.ts";
import {
  parseDuration,
  parseDurationOrOff,
  parseSize,
  parseWhole,
  parseWorkers,
} from "./options.ts";
import { addOutputOptions, type OutputOptions } from "./output-options.ts";
import { addRegistryOptions, type RegistryOptionValues } from "./registry-options.ts";

type PlaceOptions = RegistryOptionValues & OutputOptions;

/** What commander makes of the options that `read` and `capture` share. */
export type FlowOptions = FormatOptions &
  PlaceOptions & {
    readonly stats?: string;
    /** Unnamed ports listed at most, where they are asked for. */
    readonly unknownPorts?: number;
    /** Faulty packets described at most, where they are asked for. */
    readonly showFaults?: number;
    readonly filter?: string;
    readonly idleTimeout?: number;
    readonly idleTimeoutTcp?: number;
    readonly idleTimeoutUdp?: number;
    readonly idleTimeoutIcmp?: number;
    readonly idleTimeoutOther?: number;
    readonly idleTimeoutUnanswered?: number;
    readonly idleTimeoutClosed?: number;
    readonly activeTimeout: number;
    readonly maxFlows?: number;
    readonly memory?: number;
    readonly vlanKey?: boolean;
    readonly tunnelKey?: boolean;
    readonly likelyServerPorts?: Int32Array;
    readonly tunnels: TunnelPolicy;
    readonly fragments: FragmentPolicy;
    readonly checksums: boolean;
    readonly communityIdSeed: number;
    readonly color: "auto" | "always" | "never";
    /** Threads that encode, or that read captures side by side; 1 for a single one that does everything, 0 for as many as are worth it. */
    readonly workers: number;
    readonly quiet?: boolean;
    readonly progress?: boolean;
    readonly strict?: boolean;
  };

/** Adds the options that `read` and `capture` share. */
export function addFlowOptions(command: Command): Command {
  command
    .option("--filter <bpf>", "only packets that match, as in tcpdump; needs libpcap")
    .addOption(
      new Option(
        "--workers <n>",
        "threads that encode, beside those that read and keep flows, or that read several captures side by side; 1: one for all",
      )
        .argParser(parseWorkers)
        .default(0, "auto"),
    )
    .optionsGroup("Output:")
    .addOption(
      new Option(
        "-f, --format <name>",
        "by the ending of --output (.csv, .tsv, .parquet), else table on a terminal, else ndjson",
      ).choices([...formatNames]),
    );
  addFormatOptions(addOutputOptions(command))
    .optionsGroup("Output:")
    .option("--community-id-seed <n>", "seed of the Community ID", parseWhole(0, 65535), 0)
    .addOption(
      new Option("--color <when>", "colours of the table")
        .choices(["auto", "always", "never"])
        .default("auto"),
    );
  addTableOptions(addRegistryOptions(command), { hasZeekForm: true })
    .optionsGroup("Flows:")
    .option(
      "--likely-server-ports <list>",
      "with --format zeek: ports on which servers are expected, such as 80/tcp,53/udp, or none (default: those of Zeek's scripts)",
      parseLikelyServers,
    );
  return command
    .optionsGroup("What is told:")
    .option("--stats <path>", 'write the books as JSON; "-" is stderr')
    .addOption(
      new Option(
        "--unknown-ports [n]",
        "list the n ports without a name that matter most (10), and rules to start from",
      )
        .preset("10")
        .argParser(parseWhole(1, 1000)),
    )
    .option(
      "--show-faults <n>",
      "say of n faulty packets what is wrong where, of each fault some",
      parseWhole(1, 10_000),
    )
    .option("-q, --quiet", "no summary and no progress on stderr")
    .option("--progress", "show progress even when stderr is no terminal")
    .option("--strict", "exit 3 when a packet was faulty or the books do not balance")
    .optionsGroup("");
}

/**
 * Adds the options that say how packets become flows.
 * @param hasZeekForm - whether the command has outputs in Zeek's form, of which the help tells then
 */
export function addTableOptions(
  command: Command,
  { hasZeekForm }: { readonly hasZeekForm: boolean } = { hasZeekForm: false },
): Command {
  const zeek = (text: string): string => (hasZeekForm ? `; ${text} with --format zeek` : "");
  return command
    .optionsGroup("Flows:")
    .option(
      "--idle-timeout <duration>",
      "end a flow after this silence, all protocols",
      parseDuration,
    )
    .option(
      "--idle-timeout-tcp <duration>",
      `TCP (default: 300s${zeek("ports 21, 22, 23, 513 an hour")})`,
      parseDuration,
    )
    .option(
      "--idle-timeout-udp <duration>",
      `UDP and UDP-Lite (default: 60s${zeek("DNS some 10s")})`,
      parseDuration,
    )
    .option(
      "--idle-timeout-icmp <duration>",
      `ICMP and ICMPv6 (default: 30s${zeek("60s")})`,
      parseDuration,
    )
    .option("--idle-timeout-other <duration>", "other protocols (default: 60s)", parseDuration)
    .option(
      "--idle-timeout-unanswered <duration>",
      "TCP of nothing but SYNs, from the first (default: 5s)",
      parseDuration,
    )
    .option(
      "--idle-timeout-closed <duration>",
      "flows that are over, from the packet that ended them (default: 5s)",
      parseDuration,
    )
    .addOption(
      new Option("--active-timeout <duration>", "split flows that last longer")
        .argParser(parseDurationOrOff)
        .default(Number.POSITIVE_INFINITY, "off"),
    )
    .option("--max-flows <n>", "concurrent flows at most", parseWhole(1, MOST_FLOWS))
    .option("--memory <size>", "memory of the whole process at most, such as 512M", parseSize)
    .option("--vlan-key", `VLAN ids tell flows apart (default${zeek("not")})`)
    .option("--no-vlan-key", "one flow whatever its VLAN ids")
    .option("--tunnel-key", `tunnels tell flows apart (default${zeek("not")})`)
    .option("--no-tunnel-key", "one flow whatever its tunnels")
    .addOption(
      new Option("--tunnels <which>", "which layer of a tunnelled packet makes the flow")
        .choices(["inner", "outer", "both"])
        .default("inner"),
    )
    .addOption(
      new Option("--fragments <how>", "later IP fragments: in their first's flow, or without ports")
        .choices(["join", "apart"])
        .default("join"),
    )
    .option("--no-checksums", "do not verify checksums")
    .optionsGroup("");
}

/** Those of the options that say how packets become flows. */
export type TableOptions = Pick<
  FlowOptions,
  | "idleTimeout"
  | "idleTimeoutTcp"
  | "idleTimeoutUdp"
  | "idleTimeoutIcmp"
  | "idleTimeoutOther"
  | "idleTimeoutUnanswered"
  | "idleTimeoutClosed"
  | "activeTimeout"
  | "maxFlows"
  | "memory"
  | "vlanKey"
  | "tunnelKey"
  | "tunnels"
  | "fragments"
  | "checksums"
>;

/** The timeouts that the options ask for. @param defaults - where they say nothing */
export function timeoutsOf(
  options: TableOptions,
  defaults: FlowTimeouts = DEFAULT_TIMEOUTS,
): FlowTimeouts {
  const all = options.idleTimeout;
  return {
    tcp: options.idleTimeoutTcp ?? all ?? defaults.tcp,
    udp: options.idleTimeoutUdp ?? all ?? defaults.udp,
    ...(options.idleTimeoutUdp === undefined && all === undefined ? ofDns(defaults) : {}),
    ...(options.idleTimeoutTcp === undefined && all === undefined ? ofPeople(defaults) : {}),
    icmp: options.idleTimeoutIcmp ?? all ?? defaults.icmp,
    other: options.idleTimeoutOther ?? all ?? defaults.other,
    unanswered: options.idleTimeoutUnanswered ?? defaults.unanswered,
    linger: options.idleTimeoutClosed ?? defaults.linger,
    active: options.activeTimeout,
  };
}

/** Zeek's own, for where no option says how long UDP may be idle. */
function ofDns({ dns }: FlowTimeouts): { dns?: number } {
  return dns === undefined ? {} : { dns };
}

/** Zeek's own, for where no option says how long TCP may be idle. */
function ofPeople({ interactive }: FlowTimeouts): { interactive?: number } {
  return interactive === undefined ? {} : { interactive };
}

/**
 * What flows may take of `--memory`, which is for the whole process.
 * @param encoders - threads that encode; 0 where one thread does everything
 * @returns octets, Infinity where nothing is said
 * @throws UsageError when it is less than the process takes without flows
 */
export function flowMemoryOf(options: TableOptions, encoders: number): number {
  return options.memory === undefined
    ? Number.POSITIVE_INFINITY
    : flowMemory(options.memory, encoders);
}
