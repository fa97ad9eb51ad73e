import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Expectation } from "./expectation.ts";
import { type FloodOptions, type FloodReport, writeFlood } from "./flood.ts";
import { PcapFile } from "./pcap-file.ts";
import { Traffic } from "./traffic.ts";
import { WORKLOADS } from "./workloads.ts";

/** What may be chosen beside the workload; anything left out is the workload's own. */
export type GenerateOptions = {
  readonly packets?: number;
  readonly flows?: number;
  readonly active?: number;
  readonly seed?: number;
  /** Packets per second of capture time. */
  readonly rate?: number;
};

/** What is written beside the capture as `PATH.json`. */
export type WorkloadReport = Expectation & {
  readonly workload: string;
  readonly seed: number;
  readonly rate: number;
  readonly fileBytes: number;
};

/**
 * Writes workload `name` to `path`, and its exact counts to `path` + ".json".
 * @throws Error when there is no such workload, or more flows than packets are asked for
 */
export function generate(
  name: string,
  path: string,
  options: GenerateOptions = {},
): WorkloadReport {
  const workload = WORKLOADS[name];
  if (workload === undefined) {
    throw new Error(`${name}: no such workload; one of ${Object.keys(WORKLOADS).join(" ")}`);
  }
  const packets = options.packets ?? workload.packets;
  const share = workload.fixedFlows === true ? 1 : packets / workload.packets;
  const flows = options.flows ?? Math.max(1, Math.round(workload.flows * share));
  if (flows > packets) throw new Error(`${flows} flows: more than the ${packets} packets`);
  const active = Math.min(options.active ?? workload.active, flows);
  const seed = options.seed ?? 1;
  const rate = options.rate ?? 1_000_000;
  const file = new PcapFile(path, 65535);
  const traffic = new Traffic(file, { workload, packets, flows, active, seed, rate });
  const expectation = traffic.run();
  file.close();
  const report = { workload: name, seed, rate, fileBytes: file.length, ...expectation };
  writeFileSync(`${path}.json`, `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

/** Writes a flood to `path`, `-` for standard output. @see writeFlood */
export function generateFlood(path: string, options: Partial<FloodOptions> = {}): FloodReport {
  const packets = options.packets ?? 3_000_000;
  const file = new PcapFile(path, 65535);
  const report = writeFlood(file, {
    packets,
    flows: options.flows ?? packets,
    conversations: options.conversations ?? 1000,
    seed: options.seed ?? 1,
    rate: options.rate ?? 1_000_000,
  });
  file.close();
  return report;
}

const USAGE = `usage: node build/bench/generate.js WORKLOAD OUT.pcap [--packets N] [--flows N] [--active N]
       [--seed S] [--rate PACKETS_PER_SECOND]
${Object.entries(WORKLOADS)
  .map(
    ([name, { what, packets, flows }]) =>
      `  ${name.padEnd(8)}${what} (${packets} packets, ${flows} flows)`,
  )
  .join("\n")}
       node build/bench/generate.js flood OUT.pcap|- [--packets N] [--flows N] [--conversations N] [--seed S] [--rate R]
  flood   SYNs, each of a flow of its own, around conversations on port 443; "-" is standard output`;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      packets: { type: "string" },
      flows: { type: "string" },
      active: { type: "string" },
      conversations: { type: "string" },
      seed: { type: "string" },
      rate: { type: "string" },
    },
  });
  const [name, path] = positionals;
  if (name === undefined || path === undefined) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const options: Record<string, number> = {};
  for (const [option, text] of Object.entries(values)) {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1)
      throw new Error(`--${option} ${text}: not a count`);
    options[option] = number;
  }
  if (name === "flood") {
    console.error(JSON.stringify(generateFlood(path, options)));
    return;
  }
  const began = performance.now();
  const report = generate(name, path, options);
  const seconds = (performance.now() - began) / 1000;
  const rate = (report.packets / seconds / 1e6).toFixed(2);
  console.error(
    `${path}: ${report.packets} packets, ${report.flows} flows, ${report.fileBytes} octets; ${rate} M packets/s`,
  );
}

if (process.argv[1]?.endsWith("generate.js") === true) main();
