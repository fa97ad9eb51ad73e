import { createHash } from "node:crypto";
import { groupedCount } from "../core/grouped-count.ts";
import { humanCount, humanShare } from "../sink/table/human-units.ts";
import { type BooksJson, booksSection } from "./books-section.ts";
import type { FlowReport } from "./flow-report.ts";
import { escaped } from "./html-text.ts";
import { REPORT_SCRIPT } from "./report-script.ts";
import { REPORT_STYLE } from "./report-style.ts";
import { tableHtml } from "./report-table.ts";
import {
  flowsTable,
  hostsTable,
  interfacesTable,
  servicesTable,
  troubleTable,
  unknownPortsTable,
} from "./report-tables.ts";
import { type ShareBar, shareBars } from "./share-bars.ts";
import { timelineChart } from "./timeline-chart.ts";

/** What a report says besides what is in the flows. */
export type ReportFacts = {
  readonly title: string;
  /** What was read, as the user named it. */
  readonly source: string;
  readonly books: BooksJson | undefined;
  /** Something the reader must know, such as that the capture was cut short. */
  readonly warning?: string;
};

const CONFIDENCE_TONES = { high: "good", medium: "sent", low: "doubt", none: "idle" } as const;
const CERTAINTY_TONES = { certain: "good", inferred: "sent", unknown: "doubt" } as const;

/**
 * The report as one page that needs nothing else: style, script and data are in it, and its security
 * policy allows no others. The same flows make the same octets.
 */
