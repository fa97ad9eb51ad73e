import type { ByteWriter } from "../../core/byte-writer.ts";
import { hasQuote } from "../../flow/id/icmp-quote.ts";
import { quoteFields } from "../fields/quote-fields.ts";
import { icmpCode, icmpType } from "../flow-text.ts";
import type { FlowRecord, SinkOptions } from "../sink.ts";

const QUOTE = 34;
const CLOSE = 125;
const QUOTED = "icmp.quoted.";

/** The member `icmp` of a record's JSON, with its comma. Rare: it is written from the catalogue. */
export function writeIcmpObject(record: FlowRecord, out: ByteWriter, options: SinkOptions): void {
  const { view } = record;
  out.text(`,"icmp":{"type":${icmpType(view)},"code":${icmpCode(view)}`);
  if (hasQuote(view.words, view.row)) {
    let opening = ',"quoted":{';
    for (const field of quoteFields) {
      const start = out.length;
      const isText = field.type === "string";
      out.text(`${opening}"${field.path.slice(QUOTED.length)}":${isText ? '"' : ""}`);
      const empty = out.length;
      field.write(record, out, options);
      if (out.length === empty) {
        out.length = start;
        continue;
      }
      if (isText) out.byte(QUOTE);
      opening = ",";
    }
    out.byte(CLOSE);
  }
  out.byte(CLOSE);
}
