import type { ByteWriter } from "../../core/byte-writer.ts";
import { SourceName } from "../../service/claim.ts";
import type { ServiceEntry } from "../../service/service-entry.ts";
import {
  ConfidenceName,
  PortStatusName,
  ReasonName,
  SideName,
  StatusName,
} from "../../service/tag.ts";
import { ALWAYS, type Field, PORT } from "./field.ts";

const NAMED = "the flow has a name";
const CHOSEN = "one port of the two was chosen";
const STATUSES = StatusName.filter((name) => name !== "");
const SEMICOLON = 59;
const SLASH = 47;

/** A text of the entry. */
function entryField(
  field: Omit<Field, "type" | "write">,
  textOf: (entry: ServiceEntry) => string | undefined,
  needsName: boolean,
): Field {
  return {
    ...field,
    type: "string",
    write({ entry, tag }, out) {
      if (entry === undefined || (needsName && tag.named === 0)) return;
      const text = textOf(entry);
      if (text !== undefined) out.text(text);
    },
  };
}

/** The tag: which registered service the flow's port belongs to, and what that rests on. */
export const serviceFields: readonly Field[] = [
  entryField(
    {
      path: "service.name",
      meaning: "familiar keyword of the service registered for the port",
      present: NAMED,
      isFreeText: true,
      schema: { minLength: 1 },
    },
    (entry) => entry.name,
    true,
  ),
  {
    path: "service.port",
    type: "integer",
    meaning: "port that the tag is about",
    present: CHOSEN,
    schema: PORT,
    write({ tag }, out) {
      if (tag.port >= 0) out.integer(tag.port);
    },
  },
  {
    path: "service.side",
    type: "string",
    meaning: "endpoint whose port that is",
    values: SideName.filter((name) => name !== ""),
    present: CHOSEN,
    write({ tag }, out) {
      if (tag.port >= 0) out.text(SideName[tag.side]!);
    },
  },
  entryField(
    {
      path: "service.description",
      meaning: "the service in words",
      present: "the flow has a name and a registry describes it",
      isFreeText: true,
      schema: { minLength: 1 },
    },
    (entry) => entry.description,
    true,
  ),
  entryField(
    {
      path: "service.status",
      meaning:
        "standing of the name: assigned by IANA, in use without that, both, or the user's own",
      values: STATUSES,
      present: NAMED,
    },
    (entry) => entry.status,
    true,
  ),
  entryField(
    {
      path: "service.source",
      meaning: "registry that the status rests on",
      values: SourceName,
      present: NAMED,
    },
    (entry) => entry.source,
    true,
  ),
  {
    path: "service.confidence",
    type: "string",
    meaning: "how sure the name is; none without a name",
    values: ConfidenceName,
    present: ALWAYS,
    write: ({ tag }, out) => out.text(ConfidenceName[tag.confidence]!),
  },
  {
    path: "service.reason",
    type: "string",
    meaning: "why the port was chosen, or why there is no name",
    values: ReasonName,
    present: ALWAYS,
    write: ({ tag }, out) => out.text(ReasonName[tag.reason]!),
  },
  {
    path: "service.candidates",
    type: "list",
    meaning:
      "every other service claiming port and transport, best first, each with name, status and source; flat: name/status/source, joined by semicolons",
    present: "there are any",
    isFreeText: true,
    schema: {
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["name", "status", "source"],
        properties: {
          name: { type: "string", minLength: 1 },
          status: { enum: STATUSES },
          source: { enum: SourceName },
        },
      },
    },
    write({ entry }, out) {
      if (entry === undefined) return;
      for (let i = 0; i < entry.candidates.length; i += 1) {
        const { name, status, source } = entry.candidates[i]!;
        if (i > 0) out.byte(SEMICOLON);
        writeItem(name, out);
        out.byte(SLASH);
        out.text(status);
        out.byte(SLASH);
        out.text(source);
      }
    },
  },
  entryField(
    {
      path: "service.registered_name",
      meaning: "the registry's own word for the service",
      present: "it differs from the name",
      isFreeText: true,
      schema: { minLength: 1 },
    },
    (entry) => entry.registeredName,
    false,
  ),
  {
    path: "service.aliases",
    type: "list",
    meaning: "other words for the service; flat: joined by semicolons",
    present: "there are any",
    isFreeText: true,
    schema: { minItems: 1, items: { type: "string", minLength: 1 } },
    write({ entry }, out) {
      if (entry === undefined) return;
      for (let i = 0; i < entry.aliases.length; i += 1) {
        if (i > 0) out.byte(SEMICOLON);
        writeItem(entry.aliases[i]!, out);
      }
    },
  },
  entryField(
    {
      path: "service.port_status",
      meaning: "what the registry says of the bare port",
      values: PortStatusName,
      present: "a port was chosen, or there is nothing but claims on wide ranges",
    },
    (entry) => entry.portStatus,
    false,
  ),
  entryField(
    {
      path: "service.source_date",
      unit: "YYYY-MM-DD",
      meaning: "date of that source",
      present: "the source has one",
      schema: { pattern: "^\\d{4}-\\d\\d-\\d\\d$" },
    },
    (entry) => entry.sourceDate,
    false,
  ),
  entryField(
    {
      path: "service.hint",
      meaning: "the port's name for another transport, in words",
      present: "this transport has no name for the port and another one has",
      isFreeText: true,
      schema: { minLength: 1 },
    },
    (entry) => entry.hint,
    false,
  ),
];

/** A word of a flat list; what separates words is escaped, so that lists can be taken apart again. */
function writeItem(word: string, out: ByteWriter): void {
  out.text(/[;\\]/.test(word) ? word.replace(/[;\\]/g, "\\$&") : word);
}