export function reportPage(report: FlowReport, facts: ReportFacts): string {
  const sections = [
    { id: "traffic", title: "Traffic", html: trafficSection(report) },
    { id: "services", title: "Services", html: servicesSection(report) },
    { id: "talkers", title: "Talkers", html: talkersSection(report) },
    { id: "names", title: "Names", html: namesSection(report) },
    { id: "direction", title: "Direction", html: directionSection(report) },
    { id: "tcp", title: "TCP", html: tcpSection(report) },
    { id: "flows", title: "Flows", html: flowsSection(report) },
    { id: "books", title: "Books", html: booksSection(facts.books) },
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${hash(REPORT_STYLE)}'; script-src '${hash(REPORT_SCRIPT)}'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="portflow">
<link rel="icon" href="data:,">
<title>${escaped(facts.title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(facts.title)}</h1>
<p>${escaped(facts.source)}${report.records === 0 ? "" : `, ${escaped(spanText(report))}`}</p>
${facts.warning === undefined ? "" : `<p class="verdict">${escaped(facts.warning)}</p>`}
${cards(report)}
</header>
<nav aria-label="sections"><ul>${sections.map(({ id, title }) => `<li><a href="#${id}">${title}</a></li>`).join("")}</ul></nav>
<main>
${sections.map(({ id, title, html }) => `<section id="${id}"><h2>${title}</h2>\n${html}\n</section>`).join("\n")}
</main>
<footer>Made by portflow. A service is what is registered for a port, never proof of what was spoken. Octets are those of frames on the wire.</footer>
<script>${REPORT_SCRIPT}</script>
</body>
</html>
`;
}

function hash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function spanText({ first, last }: FlowReport): string {
  const day = (text: string): string => text.slice(0, 10);
  const clock = (text: string): string => text.slice(11, 19);
  const end = day(first) === day(last) ? clock(last) : `${day(last)} ${clock(last)}`;
  return `${day(first)} ${clock(first)} to ${end} UTC`;
}

function cards(report: FlowReport): string {
  const named = report.bytes - (weightOf(report, "none") ?? 0);
  const list: (readonly [string, string])[] = [
    [groupedCount(report.flows), report.flows === 1 ? "flow" : "flows"],
    [groupedCount(report.packets), "packets"],
    [humanCount(report.bytes), "octets"],
    [groupedCount(report.hosts.size + report.hosts.givenUp), "addresses"],
    [humanShare(named, report.bytes), "of octets have a registered name"],
    [humanShare(report.tcp.retransmits, report.tcp.packets), "of TCP packets sent again"],
  ];
  return `<ul class="cards">${list.map(([value, name]) => `<li><b>${escaped(value)}</b><span>${name}</span></li>`).join("")}</ul>`;
}

function weightOf(report: FlowReport, confidence: string): number | undefined {
  return report.confidences.heaviest(10).find(([name]) => name === confidence)?.[1].weight;
}

function trafficSection(report: FlowReport): string {
  const transports = report.transports
    .heaviest(8)
    .map(([name, { weight }]): ShareBar => ({ name, value: weight, tone: "sent", isOctets: true }));
  const interfaces =
    report.interfaces.size === 0 ? "" : `<h3>Interfaces</h3>${tableHtml(interfacesTable(report))}`;
  return `${timelineChart(report.timeline)}<div class="pair"><div><h3>Transports by octets</h3>${shareBars(transports, "transports by octets")}</div><div><h3>Why flows ended</h3>${shareBars(countBars(report.endReasons, "idle"), "end reasons")}</div></div>${interfaces}`;
}

function servicesSection(report: FlowReport): string {
  const bars = report.services.heaviest(10).map(
    ([, { name, port, transport, isNamed, weight }]): ShareBar => ({
      name: isNamed || port !== undefined ? `${isNamed ? name : port}/${transport}` : transport,
      value: weight,
      tone: isNamed ? "sent" : "idle",
      isOctets: true,
    }),
  );
  return `<p>By registered name and transport; a port without a name stands for itself. Clients and servers are counted up to 1,000.</p>${shareBars(bars, "services by octets")}${tableHtml(servicesTable(report))}`;
}

function talkersSection(report: FlowReport): string {
  const note =
    report.hosts.givenUp === 0
      ? ""
      : ` ${groupedCount(report.hosts.givenUp)} addresses with little traffic were left out to bound memory.`;
  return `<p>Addresses by octets sent and received.${note}</p>${tableHtml(hostsTable(report))}`;
}

function namesSection(report: FlowReport): string {
  const bars = (["high", "medium", "low", "none"] as const).map(
    (name): ShareBar => ({
      name: name === "none" ? "no name" : `${name} confidence`,
      value: weightOf(report, name) ?? 0,
      tone: CONFIDENCE_TONES[name],
      isOctets: true,
    }),
  );
  return `<div class="pair"><div><h3>How sure names are, by octets</h3>${shareBars(bars, "confidence")}</div><div><h3>What names rest on, by flows</h3>${shareBars(countBars(report.reasons, "sent"), "reasons")}</div></div><h3>Ports without a name</h3>${tableHtml(unknownPortsTable(report))}`;
}

function directionSection(report: FlowReport): string {
  const all = report.directions.heaviest(20).map(([key, total]) => {
    const [certainty = "", reason = ""] = key.split("\n");
    return { certainty, reason, flows: total.flows };
  });
  const bars = (["certain", "inferred", "unknown"] as const).map((name): ShareBar => {
    const flows = all.filter(({ certainty }) => certainty === name);
    return {
      name,
      value: flows.reduce((sum, one) => sum + one.flows, 0),
      tone: CERTAINTY_TONES[name],
      isOctets: false,
    };
  });
  const reasons = all
    .map(({ certainty, reason, flows }): ShareBar => {
      const tone = CERTAINTY_TONES[certainty as keyof typeof CERTAINTY_TONES] ?? "idle";
      return { name: reason, value: flows, tone, isOctets: false };
    })
    .sort((a, b) => b.value - a.value);
  return `<p>Who began a flow is certain when a handshake shows it, inferred from ports and first packets, or unknown when the capture joined midway.</p><div class="pair"><div><h3>Certainty, by flows</h3>${shareBars(bars, "certainty")}</div><div><h3>What it rests on, by flows</h3>${shareBars(reasons, "direction reasons")}</div></div>`;
}

function tcpSection(report: FlowReport): string {
  const { tcp, handshakes } = report;
  if (tcp.packets === 0) return "<p>no TCP</p>";
  const milliseconds = (share: number): string =>
    handshakes.count === 0
      ? "-"
      : `${Number((handshakes.quantile(share) * 1000).toPrecision(3))} ms`;
  const facts: (readonly [string, string])[] = [
    ["packets", groupedCount(tcp.packets)],
    [
      "sent again",
      `${groupedCount(tcp.retransmits)} (${humanShare(tcp.retransmits, tcp.packets)})`,
    ],
    ["late", `${groupedCount(tcp.outOfOrder)} (${humanShare(tcp.outOfOrder, tcp.packets)})`],
    ["octets never captured", groupedCount(tcp.missedBytes)],
    ["handshakes measured", groupedCount(handshakes.count)],
    ["half of them within", milliseconds(0.5)],
    ["90% within", milliseconds(0.9)],
    ["99% within", milliseconds(0.99)],
  ];
  const list = facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("");
  return `<div class="pair"><div><h3>Figures</h3><dl>${list}</dl></div><div><h3>States, by flows</h3>${shareBars(countBars(report.tcpStates, "sent"), "TCP states")}</div></div><h3>Servers with trouble</h3>${tableHtml(troubleTable(report))}`;
}

function flowsSection(report: FlowReport): string {
  const listed = report.busiest.flows.length;
  const note =
    listed < report.records
      ? `The busiest ${groupedCount(listed)} of ${groupedCount(report.records)} records; the others count in everything above.`
      : "Every record.";
  return `<p>${note}</p>${tableHtml(flowsTable(report))}`;
}

function countBars(totals: FlowReport["endReasons"], tone: ShareBar["tone"]): ShareBar[] {
  return totals
    .heaviest(40)
    .map(([name, { flows }]): ShareBar => ({ name, value: flows, tone, isOctets: false }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 10);
}
