import { ByteWriter } from "../../core/byte-writer.ts";
import { EndReasonName } from "../../flow/ending/end-reason.ts";
import { Confidence } from "../../service/tag.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  icmpCode,
  icmpType,
  showsIcmp,
  showsPorts,
  transportName,
  tunnelLayers,
  vlanIds,
  writeAddress,
} from "../flow-text.ts";
import type { FlowRecord } from "../sink.ts";
import { NO_NAME } from "./service-totals.ts";
import { printable } from "./terminal-text.ts";
import type { Tone } from "./text-table.ts";

/** An endpoint in its two parts, since only the address may be shortened. */
export type EndpointText = {
  readonly address: string;
  /** With its colon; "" where the transport has no ports. */
  readonly port: string;
};

/** What the table shows of one record: a copy, since the record is reused. */
export type TableFlow = {
  readonly startSeconds: number;
  readonly startNanoseconds: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly transport: string;
  readonly initiator: EndpointText;
  /** `Certainty` of the direction. */
  readonly certainty: number;
  readonly responder: EndpointText;
  readonly service: string;
  readonly serviceTone: Tone;
  readonly packets: readonly [sent: number, received: number];
  readonly bytes: readonly [sent: number, received: number];
  readonly state: string;
  readonly ended: string;
  readonly via: string;
};

/** Copies what the table shows. */
export function tableFlow(record: FlowRecord): TableFlow {
  const { view } = record;
  const borrows = view.endNanoseconds < view.startNanoseconds ? 1 : 0;
  return {
    startSeconds: view.startSeconds,
    startNanoseconds: view.startNanoseconds,
    seconds: view.endSeconds - view.startSeconds - borrows,
    nanoseconds: view.endNanoseconds - view.startNanoseconds + borrows * 1e9,
    transport: transportName(view),
    initiator: endpointText(record, 0),
    certainty: view.direction.certainty,
    responder: endpointText(record, 1),
    ...serviceText(record),
    packets: [view.packets(0), view.packets(1)],
    bytes: [view.bytes(0), view.bytes(1)],
    state: view.protocol === IpProtocol.Tcp ? view.connectionState : "",
    ended: EndReasonName[view.endReason]!,
    via: viaText(record),
  };
}

function endpointText({ view }: FlowRecord, end: 0 | 1): EndpointText {
  const out = new ByteWriter(64);
  writeAddress(view, end, out);
  const address = out.toString();
  if (!showsPorts(view)) return { address, port: "" };
  const port = `:${end === 0 ? view.sourcePort : view.destinationPort}`;
  return { address: view.isIpv6 ? `[${address}]` : address, port };
}

/** What stands behind a name that is not certain. */
const DOUBT: Readonly<Record<number, string>> = { [Confidence.Medium]: "~", [Confidence.Low]: "?" };

function serviceText(record: FlowRecord): { service: string; serviceTone: Tone } {
  const { tag, entry, view } = record;
  if (tag.named !== 0) {
    const service = printable(entry?.name ?? "") + (DOUBT[tag.confidence] ?? "");
    if (tag.confidence === Confidence.High) return { service, serviceTone: "good" };
    return { service, serviceTone: tag.confidence === Confidence.Low ? "bad" : "doubtful" };
  }
  if (showsIcmp(view)) {
    const code = icmpCode(view);
    const service = `type ${icmpType(view)}${code === 0 ? "" : `/${code}`}`;
    return { service, serviceTone: "plain" };
  }
  if (tag.port >= 0) return { service: `${tag.port}${NO_NAME}`, serviceTone: "bad" };
  return { service: showsPorts(view) ? NO_NAME : "", serviceTone: "bad" };
}

/** Tags and tunnels in few words. */
function viaText({ view }: FlowRecord): string {
  if (view.context === undefined && view.extra === undefined) return "";
  const vlan = vlanIds(view);
  const parts = vlan.length === 0 ? [] : [`vlan ${vlan.join(".")}`];
  for (const { type, id } of tunnelLayers(view)) {
    parts.push(id === undefined ? type : `${type} ${id}`);
  }
  const part = view.extra?.part ?? 1;
  if (part > 1) parts.push(`part ${part}`);
  return parts.join(", ");
}
