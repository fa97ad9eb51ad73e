import { newNdjsonSink } from "../sink/ndjson/ndjson.ts";
import type { Sink, SinkOptions } from "../sink/sink.ts";
import { newZeekJsonSink } from "../sink/zeek/zeek-json.ts";

/** What portflow would write of a flow into a conn.log; null where Zeek knows of no such connection. */
export type ZeekView = Readonly<Record<string, unknown>> | null;

/** A flow record with both: what it says itself, and what it says in Zeek's form. */
export type WithZeekView = { readonly zeek?: ZeekView };

/** The end of a record of either kind. */
const END = "}\n";

/** Writes NDJSON in which each record has its line of a conn.log in a member `zeek`. */
export function newZeekViewSink(options: SinkOptions): Sink {
  const own = newNdjsonSink(options);
  const zeek = newZeekJsonSink(options);
  return {
    begin() {},
    write(record, out) {
      own.write(record, out);
      out.length -= END.length;
      out.text(',"zeek":');
      const start = out.length;
      zeek.write(record, out);
      if (out.length === start) out.text("null");
      else out.length -= 1;
      out.text(END);
    },
    end() {},
  };
}
