import { Staged } from "../packet/staged-packet.ts";
import { IPV6_DESTINATION_OFFSET, ipv6Offset, Kind, QuoteRow, Row } from "../row/flow-row.ts";
import { ID_WORDS } from "./flow-id.ts";

const KEY_WORDS = QuoteRow.Id - QuoteRow.Kind;
const QUOTE_WORDS = KEY_WORDS + ID_WORDS;
/** Words of the largest row. */
const ROW_WORDS = 64;

/** Key and flow id of a quoted packet, as words in the order of `QuoteRow`. */
export function newQuote(): Int32Array {
  return new Int32Array(QUOTE_WORDS);
}

/** Reads the key of a staged quote; its flow is not known yet. */
export function readQuote(staged: Int32Array, at: number, quote: Int32Array): void {
  const kind = staged[at + Staged.Kind]!;
  quote.fill(0);
  quote[0] = kind;
  quote[QuoteRow.Ports - QuoteRow.Kind] = staged[at + Staged.Ports]!;
  quote[QuoteRow.Source - QuoteRow.Kind] = staged[at + Staged.Source]!;
  quote[QuoteRow.Destination - QuoteRow.Kind] = staged[at + Staged.Destination]!;
  if ((kind & Kind.Ipv6) === 0) return;
  for (let i = 0; i < 3; i += 1) {
    quote[QuoteRow.SourceHigh - QuoteRow.Kind + i] = staged[at + Staged.SourceHigh + i]!;
    quote[QuoteRow.DestinationHigh - QuoteRow.Kind + i] = staged[at + Staged.DestinationHigh + i]!;
  }
}

/** Says which flow the quoted packet belongs to. */
export function setQuotedId(quote: Int32Array, id: Int32Array): void {
  for (let i = 0; i < ID_WORDS; i += 1) quote[KEY_WORDS + i] = id[i]!;
}

/** Keeps the quote of an error in its flow's row: the first one; of others only how many there were. */
export function keepQuote(words: Int32Array, row: number, quote: Int32Array): void {
  if (words[row + QuoteRow.Kind] === 0) {
    for (let i = 0; i < QUOTE_WORDS; i += 1) words[row + QuoteRow.Kind + i] = quote[i]!;
    return;
  }
  for (let i = 0; i < KEY_WORDS; i += 1) {
    if (words[row + QuoteRow.Kind + i] === quote[i]) continue;
    words[row + QuoteRow.Others]! += 1;
    return;
  }
}

/** Whether a row has a quote. */
export function hasQuote(words: Int32Array, row: number): boolean {
  return (words[row + Row.Kind]! & Kind.OneWay) !== 0 && words[row + QuoteRow.Kind] !== 0;
}

/** A row of its own with the quoted packet's key, for what works on rows; its ends stay as quoted. */
export function quotedRow(words: Int32Array, row: number): Int32Array {
  const quoted = new Int32Array(ROW_WORDS);
  const kind = words[row + QuoteRow.Kind]!;
  quoted[Row.Kind] = kind;
  quoted[Row.Ports] = words[row + QuoteRow.Ports]!;
  quoted[Row.Source] = words[row + QuoteRow.Source]!;
  quoted[Row.Destination] = words[row + QuoteRow.Destination]!;
  if ((kind & Kind.Ipv6) === 0) return quoted;
  const base = ipv6Offset(kind);
  for (let i = 0; i < 3; i += 1) {
    quoted[base + i] = words[row + QuoteRow.SourceHigh + i]!;
    quoted[base + IPV6_DESTINATION_OFFSET + i] = words[row + QuoteRow.DestinationHigh + i]!;
  }
  return quoted;
}
