import { ByteWriter, textBytes } from "../../core/byte-writer.ts";
import { isConnection } from "../../flow/zeek-counts.ts";
import type { FlowRecord, Sink, SinkOptions } from "../sink.ts";
import type { ZeekColumn, ZeekType } from "./zeek-column.ts";
import { ZEEK_COLUMNS } from "./zeek-columns.ts";

const OPEN = 123;
const QUOTE = 34;
const CLOSE = textBytes("}\n");

/** Types whose values are JSON numbers or literals as they stand. */
const BARE: ReadonlySet<ZeekType> = new Set(["time", "port", "interval", "count", "bool"]);
/** Of these, the ones that Zeek writes with a decimal point whatever they are: readers tell types by it. */
const DECIMAL: ReadonlySet<ZeekType> = new Set(["time", "interval"]);
const POINT = 46;
const ZERO = 48;

/** Writes one member with the comma before it; nothing when it is unset. */
type MemberWriter = (record: FlowRecord, out: ByteWriter) => void;

/**
 * Zeek's conn.log in JSON, one object a line: literal dotted keys, times in seconds since 1970, what is
 * unset left out. Zeek's columns come first, portflow's additions behind.
 */
export function newZeekJsonSink(options: SinkOptions): Sink {
  const members = ZEEK_COLUMNS.map((column, i) => {
    const key = textBytes(`${i === 0 ? "" : ","}"${column.name}":`);
    const isPlain = column.isFreeText !== true && column.type !== "set[string]";
    return isPlain ? plainMember(column, key, options) : awkwardMember(column, key, options);
  });
  return {
    begin() {},
    write(record, out) {
      if (!isConnection(record.view)) return;
      record.view.turnToZeek();
      out.byte(OPEN);
      for (let i = 0; i < members.length; i += 1) members[i]!(record, out);
      out.raw(CLOSE);
      record.view.turnBack();
    },
    recordsOf: (view) => (isConnection(view) ? 1 : 0),
    end() {},
  };
}

/** What needs no escapes goes out as it is. */
function plainMember(column: ZeekColumn, key: Uint8Array, options: SinkOptions): MemberWriter {
  const isBare = BARE.has(column.type);
  const isDecimal = DECIMAL.has(column.type);
  return (record, out) => {
    const start = out.length;
    out.raw(key);
    if (!isBare) out.byte(QUOTE);
    const value = out.length;
    column.write(record, out, options);
    if (out.length === value) out.length = start;
    else if (!isBare) out.byte(QUOTE);
    else if (isDecimal) addPoint(out, value);
  };
}

/** `7` becomes `7.0`. @param start - where the number begins */
function addPoint(out: ByteWriter, start: number): void {
  for (let i = start; i < out.length; i += 1) if (out.bytes[i] === POINT) return;
  out.byte(POINT);
  out.byte(ZERO);
}

/** Free text, and sets, whose items become an array. */
function awkwardMember(column: ZeekColumn, key: Uint8Array, options: SinkOptions): MemberWriter {
  const isSet = column.type === "set[string]";
  const scratch = new ByteWriter(256);
  return (record, out) => {
    scratch.length = 0;
    column.write(record, scratch, options);
    if (scratch.length === 0) return;
    const text = scratch.toString();
    out.raw(key);
    if (isSet) out.text(JSON.stringify(text.split(",")));
    else out.jsonString(text);
  };
}
