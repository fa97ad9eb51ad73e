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
      readonly ends: readonly [QueryEnd, QueryEnd];
    };

const ID_PREFIX = /^[0-9a-f]{6,20}$/;
const COMMUNITY_ID = /^1:[A-Za-z0-9+/]{27}=$/;
/** Words that people use for protocols, besides IANA's. */
const OTHER_WORDS: ReadonlyMap<string, number> = new Map([
  ["icmp6", 58],
  ["icmpv6", 58],
  ["udp-lite", 136],
]);

/**
 * Reads what `--flow` takes: an id or its beginning, a Community ID, or a tuple in either direction,
 * `tcp 10.0.0.1:51110 10.0.0.2:443` or `10.0.0.1:51110-10.0.0.2:443/tcp`; ports and protocol may be
 * left out.
 * @throws UsageError when it is none of these
 */
export function parseFlowQuery(text: string): FlowQuery {
  const trimmed = text.trim();
  if (ID_PREFIX.test(trimmed)) return { kind: "id", prefix: trimmed };
  if (COMMUNITY_ID.test(trimmed)) return { kind: "community-id", id: trimmed };
  const tuple = parseTuple(trimmed);
  if (tuple !== undefined) return tuple;
  throw new UsageError(
    "PF_FLOW_QUERY",
    `--flow ${JSON.stringify(text)}: neither id, Community ID nor tuple; write "tcp 10.0.0.1:51110 10.0.0.2:443"`,
  );
}

/** Whether a record is one of those that are asked for. */
export function matchesQuery(query: FlowQuery, record: FlowRecordJson): boolean {
  if (query.kind === "id") return record.id.startsWith(query.prefix);
  if (query.kind === "community-id") return record.community_id === query.id;
  if (query.protocol !== undefined && query.protocol !== record.ip_proto) return false;
  const [a, b] = query.ends;
  const { src, dst } = record;
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

function parseTuple(text: string): FlowQuery | undefined {
  const [, body = text, behind] = /^(.*)\/([\w.+-]+)$/.exec(text) ?? [];
  const words = body
    .split(/[\s,]+|(?:<->|->|-(?=[[\d:]|[a-f]))/i)
    .filter((word) => word !== "" && word !== ">" && word !== "-");
  const before = words.length === 3 ? words.shift() : undefined;
  if (before !== undefined && behind !== undefined) return undefined;
  const protocolWord = before ?? behind;
  const protocol = protocolWord === undefined ? undefined : protocolOf(protocolWord);
  if (protocolWord !== undefined && protocol === undefined) return undefined;
  const [a, b] = words.map(parseEnd);
  if (words.length !== 2 || a === undefined || b === undefined) return undefined;
  if (a.address.ipVersion !== b.address.ipVersion) return undefined;
  return { kind: "tuple", protocol, ends: [a, b] };
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

/** `10.0.0.1`, `10.0.0.1:80`, `[2001:db8::1]:80`, `2001:db8::1`. */
function parseEnd(text: string): QueryEnd | undefined {
  const [, inBrackets, portBehind] = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? [];
  const [, dotted, port] = /^([\d.]+):(\d{1,5})$/.exec(text) ?? [];
  const address = parseNetwork(inBrackets ?? dotted ?? text);
  const portText = inBrackets === undefined ? port : portBehind;
  if (address === undefined || text.includes("/") || Number(portText ?? 0) > 65535)
    return undefined;
  return { address, port: portText === undefined ? undefined : Number(portText) };
}
