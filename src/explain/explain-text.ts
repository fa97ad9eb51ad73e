import { secondsOf, wholeSecondsOf } from "../analysis/record-time.ts";
import { groupedCount } from "../core/grouped-count.ts";
import type { FlowRecordJson } from "../sink/flow-record.ts";
import { humanDuration } from "../sink/table/human-units.ts";
import { printable } from "../sink/table/terminal-text.ts";
import { type Column, type Painter, tableLines } from "../sink/table/text-table.ts";
import { endText } from "./end-text.ts";
import type { ExplainedFlow } from "./explain-capture.ts";
import type { FlowStory, StoryPacket } from "./flow-story.ts";
import { DIRECTION_MEANINGS, END_MEANINGS, SERVICE_MEANINGS } from "./meanings.ts";

const NANOSECONDS = 1e9;

/** How the run was made, for what is said of timeouts. */
export type ExplainSettings = {
  /** Nanoseconds, Infinity for off. */
  readonly active: number;
  /** Time of the last packet of any flow, as records write it. */
  readonly lastTime: string;
};

/** The story of one flow for a person, without what the registry says of its port. */
export function explainText(
  { record, story }: ExplainedFlow,
  settings: ExplainSettings,
  paint: Painter,
): string {
  const { src, dst, direction, tcp, service } = record;
  const lines = [
    paint("strong", `${record.transport} ${endText(src)} > ${endText(dst)}`) +
      `  ${paint("faint", `flow ${record.id}`)}`,
    `  ${record.start} to ${record.end}, ${record.duration} s`,
    `  sent ${countText(src)}; received ${countText(dst)}`,
    ...surroundings(record),
    `  direction   ${direction.certainty} (${direction.reason}): ${DIRECTION_MEANINGS[direction.reason] ?? ""}`,
    ...(tcp === undefined ? [] : [tcpLine(record)]),
    `  ended       ${record.end_reason}: ${END_MEANINGS[record.end_reason] ?? ""}`,
    ...timeoutLines(record, story, settings).map((line) => `              ${line}`),
    `  tag         ${service.name === undefined ? "none" : `${printable(service.name)}, ${service.status ?? ""}, confidence ${service.confidence}`} ` +
      `(${service.reason}): ${SERVICE_MEANINGS[service.reason] ?? ""}`,
    "",
    ...packetLines(record, story, paint),
  ];
  return `${lines.join("\n")}\n`;
}

function countText({ packets, bytes, payload_bytes }: FlowRecordJson["src"]): string {
  const noun = packets === 1 ? "packet" : "packets";
  return `${groupedCount(packets)} ${noun}, ${groupedCount(bytes)} octets (${groupedCount(payload_bytes)} of payload)`;
}

function surroundings(record: FlowRecordJson): string[] {
  const facts = [
    ...(record.interface === undefined ? [] : [`interface ${printable(record.interface)}`]),
    ...(record.vlan === undefined ? [] : [`vlan ${record.vlan.join(" in ")}`]),
    ...(record.tunnel ?? []).map(
      ({ type, id, src, dst }) => `in ${type}${id === undefined ? "" : ` ${id}`} ${src} to ${dst}`,
    ),
    ...(record.icmp === undefined
      ? []
      : [`icmp type ${record.icmp.type} code ${record.icmp.code}`, ...quoteFacts(record.icmp)]),
    ...(record.fragments === undefined ? [] : [`${record.fragments} fragments`]),
    ...(record.part === undefined
      ? []
      : [
          `part ${record.part}${record.previous_id === undefined ? "" : ` after ${record.previous_id}`}${record.more === true ? ", more follow" : ""}`,
        ]),
  ];
  return facts.length === 0 ? [] : [`  ${facts.join("; ")}`];
}

/** The packet that an ICMP error is about. */
function quoteFacts({ quoted }: NonNullable<FlowRecordJson["icmp"]>): string[] {
  if (quoted === undefined) return [];
  const { src, src_port, dst, dst_port, transport, id, others = 0 } = quoted;
  const ends = [end(src, src_port), end(dst, dst_port)].map(endText);
  const further = others === 0 ? [] : [`${groupedCount(others)} more about other flows`];
  return [
    `about ${transport} ${ends.join(" > ")}${id === undefined ? "" : `, flow ${id}`}`,
    ...further,
  ];
}

