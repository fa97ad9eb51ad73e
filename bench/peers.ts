import { execFileSync } from "node:child_process";
import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Contender, Findings } from "./contender.ts";

/**
 * Programs people use today to make flows of a capture, with the options that make them read the
 * file at full speed, send nothing over the network, and give up no flow for lack of room.
 */
export const PEERS: readonly Contender[] = [
  {
    name: "tcpdump",
    work: "reads only: the limit set by libpcap",
    needs: { program: "tcpdump" },
    command: ({ capture }) => ({
      program: "tcpdump",
      args: ["-r", capture, "-w", "/dev/null", "--count"],
    }),
    destinations: ({ stdout }) => ({ stdout }),
    findings: async ({ stdout }) => found(stdout, /^(\d+) packets?/m),
  },
  {
    name: "softflowd",
    work: "flows, counted but not sent",
    needs: { program: "softflowd" },
    command: ({ capture, folder }) => ({
      program: "softflowd",
      args: [
        ...["-r", capture, "-d", "-a", "-6", "-v", "9", "-m", "20000000"],
        ...["-p", `${folder}/pid`, "-c", "none"],
      ],
    }),
    destinations: ({ stdout, stderr }) => ({ stdout, stderr }),
    findings: async ({ stdout }) =>
      found(stdout, /^Packets processed: (\d+)/m, /^Flows expired: (\d+)/m),
  },
  {
    name: "nfpcapd",
    work: "one-way flows to an nfdump file",
    needs: { program: "nfpcapd" },
    command: ({ capture, folder }) => ({
      program: "nfpcapd",
      args: ["-r", capture, "-w", folder],
    }),
    destinations: ({ stdout, stderr }) => ({ stdout, stderr }),
    findings: async ({ stderr }) => found(stderr, /^Total: Processed: (\d+)/m, /Flows: (\d+)/),
  },
  {
    name: "argus",
    work: "flows to an argus file",
    needs: { program: "argus" },
    command: ({ capture, file }) => ({ program: "argus", args: ["-r", capture, "-w", file] }),
    destinations: () => ({}),
    findings: async ({ file }) => argusFindings(file),
  },
  {
    name: "ndpiReader",
    work: "flows with deep inspection, totals printed",
    needs: { program: "ndpiReader" },
    command: ({ capture }) => ({ program: "ndpiReader", args: ["-i", capture] }),
    destinations: ({ stdout }) => ({ stdout }),
    findings: async ({ stdout }) =>
      found(stdout, /of (\d+) packets total/, /Unique flows:\s+(\d+)/),
  },
  {
    name: "tshark",
    work: "full dissection, table of conversations",
    needs: { program: "tshark" },
    slow: true,
    command: ({ capture }) => ({
      program: "tshark",
      args: ["-n", "-r", capture, "-q", "-z", "conv,tcp", "-z", "conv,udp"],
    }),
    destinations: ({ stdout }) => ({ stdout }),
    findings: ({ stdout }) => conversations(stdout),
  },
  {
    name: "pcap-parser",
    work: "npm pcap-parser and a Map: flows as JSON lines",
    needs: { file: fileURLToPath(new URL("./pcap-parser-baseline.js", import.meta.url)) },
    slow: true,
    command: ({ capture }) => ({
      program: process.execPath,
      args: [
        "--no-deprecation",
        fileURLToPath(new URL("./pcap-parser-baseline.js", import.meta.url)),
        capture,
      ],
    }),
    destinations: ({ stdout, stderr }) => ({ stdout, stderr }),
    findings: async ({ stdout, stderr }) =>
      merged(found(stderr, /^packets (\d+)/m), { flows: await lineCount(stdout) }),
  },
];

/** Lines of a file, counted without holding it. */
export async function lineCount(path: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(path)) {
    for (const octet of chunk as Buffer) if (octet === 10) lines++;
  }
  return lines;
}

/** Packet and flow counts by patterns from a short text. */
function found(path: string, packets: RegExp, flows?: RegExp): Findings {
  const text = readFileSync(path, "utf8");
  const packetMatch = packets.exec(text);
  const flowMatch = flows?.exec(text);
  return {
    ...(packetMatch == null ? {} : { packets: Number(packetMatch[1]) }),
    ...(flowMatch == null ? {} : { flows: Number(flowMatch[1]) }),
  };
}

function merged(...all: readonly Findings[]): Findings {
  return Object.assign({}, ...all) as Findings;
}

/** racount's line `sum RECORDS PACKETS ...`, management records left out. */
function argusFindings(file: string): Findings {
  try {
    const text = execFileSync("racount", ["-r", file, "-", "not", "man"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const sum = /^\s*sum\s+(\d+)\s+(\d+)/m.exec(text);
    return sum === null ? {} : { flows: Number(sum[1]), packets: Number(sum[2]) };
  } catch {
    // The client programs of argus are a package of their own; without them nothing is checked.
    return {};
  }
}

/** Rows of tshark's tables and the sum of their third pair of frames and octets, the total. */
async function conversations(path: string): Promise<Findings> {
  let packets = 0;
  let flows = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!line.includes("<->")) continue;
    const pairs = [...line.matchAll(/(\d+)\s+\d+\s+(?:bytes|kB|MB|GB)/g)];
    packets += Number(pairs[2]?.[1] ?? 0);
    flows++;
  }
  return { packets, flows };
}
