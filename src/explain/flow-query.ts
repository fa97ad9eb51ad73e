import { UsageError } from "../core/errors.ts";
import { type Network, parseNetwork } from "../service/network.ts";
import type { FlowRecordJson } from "../sink/flow-record.ts";
import { ipProtocolName } from "../wire/ip-protocol.ts";

/** One end of the flows that are asked for. */
type QueryEnd = { readonly address: Network; readonly port: number | undefined };

/** Which flows are asked for. */
export type FlowQuery =
  | { readonly kind: "id"; readonly prefix: string }
  | { readonly kind: "community-id"; readonly id: string }
  | {
      readonly kind: "tuple";
      readonly protocol: number | undefined;
      /** Both ends, or the one that is known. */
      readonly ends: readonly [QueryEnd, QueryEnd?];
    };

const ID_PREFIX = /^[0-9a-f]{6,20}$/i;
const COMMUNITY_ID = /^1:[A-Za-z0-9+/]{27}=$/;
/** Words that people use for protocols, besides IANA's. */
const OTHER_WORDS: ReadonlyMap<string, number> = new Map([
  ["icmp6", 58],
  ["icmpv6", 58],
  ["udp-lite", 136],
]);

/**
 * Reads what `--flow` takes: an id or its beginning, a Community ID, or a tuple in either direction,
 * `tcp 10.0.0.1:51110 10.0.0.2:443`, `10.0.0.1:51110-10.0.0.2:443/tcp`, or as tables, tcpdump and
 * conn.log write it; ports, protocol and one of the ends may be left out.
 * @throws UsageError when it is none of these
 */
export function parseFlowQuery(text: string): FlowQuery {
  const trimmed = text.trim();
  if (ID_PREFIX.test(trimmed)) return { kind: "id", prefix: trimmed.toLowerCase() };
  if (COMMUNITY_ID.test(trimmed)) return { kind: "community-id", id: trimmed };
  const tuple = parseTuple(trimmed);
  if (typeof tuple !== "string") return tuple;
  throw new UsageError(
    "PF_FLOW_QUERY",
    `--flow ${JSON.stringify(text)}: ${tuple}; write "tcp 10.0.0.1:51110 10.0.0.2:443"`,
  );
}

/** Whether no more is known of the flows than one of their ends, so that there may be many. */
export function isOneEnd(query: FlowQuery): boolean {
  return query.kind === "tuple" && query.ends.length === 1;
}

/** Whether a record is one of those that are asked for. */
export function matchesQuery(query: FlowQuery, record: FlowRecordJson): boolean {
  if (query.kind === "id") return record.id.startsWith(query.prefix);
  if (query.kind === "community-id") return record.community_id === query.id;
  if (query.protocol !== undefined && query.protocol !== record.ip_proto) return false;
  const [a, b] = query.ends;
  const { src, dst } = record;
  if (b === undefined) return isEnd(a, src) || isEnd(a, dst);
  return (isEnd(a, src) && isEnd(b, dst)) || (isEnd(a, dst) && isEnd(b, src));
}

function isEnd(
  end: QueryEnd,
  { ip, port }: { readonly ip: string; readonly port?: number },
): boolean {
  if (end.port !== undefined && end.port !== port) return false;
  const address = parseNetwork(ip);
  return (
    address !== undefined &&
    address.ipVersion === end.address.ipVersion &&
    address.word0 === end.address.word0 &&
    address.word1 === end.address.word1 &&
    address.word2 === end.address.word2 &&
    address.word3 === end.address.word3
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
