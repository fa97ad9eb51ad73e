import type { EndpointJson } from "../sink/flow-record.ts";
import type { FlowReport } from "./flow-report.ts";
import type { ReportTable } from "./report-table.ts";

/** Rows of a table of sums at most. */
const MOST_ROWS = 1000;

/** Services, the most octets first. */
export function servicesTable({ services }: FlowReport): ReportTable {
  return {
    id: "services-table",
    columns: [
      { heading: "service" },
      { heading: "transport" },
      { heading: "flows", isNumber: true },
      { heading: "packets", isNumber: true, isExtra: true },
      { heading: "octets", isNumber: true },
      { heading: "clients", isNumber: true, isExtra: true },
      { heading: "servers", isNumber: true, isExtra: true },
      { heading: "confidence" },
      { heading: "status", isExtra: true },
      { heading: "source", isExtra: true },
    ],
    rows: services
      .heaviest(MOST_ROWS)
      .map(([, sum]) => [
        sum.isNamed ? sum.name : portText(sum.port),
        sum.transport,
        sum.flows,
        sum.packets,
        sum.weight,
        sum.clients.size,
        sum.servers.size,
        sum.isNamed ? sum.confidence : "no name",
        sum.status,
        sum.source,
      ]),
  };
}

/** Ports that no registry names. */
export function unknownPortsTable({ services }: FlowReport): ReportTable {
  return {
    id: "unknown-ports-table",
    columns: [
      { heading: "port" },
      { heading: "flows", isNumber: true },
      { heading: "packets", isNumber: true, isExtra: true },
      { heading: "octets", isNumber: true },
      { heading: "clients", isNumber: true },
      { heading: "servers", isNumber: true },
      { heading: "hint", isExtra: true },
    ],
    rows: services
      .heaviest(Number.POSITIVE_INFINITY)
      .filter(([, { isNamed, port }]) => !isNamed && port !== undefined)
      .slice(0, MOST_ROWS)
      .map(([, sum]) => [
        `${sum.port}/${sum.transport}`,
        sum.flows,
        sum.packets,
        sum.weight,
        sum.clients.size,
        sum.servers.size,
        sum.hint,
      ]),
  };
}

/** Addresses, the most octets first. */
export function hostsTable({ hosts }: FlowReport): ReportTable {
  return {
    id: "talkers-table",
    columns: [
      { heading: "address" },
      { heading: "octets", isNumber: true },
      { heading: "sent", isNumber: true },
      { heading: "received", isNumber: true, isExtra: true },
      { heading: "packets", isNumber: true, isExtra: true },
      { heading: "flows begun", isNumber: true },
      { heading: "flows answered", isNumber: true, isExtra: true },
    ],
    rows: hosts
      .heaviest(MOST_ROWS)
      .map(([ip, sum]) => [
        ip,
        sum.weight,
        sum.sent,
        sum.received,
        sum.packets,
        sum.began,
        sum.answered,
      ]),
  };
}

/** Capture interfaces. */
export function interfacesTable({ interfaces }: FlowReport): ReportTable {
  return {
    id: "interfaces-table",
    columns: [
      { heading: "interface" },
      { heading: "flows", isNumber: true },
      { heading: "packets", isNumber: true },
      { heading: "octets", isNumber: true },
    ],
    rows: interfaces
      .heaviest(MOST_ROWS)
      .map(([name, { flows, packets, weight }]) => [name, flows, packets, weight]),
  };
}

/** Ports of servers whose TCP connections had trouble, the most first. */
export function troubleTable({ trouble }: FlowReport): ReportTable {
  return {
    id: "trouble-table",
    columns: [
      { heading: "server" },
      { heading: "flows", isNumber: true },
      { heading: "sent again", isNumber: true },
      { heading: "late", isNumber: true, isExtra: true },
      { heading: "octets missed", isNumber: true, isExtra: true },
      { heading: "reset", isNumber: true },
      { heading: "unanswered", isNumber: true },
    ],
    rows: trouble.heaviest(MOST_ROWS).map(([key, sum]) => {
      const [ip = "", port = ""] = key.split("\n");
      return [
        endText({ ip, ...(port === "" ? {} : { port: Number(port) }) }),
        sum.flows,
        sum.retransmits,
        sum.outOfOrder,
        sum.missedBytes,
        sum.resets,
        sum.unanswered,
      ];
    }),
  };
}

/** The busiest flows one by one. */
export function flowsTable({ busiest }: FlowReport): ReportTable {
  return {
    id: "flows-table",
    columns: [
      { heading: "start" },
      { heading: "seconds", isNumber: true, isExtra: true },
      { heading: "transport", isExtra: true },
      { heading: "initiator" },
      { heading: "responder" },
      { heading: "service" },
      { heading: "sent", isNumber: true },
      { heading: "received", isNumber: true },
      { heading: "packets", isNumber: true, isExtra: true },
      { heading: "state", isExtra: true },
      { heading: "direction", isExtra: true },
      { heading: "ended", isExtra: true },
      { heading: "id", isExtra: true },
    ],
    rows: busiest.flows.map((record) => [
      `${record.start.slice(0, 10)} ${record.start.slice(11, 23)}`,
      Math.round(record.duration * 1e6) / 1e6,
      record.transport,
      endText(record.src),
      endText(record.dst),
      record.service.name ?? "",
      record.src.bytes,
      record.dst.bytes,
      record.src.packets + record.dst.packets,
      record.tcp?.state ?? "",
      record.direction.certainty,
      record.end_reason,
      record.id,
    ]),
  };
}

function portText(port: number | undefined): string {
  return port === undefined ? "no port" : String(port);
}

function endText({ ip, port }: Pick<EndpointJson, "ip" | "port">): string {
  if (port === undefined) return ip;
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
