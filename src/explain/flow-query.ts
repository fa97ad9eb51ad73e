import { UsageError } from "../core/errors.ts";
import type { FlowView } from "../flow/flow-view.ts";
import { COMMUNITY_ID_LENGTH, communityId } from "../flow/id/community-id.ts";
import { flowIdWords, ID_WORDS } from "../flow/id/flow-id.ts";
import { contains, type Network, parseNetwork } from "../service/network.ts";
import { showsPorts } from "../sink/flow-text.ts";
import { ipProtocolName } from "../wire/ip-protocol.ts";

/** An id or its beginning. */
type IdQuery = {
  readonly kind: "id";
  /** The id's words, and the bits of them that are asked for. */
  readonly words: Int32Array;
  readonly mask: Int32Array;
};

type CommunityIdQuery = {
  readonly kind: "community-id";
  /** All characters of it. */
  readonly text: Buffer;
};

/** One end of the flows that are asked for. */
type QueryEnd = { readonly address: Network; readonly port: number | undefined };

type TupleQuery = {
  readonly kind: "tuple";
  readonly protocol: number | undefined;
  /** Both ends, or the one that is known. */
  readonly ends: readonly [QueryEnd, QueryEnd?];
};

/** Which flows are asked for. */
export type FlowQuery = IdQuery | CommunityIdQuery | TupleQuery;

/** That of the records that `read` writes without being told another. */
const COMMUNITY_ID_SEED = 0;
const ID_DIGITS = 20;
const ID_PREFIX = /^[0-9a-f]{6,20}$/i;
const COMMUNITY_ID = /^1:[A-Za-z0-9+/]{27}=$/;
/** Words that people use for protocols, besides IANA's. */
const OTHER_WORDS: ReadonlyMap<string, number> = new Map([
  ["icmp6", 58],
  ["icmpv6", 58],
  ["udp-lite", 136],
]);

/** The Community ID of the flow that is looked at. */
const own = Buffer.alloc(COMMUNITY_ID_LENGTH);
const ownText = new DataView(own.buffer, own.byteOffset, own.length);

/**
 * Reads what `--flow` takes: an id or its beginning, a Community ID, or a tuple in either direction,
 * `tcp 10.0.0.1:51110 10.0.0.2:443`, `10.0.0.1:51110-10.0.0.2:443/tcp`, or as tables, tcpdump and
 * conn.log write it; ports, protocol and one of the ends may be left out.
 * @throws UsageError when it is none of these
 */
export function parseFlowQuery(text: string): FlowQuery {
  const trimmed = text.trim();
  if (ID_PREFIX.test(trimmed)) return idQuery(trimmed);
  if (COMMUNITY_ID.test(trimmed)) {
    return { kind: "community-id", text: Buffer.from(trimmed, "latin1") };
  }
  const tuple = parseTuple(trimmed);
  if (typeof tuple !== "string") return tuple;
  throw new UsageError(
    "PF_FLOW_QUERY",
    `--flow ${JSON.stringify(text)}: ${tuple}; write "tcp 10.0.0.1:51110 10.0.0.2:443"`,
  );
}

function idQuery(digits: string): IdQuery {
  const words = flowIdWords(digits.padEnd(ID_DIGITS, "0"));
  const mask = flowIdWords("f".repeat(digits.length).padEnd(ID_DIGITS, "0"));
  return { kind: "id", words, mask };
}

/** Whether no more is known of the flows than one of their ends, so that there may be many. */
export function isOneEnd(query: FlowQuery): boolean {
  return query.kind === "tuple" && query.ends.length === 1;
}

/** Whether an ended flow is one of those that are asked for; no record needs to be made of it for that. */
export function matchesQuery(query: FlowQuery, view: FlowView): boolean {
  if (query.kind === "id") return hasId(query, view);
  if (query.kind === "community-id") return hasCommunityId(query, view);
  if (query.protocol !== undefined && query.protocol !== view.protocol) return false;
  const [a, b] = query.ends;
  if (b === undefined) return isEnd(a, view, 0) || isEnd(a, view, 1);
  return (isEnd(a, view, 0) && isEnd(b, view, 1)) || (isEnd(a, view, 1) && isEnd(b, view, 0));
}

function hasId({ words, mask }: IdQuery, { id }: FlowView): boolean {
  for (let i = 0; i < ID_WORDS; i += 1) if (((id[i]! ^ words[i]!) & mask[i]!) !== 0) return false;
  return true;
}

function hasCommunityId({ text }: CommunityIdQuery, { words, row }: FlowView): boolean {
  communityId(words, row, COMMUNITY_ID_SEED, ownText, 0);
  return text.equals(own);
}

