import { EndReasonName } from "../../flow/ending/end-reason.ts";
import { SourceName } from "../../service/claim.ts";
import type { ServiceEntry } from "../../service/service-entry.ts";
import { ConfidenceName, ReasonName, Side, SideName, StatusName } from "../../service/tag.ts";
import { ALWAYS, PORT } from "../fields/field.ts";
import { transportName, writeCommunityId } from "../flow-text.ts";
import type { ZeekColumn } from "./zeek-column.ts";
import { isKnownToZeek } from "./zeek-connection.ts";

const NAMED = "a service is registered for the port";
const UNKNOWN = "proto is unknown_transport";

function registered(
  name: string,
  meaning: string,
  values: readonly string[] | undefined,
  textOf: (entry: ServiceEntry) => string | undefined,
): ZeekColumn {
  return {
    name,
    type: "string",
    meaning,
    present: NAMED,
    ...(values === undefined ? { isFreeText: true, schema: { minLength: 1 } } : { values }),
    write({ entry, tag }, out) {
      if (entry === undefined || tag.named === 0) return;
      const text = textOf(entry);
      if (text !== undefined) out.text(text);
    },
  };
}

/** What portflow adds behind Zeek's own columns: the registered service, and what Zeek has no word for. */
export const ZEEK_ADDED_COLUMNS: readonly ZeekColumn[] = [
  {
    name: "community_id",
    type: "string",
    meaning: "Community ID version 1, as Zeek's own script adds it",
    present: ALWAYS,
    schema: { pattern: "^1:[A-Za-z0-9+/]{27}=$" },
    write: ({ view }, out, { communityIdSeed }) => writeCommunityId(view, communityIdSeed, out),
  },
  registered(
    "registered_service",
    "familiar keyword of the service registered for the port: no proof of what was spoken",
    undefined,
    (entry) => entry.name,
  ),
  {
    name: "registered_service_side",
    type: "string",
    meaning: "endpoint whose port that is: src the originator, dst the responder",
    present: "one port of the two was chosen",
    values: SideName.filter((name) => name !== ""),
    write({ view, tag }, out) {
      if (tag.port < 0) return;
      const isOneEnd = tag.side === Side.Source || tag.side === Side.Destination;
      const isTurned = view.isTurned && isOneEnd;
      out.text(SideName[isTurned ? Side.Source + Side.Destination - tag.side : tag.side]!);
    },
  },
  registered(
    "registered_service_status",
    "standing of the name",
    StatusName.filter((name) => name !== ""),
    (entry) => entry.status,
  ),
  registered(
    "registered_service_source",
    "registry that the status rests on",
    SourceName,
    (entry) => entry.source,
  ),
  {
    name: "registered_service_confidence",
    type: "string",
    meaning: "how sure the name is; none without a name",
    present: ALWAYS,
    values: ConfidenceName,
    write: ({ tag }, out) => out.text(ConfidenceName[tag.confidence]!),
  },
  {
    name: "registered_service_reason",
    type: "string",
    meaning: "why the port was chosen, or why there is no name",
    present: ALWAYS,
    values: ReasonName,
    write: ({ tag }, out) => out.text(ReasonName[tag.reason]!),
  },
  {
    name: "transport",
    type: "string",
    meaning: "IANA's keyword of a transport that Zeek has no word for, or its number",
    present: UNKNOWN,
    schema: { pattern: "^[a-z0-9][a-z0-9.+/-]*$" },
    write({ view }, out) {
      if (!isKnownToZeek(view)) out.text(transportName(view));
    },
  },
  {
    name: "transport_orig_p",
    type: "port",
    meaning: "port of the originator, where Zeek knows none",
    present: `${UNKNOWN} and the transport has ports`,
    schema: PORT,
    write({ view }, out) {
      if (!isKnownToZeek(view) && view.hasPorts) out.integer(view.sourcePort);
    },
  },
  {
    name: "transport_resp_p",
    type: "port",
    meaning: "port of the responder, where Zeek knows none",
    present: `${UNKNOWN} and the transport has ports`,
    schema: PORT,
    write({ view }, out) {
      if (!isKnownToZeek(view) && view.hasPorts) out.integer(view.destinationPort);
    },
  },
  {
    name: "end_reason",
    type: "string",
    meaning: "why the record was written",
    present: ALWAYS,
    values: EndReasonName.filter((name) => name !== ""),
    write: ({ view }, out) => out.text(EndReasonName[view.endReason]!),
  },
];
