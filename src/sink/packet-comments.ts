import { ByteWriter, textBytes } from "../core/byte-writer.ts";
import type { Field } from "./fields/field.ts";
import { FIELDS } from "./fields/fields.ts";
import type { Sink, SinkOptions } from "./sink.ts";

/** What comments of ours begin with, in octets. */
export const COMMENT_MARK: Uint8Array = textBytes("portflow: ");

/** Paths of the fields in a comment, in its order: what the flow is, on whose word, who talks, how it went. */
const COMMENT_PATHS: readonly string[] = [
  "service.name",
  "service.confidence",
  "service.reason",
  "service.port",
  "service.side",
  "service.status",
  "service.source",
  "service.candidates",
  "service.registered_name",
  "service.port_status",
  "transport",
  "src.ip",
  "src.port",
  "dst.ip",
  "dst.port",
  "direction.certainty",
  "direction.reason",
  "src.packets",
  "src.bytes",
  "dst.packets",
  "dst.bytes",
  "duration",
  "tcp.state",
  "tcp.history",
  "end_reason",
  "id",
  "community_id",
];

const PARTS = COMMENT_PATHS.map((path) => ({ field: fieldAt(path), label: textBytes(`${path}=`) }));
const SPACE = 32;
const QUOTE = 34;
/** Octets of a comment at most; pcapng's options have no room for more than 65,535. */
const MOST_OCTETS = 4096;

/**
 * Comments for the first packet of each flow: `portflow: service.name=quic service.confidence=medium ...`, fields
 * of the flow record by their paths, those left out that the record lacks. A value with spaces stands in quotes.
 * @param onComment - told of each comment: the packet's number in its capture, and the octets written for it
 */
export function newPacketCommentSink(
  options: SinkOptions,
  onComment: (packet: number, octets: number) => void,
): Sink {
  const value = new ByteWriter(256);
  return {
    begin() {},
    write(record, out) {
      const start = out.length;
      out.raw(COMMENT_MARK);
      for (let i = 0; i < PARTS.length; i += 1) {
        const { field, label } = PARTS[i]!;
        value.length = 0;
        field.write(record, value, options);
        const text = value.bytes.subarray(0, value.length);
        if (text.length === 0 || out.length - start + label.length + text.length > MOST_OCTETS) {
          continue;
        }
        if (out.length > start + COMMENT_MARK.length) out.byte(SPACE);
        out.raw(label);
        const isQuoted = text.some((octet) => octet <= SPACE);
        if (isQuoted) out.byte(QUOTE);
        out.raw(text);
        if (isQuoted) out.byte(QUOTE);
      }
      onComment(record.view.firstPacket, out.length - start);
    },
    end() {},
  };
}

function fieldAt(path: string): Field {
  const found = FIELDS.find((field) => field.path === path);
  if (found === undefined) throw new Error(`no field ${path}`);
  return found;
}
