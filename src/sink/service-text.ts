import type { ByteWriter } from "../core/byte-writer.ts";
import { type Fragment, fragment } from "../core/fragment.ts";
import type { ServiceEntry } from "../service/service-entry.ts";
import { ConfidenceName, ReasonName, SideName } from "../service/tag.ts";
import type { FlowRecord } from "./sink.ts";

/** The parts of a service object that are the same for every flow with this entry. */
type EncodedEntry = {
  /** Opening and name. */
  readonly head: Fragment;
  /** Description, status and source. */
  readonly middle: Fragment;
  /** Candidates and what else is known of the port; closes the object. */
  readonly tail: Fragment;
};

const NO_ENTRY: EncodedEntry = {
  head: fragment('"service":{'),
  middle: fragment(""),
  tail: fragment("}"),
};

const PORT = fragment('"port":');
const SIDES = SideName.map((name) => fragment(name === "" ? "" : `,"side":"${name}"`));
const REVERSED_SIDES = [SIDES[0]!, SIDES[2]!, SIDES[1]!, SIDES[3]!];
// Everything between side and candidates that depends on the flow: few combinations, made once.
const CERTAINTY = ConfidenceName.map((confidence) =>
  ReasonName.map((reason) => ({
    first: fragment(`"confidence":"${confidence}","reason":"${reason}"`),
    next: fragment(`,"confidence":"${confidence}","reason":"${reason}"`),
  })),
);
const COMMA = 44;

/** Writes the `service` object of a record; what belongs to the entry is encoded once and copied. */
export class ServiceText {
  private readonly encoded = new Map<ServiceEntry, EncodedEntry>();
  /** Octets by text: most ports have nothing to tell, and a scan meets them all. */
  private readonly shared = new Map<string, Fragment>();

  /**
   * Writes `"service":{...}`.
   * @param isReversed - the record's src is the responder, so `side` has to be turned
   */
  write(record: FlowRecord, out: ByteWriter, isReversed = false): void {
    const { tag, entry } = record;
    const parts = entry === undefined ? NO_ENTRY : this.partsOf(entry);
    const isNamed = tag.named !== 0;
    let isFirst = !isNamed;
    out.put(isNamed ? parts.head : NO_ENTRY.head);
    if (tag.port >= 0) {
      if (!isFirst) out.byte(COMMA);
      out.put(PORT);
      out.integer(tag.port);
      out.put((isReversed ? REVERSED_SIDES : SIDES)[tag.side]!);
      isFirst = false;
    }
    if (isNamed) out.put(parts.middle);
    const certainty = CERTAINTY[tag.confidence]![tag.reason]!;
    out.put(isFirst ? certainty.first : certainty.next);
    out.put(parts.tail);
  }

  private partsOf(entry: ServiceEntry): EncodedEntry {
    let parts = this.encoded.get(entry);
    if (parts === undefined) {
      parts = this.encode(entry);
      this.encoded.set(entry, parts);
    }
    return parts;
  }

  private encode(entry: ServiceEntry): EncodedEntry {
    return {
      head: this.octetsOf(`"service":{"name":${JSON.stringify(entry.name ?? "")}`),
      middle: this.octetsOf(
        member("description", entry.description) +
          member("status", entry.status) +
          member("source", entry.source),
      ),
      tail: this.octetsOf(
        `${
          member("candidates", entry.candidates) +
          member("registered_name", entry.registeredName) +
          member("aliases", entry.aliases) +
          member("port_status", entry.portStatus) +
          member("source_date", entry.sourceDate) +
          member("hint", entry.hint)
        }}`,
      ),
    };
  }

  private octetsOf(text: string): Fragment {
    let octets = this.shared.get(text);
    if (octets === undefined) {
      octets = fragment(text);
      this.shared.set(text, octets);
    }
    return octets;
  }
}

/** A member with its comma, or nothing for what is absent or empty. */
function member(name: string, value: string | readonly unknown[] | undefined): string {
  return value === undefined || value.length === 0 ? "" : `,"${name}":${JSON.stringify(value)}`;
}
