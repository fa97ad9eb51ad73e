import { type Command, Option } from "commander";
import { BACKENDS, type Backend } from "../../capture/live/open-live.ts";
import { SECOND, ZEEK_TIMEOUTS } from "../../flow/ending/timeouts.ts";
import { MOST_FLOWS } from "../../flow/table/flow-limits.ts";
import type { AnnotateOptions } from "../../pipeline/annotator.ts";
import type { StageOptions } from "../../pipeline/staging/stage-options.ts";
import { keyOf } from "../options/key-options.ts";
import { likelyServersOf } from "../options/likely-servers.ts";
import { parseDuration, parseSize, parseWhole } from "../options/options.ts";
import {
  addFlowOptions,
  type FlowOptions,
  flowMemoryOf,
  timeoutsOf,
} from "../options/read-options.ts";
import { EVE_FORMATS, writesFormat, ZEEK_FORMATS } from "../outputs/open-outputs.ts";

/** Octets kept of a packet: more than any has, as tcpdump keeps. */
const SNAPLEN = 262_144;
const MOST_FILES = 1_000_000;
const MOST_THREADS = 64;
const MOST_PACKETS = Number.MAX_SAFE_INTEGER;
const RING_OCTETS = 64 * 1024 ** 2;
/** Long flows of a live capture are told of every half hour. */
const ACTIVE_SECONDS = 1800;

/** What commander makes of the options of `capture`. */
export type CaptureOptions = FlowOptions & {
  readonly backend: "auto" | Backend;
  readonly snaplen: number;
  /** Octets. */
  readonly ringSize: number;
  /** Threads that share the interface's packets. */
  readonly fanout?: number;
  /** False for `--no-promiscuous`. */
  readonly promiscuous: boolean;
  readonly direction: "both" | "in" | "out";
  /** Nanoseconds. */
  readonly duration?: number;
  readonly packets?: number;
  /** pcapng file that keeps the packets. */
  readonly write?: string;
  /** Octets after which another one is begun. */
  readonly writeSize?: number;
  /** How many of them stay. */
  readonly writeKeep?: number;
  /** Nanoseconds. */
  readonly statsInterval?: number;
  /** `PORT` or `HOST:PORT`. */
  readonly metrics?: string;
  /** `USER` or `USER:GROUP`. */
  readonly user?: string;
  /** A person watches a list of what makes the traffic. */
  readonly top?: boolean;
};

/** Adds the options of `capture` to the command. */
export function addCaptureOptions(command: Command): Command {
  command
    .addOption(
      new Option(
        "--backend <name>",
        "how to listen: packet sockets of Linux, libpcap, or npm's cap",
      )
        .choices(["auto", ...BACKENDS])
        .default("auto"),
    )
    .option("--snaplen <octets>", "octets kept of a packet", parseWhole(64, SNAPLEN), SNAPLEN)
    .addOption(
      new Option("--ring-size <size>", "room for packets that wait, for each interface")
        .argParser(parseSize)
        .default(RING_OCTETS, "64M"),
    )
    .option(
      "--fanout <n>",
      "threads that share an interface's packets, each flow in one; af-packet only",
      parseWhole(1, MOST_THREADS),
    )
    .option("--no-promiscuous", "only frames that are for this machine anyway")
    .addOption(
      new Option("--direction <which>", "only packets received, or only those sent")
        .choices(["both", "in", "out"])
        .default("both"),
    )
    .option("--duration <duration>", "stop after this time", parseDuration)
    .option("--packets <n>", "stop after so many packets", parseWhole(1, MOST_PACKETS))
    .option("--write <file>", "keep the packets as pcapng (.gz and .zst compress)")
    .option("--write-size <size>", "begin another such file after this many octets", parseSize)
    .option("--write-keep <n>", "how many of them stay", parseWhole(1, MOST_FILES))
    .option("--stats-interval <duration>", "tell the books that often while it runs", parseDuration)
    .option("--metrics <[host:]port>", "serve counters for Prometheus at /metrics, on loopback")
    .option("--user <user[:group]>", "become this user once the interfaces are open");
  addFlowOptions(command);
  const active = command.options.find(({ long }) => long === "--active-timeout");
  active?.default(ACTIVE_SECONDS * SECOND, `${ACTIVE_SECONDS}s`);
  command.setOptionValueWithSource("activeTimeout", ACTIVE_SECONDS * SECOND, "default");
  return command;
}

/**
 * How packets become flows, as the options say.
 * @throws UsageError when `--memory` is less than the process takes without flows
 */
export function runOptionsOf(options: CaptureOptions): AnnotateOptions & StageOptions {
  const zeekRules = writesFormat(options, ZEEK_FORMATS);
  return {
    timeouts: timeoutsOf(options, zeekRules ? ZEEK_TIMEOUTS : undefined),
    maxFlows: options.maxFlows ?? MOST_FLOWS,
    memory: flowMemoryOf(options, 0),
    ...keyOf(options, zeekRules),
    ...likelyServersOf(options, zeekRules),
    tunnels: options.tunnels,
    fragments: options.fragments,
    checksums: options.checksums,
    zeekRules,
    spiKey: writesFormat(options, EVE_FORMATS),
  };
}