/** Whether an end of a flow, 0 the initiator's, is the one in question. */
function isEnd({ address, port }: QueryEnd, view: FlowView, end: number): boolean {
  if (port !== undefined) {
    if (!showsPorts(view)) return false;
    if (port !== (end === 0 ? view.sourcePort : view.destinationPort)) return false;
  }
  return contains(
    address,
    view.isIpv6 ? 6 : 4,
    view.addressWord(end, 0),
    view.addressWord(end, 1),
    view.addressWord(end, 2),
    view.addressWord(end, 3),
  );
}

/** @returns what is wrong with it when it is no tuple */
function parseTuple(text: string): FlowQuery | string {
  const { words, protocolWord } = wordsOf(text);
  const protocol = protocolWord === undefined ? undefined : protocolOf(protocolWord);
  const ends = words.length === 4 ? [endOf(words, 0), endOf(words, 2)] : words;
  const [a, b] = ends.map(parseEnd);
  const isTuple = ends.length === 2 || (ends.length === 1 && a !== undefined);
  if (!isTuple) return "neither id, Community ID nor tuple";
  if (a === undefined || (b === undefined && ends.length === 2)) {
    return `${JSON.stringify(a === undefined ? ends[0] : ends[1])} is no address with the number of a port`;
  }
  if (protocolWord !== undefined && protocol === undefined) {
    return `${JSON.stringify(protocolWord)} is no protocol`;
  }
  if (b === undefined) {
    if (/\/\d+$/.test(text)) return `${JSON.stringify(text)} is a network and no end of a flow`;
    return { kind: "tuple", protocol, ends: [a] };
  }
  if (a.address.ipVersion !== b.address.ipVersion) return "one end is IPv4, the other IPv6";
  return { kind: "tuple", protocol, ends: [a, b] };
}

/** The words of the ends, and the one for the protocol, which stands before or behind them. */
function wordsOf(text: string): { words: string[]; protocolWord: string | undefined } {
  const [, body = text, behind] = /^(.*)\/([\w.+-]+)$/.exec(text) ?? [];
  const words = body.split(SEPARATOR).filter((word) => word !== "");
  if (behind !== undefined) return { words, protocolWord: behind };
  // Logs have the protocol behind the ends, and ports in columns of their own.
  const isApart =
    words.length === 2 ? words.some(isWord) : words.length > 1 && words.length % 2 === 1;
  if (!isApart) return { words, protocolWord: undefined };
  const protocolWord = parseEnd(words[0]!) === undefined ? words.shift() : words.pop();
  return { words, protocolWord };
}

/** Whether a word can name a protocol, and no end. */
function isWord(text: string): boolean {
  return protocolOf(text) !== undefined && parseEnd(text) === undefined;
}

/** Blanks, commas, and the arrows of our table, of tcpdump and others; a dash in front of an address. */
const SEPARATOR = /(?:[\s,>\u2192\u2194]|<?[-~]>|<>|\?>)+|-(?=[[\d:]|[a-f])/i;

/** An address and a port that stand apart, as one. */
function endOf(words: readonly string[], at: number): string {
  const [address = "", port = ""] = words.slice(at, at + 2);
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function protocolOf(word: string): number | undefined {
  const lower = word.toLowerCase();
  if (/^\d{1,3}$/.test(lower)) return Number(lower) < 256 ? Number(lower) : undefined;
  const other = OTHER_WORDS.get(lower);
  if (other !== undefined) return other;
  for (let number = 0; number < 256; number += 1) {
    if (ipProtocolName(number) === lower) return number;
  }
  return undefined;
}

/** `10.0.0.1`, `10.0.0.1:80`, `[2001:db8::1]:80`, `2001:db8::1`, and tcpdump's `10.0.0.1.80`, `2001:db8::1.80`. */
function parseEnd(text: string): QueryEnd | undefined {
  for (const form of END_FORMS) {
    const [, ip = "", port] = form.exec(text) ?? [];
    const address = ip.includes("/") ? undefined : parseNetwork(ip);
    if (address === undefined || Number(port ?? 0) > 65535) continue;
    return { address, port: port === undefined ? undefined : Number(port) };
  }
  return undefined;
}

const END_FORMS: readonly RegExp[] = [
  /^([^\]]+)$/,
  /^\[([^\]]+)\](?::(\d{1,5}))?$/,
  /^([\d.]+):(\d{1,5})$/,
  /^(\d+\.\d+\.\d+\.\d+)\.(\d{1,5})$/,
  /^([\da-f:]+)\.(\d{1,5})$/i,
];
