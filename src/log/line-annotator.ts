import type { ByteWriter } from "../core/byte-writer.ts";
import type { Registry } from "../service/registry.ts";
import { JsonOctet, skipBlanks } from "./json-grammar.ts";
import { JsonMembers } from "./json-members.ts";
import { LineOutcome, LogFormat } from "./line-outcome.ts";
import { annotateEve, isEve } from "./log-eve.ts";
import { MEMBER_PATHS } from "./log-members.ts";
import { annotatePortflow, isPortflow } from "./log-portflow.ts";
import { LogTagger } from "./log-tagger.ts";
import { annotateZeekJson, isZeekConnection } from "./log-zeek-json.ts";
import { isZeekHeader, ZeekTsv } from "./log-zeek-tsv.ts";

const CARRIAGE_RETURN = 13;

/**
 * Tags the lines of one log. Every line says by itself what it is, so logs of several kinds may be
 * mixed; only Zeek's text format depends on the header before.
 */
export class LineAnnotator {
  /** What is wrong with the line that was malformed. */
  complaint = "";
  /** `LogFormat` of the line that was a flow. */
  format: LogFormat = LogFormat.Portflow;
  /** Whether that flow has a name now. */
  isNamed = false;
  private readonly members = new JsonMembers(MEMBER_PATHS);
  private readonly tagger: LogTagger;
  private table = new ZeekTsv();

  constructor(registry: Registry) {
    this.tagger = new LogTagger(registry);
  }

  /** Forgets the headers of the log before. */
  restart(): void {
    this.table = new ZeekTsv();
  }

  /**
   * Tags a line and writes it, without its end. Whatever is not to be changed is not written: then
   * `out` is as it was, and the line is to be copied.
   */
  annotate(bytes: Uint8Array, start: number, end: number, out: ByteWriter): LineOutcome {
    const first = skipBlanks(bytes, start, end);
    if (first === end) return LineOutcome.Other;
    if (bytes[first] === JsonOctet.OpenObject) {
      return this.settle(this.annotateJson(bytes, start, end, out));
    }
    // Of CRLF the CR is not the last column's.
    const last = bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    const written = out.length;
    let outcome: LineOutcome;
    if (isZeekHeader(bytes, start, last)) {
      this.table.header(bytes, start, last, out);
      outcome = LineOutcome.Header;
    } else if (this.table.isOpen) {
      this.format = LogFormat.ZeekTsv;
      outcome = this.settle(this.table.row(bytes, start, last, this.tagger, out));
    } else {
      outcome = this.settle("neither a JSON object nor below a Zeek header");
    }
    if (last < end && out.length > written) out.byte(CARRIAGE_RETURN);
    return outcome;
  }

  private annotateJson(
    bytes: Uint8Array,
    start: number,
    end: number,
    out: ByteWriter,
  ): LineOutcome | string {
    const { members, tagger } = this;
    if (!members.scan(bytes, start, end)) {
      return `no JSON from column ${members.failedAt - start + 1} on`;
    }
    if (isPortflow(members)) {
      this.format = LogFormat.Portflow;
      return annotatePortflow(members, tagger, start, end, out);
    }
    if (isEve(members)) {
      this.format = LogFormat.Eve;
      return annotateEve(members, tagger, start, end, out);
    }
    if (!isZeekConnection(members)) return LineOutcome.Other;
    this.format = LogFormat.ZeekJson;
    return annotateZeekJson(members, tagger, start, end, out);
  }

  private settle(result: LineOutcome | string): LineOutcome {
    if (typeof result === "string") {
      this.complaint = result;
      return LineOutcome.Malformed;
    }
    this.isNamed = this.tagger.tag.named !== 0;
    return result;
  }
}
