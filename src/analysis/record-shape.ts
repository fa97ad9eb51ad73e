import { isAddress } from "../service/network.ts";

/** What a value has to be. */
type Check = { readonly what: string; readonly holds: (value: unknown) => boolean };
/** A check of its own, or an object of such members; `?` behind the names of optional ones. */
type Shape = Check | { readonly [name: string]: Shape };
/** The same taken apart once: millions of records are looked at. */
type Rule = Check | readonly Member[];
type Member = { readonly name: string; readonly isOptional: boolean; readonly rule: Rule };

/** Of larger numbers not every one can be told apart, and sums of them have no end. */
const MOST = Number.MAX_SAFE_INTEGER;

const TEXT: Check = { what: "text", holds: (value) => typeof value === "string" };
const COUNT: Check = { what: "count", holds: (value) => isWhole(value, MOST) };
const SECONDS: Check = {
  what: "number of seconds",
  holds: (value) => typeof value === "number" && value >= 0 && value <= MOST,
};
const PORT: Check = { what: "port", holds: (value) => isWhole(value, 65_535) };
const OCTET: Check = { what: "octet", holds: (value) => isWhole(value, 255) };
/** As records have it: UTC with nine digits of a second, so that times can be compared as texts. */
const UTC =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{9}Z$/;
const TIME: Check = {
  what: "time in UTC with nine digits of a second",
  holds: (value) => typeof value === "string" && UTC.test(value),
};
const ADDRESS: Check = {
  what: "address",
  holds: (value) => typeof value === "string" && isAddress(value),
};
const LIST: Check = { what: "list", holds: (value) => Array.isArray(value) };

const END: Shape = {
  ip: ADDRESS,
  "port?": PORT,
  packets: COUNT,
  bytes: COUNT,
  ip_bytes: COUNT,
  payload_bytes: COUNT,
};

/** What the analyses read of a flow record. @see schema/FIELDS.md */
const RECORD: Shape = {
  id: TEXT,
  community_id: TEXT,
  start: TIME,
  end: TIME,
  duration: SECONDS,
  transport: TEXT,
  ip_proto: OCTET,
  src: END,
  dst: END,
  "interface?": TEXT,
  "vlan?": LIST,
  "tunnel?": LIST,
  "icmp?": { type: OCTET, code: OCTET },
  direction: { certainty: TEXT, reason: TEXT },
  service: {
    "name?": TEXT,
    "port?": PORT,
    "side?": TEXT,
    "status?": TEXT,
    "source?": TEXT,
    confidence: TEXT,
    reason: TEXT,
    "source_date?": TEXT,
    "hint?": TEXT,
  },
  "tcp?": {
    state: TEXT,
    history: TEXT,
    flags: { src: TEXT, dst: TEXT },
    retransmits: { src: COUNT, dst: COUNT },
    out_of_order: { src: COUNT, dst: COUNT },
    missed_bytes: COUNT,
    "handshake_rtt?": SECONDS,
  },
  "fragments?": COUNT,
  end_reason: TEXT,
  "part?": COUNT,
};

const RULE: Rule = ruleOf(RECORD);
const NO_RECORD = "a record of something else";

/**
 * Whether a line of a log is a flow record that can be counted on.
 * @returns undefined when it is; else what is wrong with it
 */
export function recordComplaint(value: unknown): string | undefined {
  if (!isObject(value)) return NO_RECORD;
  if (value["type"] !== "flow" || value["schema"] !== "portflow.flow/1") return NO_RECORD;
  const complaint = complaintOf(RULE, value);
  return complaint === undefined ? undefined : `a flow record whose ${complaint}`;
}

/** @returns what is wrong: the path of a member below `value`, if any, and what that is not */
function complaintOf(rule: Rule, value: unknown): string | undefined {
  if (!isMembers(rule)) return rule.holds(value) ? undefined : wrong(value, rule.what);
  if (!isObject(value)) return wrong(value, "object");
  for (let i = 0; i < rule.length; i += 1) {
    const { name, isOptional, rule: inner } = rule[i]!;
    const member = value[name];
    if (isOptional && member === undefined) continue;
    const complaint = complaintOf(inner, member);
    if (complaint !== undefined) return joined(name, complaint);
  }
  return undefined;
}

function wrong(value: unknown, what: string): string {
  return ` is ${value === undefined ? "missing" : `no ${what}`}`;
}

function joined(name: string, complaint: string): string {
  return complaint.startsWith(" ") ? `${name}${complaint}` : `${name}.${complaint}`;
}

function ruleOf(shape: Shape): Rule {
  if (isCheck(shape)) return shape;
  return Object.entries(shape).map(([key, inner]) => ({
    name: key.replace("?", ""),
    isOptional: key.endsWith("?"),
    rule: ruleOf(inner),
  }));
}

function isCheck(shape: Shape): shape is Check {
  return typeof shape["holds"] === "function";
}

function isMembers(rule: Rule): rule is readonly Member[] {
  return Array.isArray(rule);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, most: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;
}
