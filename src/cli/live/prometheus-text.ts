import { EndReasonName } from "../../flow/ending/end-reason.ts";
import { named } from "../../pipeline/books/books.ts";
import type { WatchedInterface } from "../../pipeline/live/fanout-run.ts";
import { faultName } from "../../wire/fault.ts";
import type { LiveSession } from "./live-session.ts";

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | undefined];

/** The state of a live capture in Prometheus' text form, version 0.0.4. */
export function prometheusText(session: LiveSession): string {
  const { books, run, interfaces, outputs } = session;
  run.refreshBooks();
  const { user, system } = process.cpuUsage();
  const each = (value: (one: WatchedInterface) => number | undefined): Sample[] =>
    interfaces.map((one) => [{ interface: one.name }, value(one)]);
  return [
    metric("portflow_packets_total", "counter", "packets by what became of them", [
      [{ bin: "flowed" }, books.flowed],
      [{ bin: "filtered" }, books.filtered],
      [{ bin: "not_ip" }, sum(books.notIp)],
      [{ bin: "malformed" }, sum(books.malformed)],
      [{ bin: "unsupported_link" }, sum(books.unsupportedLink)],
    ]),
    metric("portflow_packets_taken_total", "counter", "packets taken from an interface", [
      ...each(({ taken }) => taken),
    ]),
    metric("portflow_octets_total", "counter", "octets of those packets on the wire", [
      ...each(({ octets }) => octets),
    ]),
    metric("portflow_kernel_received_total", "counter", "packets that passed the filter", [
      ...each((one) => one.counts().received),
    ]),
    metric("portflow_kernel_dropped_total", "counter", "packets dropped for lack of room", [
      ...each((one) => one.counts().dropped),
    ]),
    metric("portflow_interface_dropped_total", "counter", "packets lost by the network device", [
      ...each((one) => one.counts().interfaceDropped),
    ]),
    metric("portflow_interface_up", "gauge", "1 while packets can come", [
      ...each(({ linkState }) => (linkState === "up" ? 1 : 0)),
    ]),
    metric("portflow_faults_total", "counter", "faults in flowed packets", [
      ...labelled("fault", named(books.faults, faultName)),
    ]),
    metric("portflow_flows_open", "gauge", "flows that are open", [[{}, run.flows]]),
    metric("portflow_flow_memory_bytes", "gauge", "memory that flows take", [[{}, run.flowOctets]]),
    metric("portflow_flows_total", "counter", "flow records by why they were written", [
      ...labelled(
        "end_reason",
        named(books.endReasons, (code) => EndReasonName[code] ?? ""),
      ),
    ]),
    metric("portflow_flows_evicted_total", "counter", "flows that gave way for lack of room", [
      [{}, books.evicted],
    ]),
    metric("portflow_records_written_total", "counter", "records handed to an output", [
      ...outputs.books.map(({ output, written }): Sample => [{ output }, written]),
    ]),
    metric("portflow_records_sent_total", "counter", "records that are in their place", [
      ...outputs.books.map(({ output, sent }): Sample => [{ output }, sent]),
    ]),
    metric("portflow_records_dropped_total", "counter", "records given up", [
      ...outputs.books.map(({ output, dropped }): Sample => [{ output }, dropped]),
    ]),
    metric("process_resident_memory_bytes", "gauge", "memory of the process", [
      [{}, process.memoryUsage.rss()],
    ]),
    metric("process_cpu_seconds_total", "counter", "processor time, all threads", [
      [{}, (user + system) / 1e6],
    ]),
  ].join("");
}

function metric(
  name: string,
  type: "counter" | "gauge",
  help: string,
  samples: readonly Sample[],
): string {
  const lines = samples
    .filter(([, value]) => value !== undefined)
    .map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

function labelled(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([name, count]) => [{ [label]: name }, count]);
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, one) => total + one, 0);
}
