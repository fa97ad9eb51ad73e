import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../src/core/package-root.ts";
import type { Contender, RunPaths } from "./contender.ts";
import { generate, type WorkloadReport } from "./generate.ts";
import { measure } from "./measure.ts";
import { lineCount, PEERS } from "./peers.ts";
import { portflowContenders } from "./portflow-contenders.ts";
import { type ContenderResult, isWrong, table, type WorkloadResult } from "./result.ts";
import { WORKLOADS } from "./workloads.ts";

const USAGE = `usage: node build/bench/run.js [options]
  --workloads NAMES  of ${Object.keys(WORKLOADS).join(",")} (mix,small,scan,few,long)
  --packets N        packets per workload (each workload's own)
  --runs N           runs per program; slow ones run once (5)
  --only NAMES       measure these programs only
  --portflow ARGS    further arguments for portflow, separated by spaces
  --quick            mix,small,scan with 200000 packets, 2 runs
  --work DIR         where captures and output go (bench/work)
  --json PATH        results as JSON (DIR/results.json)
  --timeout SECONDS  for one run (1200)`;

type Settings = {
  readonly workloads: readonly string[];
  readonly packets: number | undefined;
  readonly runs: number;
  readonly only: readonly string[] | undefined;
  readonly portflow: readonly string[];
  readonly work: string;
  readonly json: string;
  readonly timeoutSeconds: number;
};

function settings(): Settings | undefined {
  const { values } = parseArgs({
    options: {
      workloads: { type: "string" },
      packets: { type: "string" },
      runs: { type: "string" },
      only: { type: "string" },
      portflow: { type: "string" },
      quick: { type: "boolean", default: false },
      work: { type: "string" },
      json: { type: "string" },
      timeout: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const work = values.work ?? join(packageRoot(), "bench", "work");
  const workloads =
    values.workloads ?? (values.quick ? "mix,small,scan" : "mix,small,scan,few,long");
  const packets = values.packets ?? (values.quick ? "200000" : undefined);
  return {
    workloads: workloads.split(","),
    packets: packets === undefined ? undefined : count("--packets", packets),
    runs: count("--runs", values.runs ?? (values.quick ? "2" : "5")),
    only: values.only?.split(","),
    portflow: values.portflow?.split(" ").filter((part) => part !== "") ?? [],
    work,
    json: values.json ?? join(work, "results.json"),
    timeoutSeconds: count("--timeout", values.timeout ?? "1200"),
  };
}

function count(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} ${text}: not a count`);
  return number;
}

/** The contenders that are here; the others are named. */
function present(contenders: readonly Contender[]): Contender[] {
  const { PATH = "" } = process.env;
  const folders = PATH.split(delimiter);
  return contenders.filter(({ name, needs }) => {
    const isHere =
      "file" in needs
        ? existsSync(needs.file)
        : folders.some((folder) => existsSync(join(folder, needs.program)));
    if (!isHere) {
      const missing = "file" in needs ? needs.file : `${needs.program} in PATH`;
      console.error(`skipped: ${name} (no ${missing})`);
    }
    return isHere;
  });
}

/** The workload's capture, made anew unless the same one is there from an earlier run. */
function capture(name: string, { packets, work }: Settings): [path: string, WorkloadReport] {
  const wanted = packets ?? WORKLOADS[name]?.packets;
  const path = join(work, `${name}-${wanted}.pcap`);
  if (existsSync(`${path}.json`) && existsSync(path)) {
    const report = JSON.parse(readFileSync(`${path}.json`, "utf8")) as WorkloadReport;
    if (report.packets === wanted && statSync(path).size === report.fileBytes)
      return [path, report];
  }
  console.error(`making ${path}`);
  return [path, generate(name, path, wanted === undefined ? {} : { packets: wanted })];
}

/** Paths of one run, cleared of what the run before left there. */
function freshPaths(work: string, capturePath: string): RunPaths {
  const folder = join(work, "run");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "folder"), { recursive: true });
  return {
    capture: capturePath,
    stdout: join(folder, "stdout"),
    stderr: join(folder, "stderr"),
    file: join(folder, "file"),
    folder: join(folder, "folder"),
  };
}

/** Runs every contender in turn, round after round, so that a slow moment of the machine hits all. */
async function compare(
  name: string,
  contenders: readonly Contender[],
  chosen: Settings,
): Promise<WorkloadResult> {
  const [path, workload] = capture(name, chosen);
  // One reading beforehand, so that the first contender does not pay for the disk.
  await lineCount(path);
  const results = new Map<Contender, ContenderResult>();
  for (let round = 0; round < chosen.runs; round++) {
    for (const contender of contenders) {
      if (contender.slow === true && round > 0) continue;
      const paths = freshPaths(chosen.work, path);
      const run = await measure(
        contender.command(paths),
        contender.destinations(paths),
        chosen.timeoutSeconds,
      );
      const seconds = run.wallSeconds.toFixed(2);
      console.error(`${name} round ${round + 1}: ${contender.name} ${seconds} s`);
      if (run.exitCode !== 0)
        console.error(`  exit code ${run.exitCode}: ${lastLine(paths.stderr)}`);
      const result = results.get(contender) ?? {
        name: contender.name,
        work: contender.work,
        exactFlows: contender.exactFlows === true,
        runs: [],
        findings: run.exitCode === 0 ? await contender.findings(paths) : {},
      };
      result.runs.push(run);
      results.set(contender, result);
    }
  }
  return { workload, contenders: [...results.values()] };
}

function lastLine(path: string): string {
  return existsSync(path) ? (readFileSync(path, "utf8").trim().split("\n").at(-1) ?? "") : "";
}

async function main(): Promise<void> {
  const chosen = settings();
  if (chosen === undefined) {
    console.error(USAGE);
    return;
  }
  mkdirSync(chosen.work, { recursive: true });
  const all = [...portflowContenders(chosen.portflow), ...PEERS];
  const { only } = chosen;
  const contenders = present(all.filter(({ name }) => only === undefined || only.includes(name)));
  const processors = cpus();
  const machine = {
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
  const memory = (machine.memoryBytes / 2 ** 30).toFixed(0);
  console.log(
    `${machine.processor}, ${machine.cores} cores, ${memory} GiB, ${machine.platform}, Node ${machine.node}\n`,
  );
  const results: WorkloadResult[] = [];
  let wrong = false;
  for (const name of chosen.workloads) {
    const result = await compare(name, contenders, chosen);
    results.push(result);
    console.log(table(result));
    const ours = result.contenders.filter((one) => one.name.startsWith("portflow"));
    wrong ||= ours.some((one) => isWrong(one, result.workload));
    writeFileSync(chosen.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  }
  rmSync(join(chosen.work, "run"), { recursive: true, force: true });
  if (wrong) {
    console.error("portflow failed, or its counts are not the workload's");
    process.exitCode = 1;
  }
}

await main();
