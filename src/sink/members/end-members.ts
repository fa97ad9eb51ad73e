import type { ByteWriter } from "../../core/byte-writer.ts";
import { type Fragment, fragment } from "../../core/fragment.ts";
import { EndReason, EndReasonName, IpfixEndReason } from "../../flow/ending/end-reason.ts";
import type { PacketComment } from "../../flow/row/flow-extra.ts";
import type { FlowRecord } from "../sink.ts";

const FRAGMENTS = fragment(',"fragments":');
/** Why a flow ended, in two members, by code. */
export const END_REASONS: readonly Fragment[] = EndReasonName.map((name, code) =>
  fragment(`,"end_reason":"${name}","flow_end_reason":${IpfixEndReason[code]}`),
);

/** Writes what portflow's own records end with: fragments, comments, why it ended, which part it is. */
export function writeEndMembers(record: FlowRecord, out: ByteWriter): void {
  const view = record.view;
  const extra = view.extra;
  if (extra !== undefined && extra.fragments > 0) {
    out.put(FRAGMENTS);
    out.integer(extra.fragments);
  }
  if (extra !== undefined && extra.comments.length > 0) writeComments(extra.comments, out);
  out.put(END_REASONS[view.endReason]!);
  const isContinued = view.endReason === EndReason.Active;
  if (isContinued || (extra !== undefined && extra.part > 1)) {
    out.text(`,"part":${extra?.part ?? 1}`);
    if (extra !== undefined && extra.previousId !== "") {
      out.text(`,"previous_id":"${extra.previousId}"`);
    }
    if (isContinued) out.text(',"more":true');
  }
}

function writeComments(comments: readonly PacketComment[], out: ByteWriter): void {
  out.text(',"comments":[');
  comments.forEach(({ packet, text }, i) => {
    out.text(`${i === 0 ? "" : ","}{"packet":${packet},"text":`);
    out.jsonString(text);
    out.text("}");
  });
  out.text("]");
}
