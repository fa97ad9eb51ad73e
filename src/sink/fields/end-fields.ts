import { EndReason, EndReasonName, IpfixEndReason } from "../../flow/ending/end-reason.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { ALWAYS, type Field } from "./field.ts";

const SPLIT = "an active timeout split the flow";

/** A text in a list whose items semicolons part. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll(";", "\\;");
}

/** Whether the record is one part of several. */
function isPart(view: FlowView): boolean {
  return view.endReason === EndReason.Active || (view.extra !== undefined && view.extra.part > 1);
}

/** Why the record was written, and what it continues. */
export const endFields: readonly Field[] = [
  {
    path: "fragments",
    type: "integer",
    unit: "packets",
    meaning: "packets of the flow that were IP fragments",
    present: "there were any",
    schema: { minimum: 1 },
    write({ view }, out) {
      if (view.extra !== undefined && view.extra.fragments > 0) out.integer(view.extra.fragments);
    },
  },
  {
    path: "comments",
    type: "list",
    meaning:
      "comments that somebody left on packets of the flow, the first 32, each with the number of its packet in the capture and its text, of which the first 1,024 octets; flat: packet:text, joined by semicolons",
    present: "there are any, and --comments was given",
    isFreeText: true,
    schema: {
      minItems: 1,
      maxItems: 32,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["packet", "text"],
        properties: {
          packet: { type: "integer", minimum: 1 },
          text: { type: "string", minLength: 1 },
        },
      },
    },
    write({ view }, out) {
      const comments = view.extra?.comments ?? [];
      out.text(comments.map(({ packet, text }) => `${packet}:${escaped(text)}`).join(";"));
    },
  },
  {
    path: "end_reason",
    type: "string",
    meaning: "why the record was written",
    values: EndReasonName.filter((name) => name !== ""),
    present: ALWAYS,
    write: ({ view }, out) => out.text(EndReasonName[view.endReason]!),
  },
  {
    path: "flow_end_reason",
    type: "integer",
    unit: "IPFIX element 136",
    meaning: "the same: 1 idle, 2 active, 3 end detected, 4 forced end, 5 lack of resources",
    values: [1, 2, 3, 4, 5],
    present: ALWAYS,
    write: ({ view }, out) => out.integer(IpfixEndReason[view.endReason]!),
  },
  {
    path: "part",
    type: "integer",
    meaning: "number of this part of the flow, from 1; counts are the part's own",
    present: SPLIT,
    schema: { minimum: 1 },
    write({ view }, out) {
      if (isPart(view)) out.integer(view.extra?.part ?? 1);
    },
  },
  {
    path: "previous_id",
    type: "string",
    unit: "20 hexadecimal digits",
    meaning: "id of the part before",
    present: `${SPLIT}, from the second part on`,
    schema: { pattern: "^[0-9a-f]{20}$" },
    write({ view }, out) {
      if (isPart(view) && view.extra !== undefined) out.text(view.extra.previousId);
    },
  },
  {
    path: "more",
    type: "boolean",
    meaning: "another part follows",
    present: `${SPLIT}, in all parts but the last`,
    schema: { const: true },
    write({ view }, out) {
      if (view.endReason === EndReason.Active) out.text("true");
    },
  },
];