function end(ip: string, port: number | undefined): { ip: string; port?: number } {
  return port === undefined ? { ip } : { ip, port };
}

function tcpLine({ tcp }: FlowRecordJson): string {
  if (tcp === undefined) return "";
  const both = ({ src, dst }: { readonly src: number; readonly dst: number }): string =>
    `${src}/${dst}`;
  return (
    `  tcp         ${tcp.state}, history ${tcp.history}; retransmits ${both(tcp.retransmits)}, ` +
    `late ${both(tcp.out_of_order)}, missed octets ${tcp.missed_bytes}` +
    (tcp.handshake_rtt === undefined ? "" : `, handshake ${tcp.handshake_rtt} s`)
  );
}

function timeoutLines(
  record: FlowRecordJson,
  story: FlowStory,
  { active, lastTime }: ExplainSettings,
): string[] {
  const lines: string[] = [];
  const idle = duration(story.idleTimeout);
  if (story.closedBy > 0) {
    lines.push(`packet ${story.closedBy} ended it; its record waited ${idle} for stragglers`);
  } else {
    lines.push(
      `idle timeout ${idle}, active timeout ${active === Infinity ? "off" : duration(active)}`,
    );
  }
  if (story.silenceEndedBy > 0) {
    lines.push(
      `longest silence ${duration(story.longestSilence)}, before packet ${story.silenceEndedBy}`,
    );
  }
  if (story.followedBy > 0) {
    lines.push(
      `packet ${story.followedBy} of the same ends, ${duration(story.followedAfter)} after its last, ` +
        `began ${record.more === true ? "the next part" : "another flow"}`,
    );
  }
  const left = (secondsOf(lastTime) ?? 0) - (secondsOf(record.end) ?? 0);
  if (record.end_reason === "capture_end") {
    lines.push(`the capture's last packet of any flow came ${duration(left * NANOSECONDS)} later`);
  }
  return lines;
}

function duration(nanoseconds: number): string {
  const seconds = Math.floor(nanoseconds / NANOSECONDS);
  return humanDuration(seconds, Math.round(nanoseconds - seconds * NANOSECONDS));
}

function packetLines(record: FlowRecordJson, story: FlowStory, paint: Painter): string[] {
  const rows: { readonly packet: StoryPacket | undefined; readonly leftOut: number }[] = [];
  let next = 0;
  for (const packet of story.shown) {
    if (packet.place > next) rows.push({ packet: undefined, leftOut: packet.place - next });
    rows.push({ packet, leftOut: 0 });
    next = packet.place + 1;
  }
  const start = wholeSecondsOf(record.start);
  const startNanoseconds = Number(record.start.slice(20, 29));
  const column = (
    heading: string,
    isNumber: boolean,
    textOf: (packet: StoryPacket) => string,
    leftOutText: (leftOut: number) => string = () => "",
  ): Column => ({
    heading,
    isNumber,
    cells: rows.map(({ packet, leftOut }) => ({
      text: packet === undefined ? leftOutText(leftOut) : textOf(packet),
      tone: packet === undefined ? "faint" : "plain",
    })),
  });
  const hasTcp = record.tcp !== undefined;
  const columns = [
    column(
      "packet",
      true,
      ({ number }) => String(number),
      () => "...",
    ),
    column("seconds", true, ({ seconds, nanoseconds }) =>
      // The difference of large seconds with a fraction would be off by parts of a microsecond.
      (seconds - start + (nanoseconds - startNanoseconds) / NANOSECONDS).toFixed(6),
    ),
    column("", false, ({ side }) => (side === story.initiator ? ">" : "<")),
    ...(hasTcp ? [column("flags", false, ({ flags }) => flags)] : []),
    column("payload", true, ({ payloadBytes }) => String(payloadBytes)),
    column("frame", true, ({ bytes }) => String(bytes)),
    ...(hasTcp ? [column("history", false, ({ letters }) => letters)] : []),
    column(
      "what it did",
      false,
      ({ notes }) => notes.map(({ text }) => text).join("; "),
      (leftOut) => `${groupedCount(leftOut)} more`,
    ),
  ];
  const lines = tableLines(columns, paint).map((line) => `  ${line}`);
  if (story.notesLeftOut > 0) lines.push(`  ${groupedCount(story.notesLeftOut)} notes left out`);
  return lines;
}
