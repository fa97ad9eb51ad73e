import type { FlowRecordJson } from "../../src/sink/flow-record.ts";

/** What must be the same however packets came: all of a record but when, and what follows from when. */
export function essence(lines: string): string[] {
  return recordsOf(lines)
    .map(({ src, dst, vlan, tunnel, icmp, service, tcp, ...record }) => {
      const { community_id, ip_version, transport, ip_proto, fragments, direction } = record;
      const { handshake_rtt: _, ...tcpWithoutTime } = tcp ?? {};
      return JSON.stringify([
        { community_id, ip_version, transport, ip_proto, fragments, direction },
        { src, dst, vlan, tunnel, icmp, service, tcp: tcpWithoutTime },
      ]);
    })
    .sort();
}

/** Records of NDJSON. */
export function recordsOf(lines: string): FlowRecordJson[] {
  return lines
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as FlowRecordJson)
    .filter(({ type }) => type === "flow");
}

/** Digits in groups of three, as the summary has them. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
