import { readFileSync } from "node:fs";
import { UsageError } from "../core/errors.ts";
import { reasonOf } from "../core/reason-of.ts";
import { type Claim, Rank, Source } from "./claim.ts";
import { type Network, parseNetwork } from "./network.ts";
import { type PortRange, parsePortRange } from "./table-file.ts";
import { EVERY_TRANSPORT, Transport, transportMask } from "./transport.ts";

/** One port rule of the user's own. */
export type UserRule = {
  readonly claim: Claim;
  /** The servers it holds for; undefined for all. */
  readonly network: Network | undefined;
  /** The network as written, "" for all servers. */
  readonly networkText: string;
};

/** A line that could not be used; `fatal` ones stop the program, others are remarks. */
export type RuleProblem = {
  readonly line: number;
  readonly message: string;
  readonly fatal: boolean;
};

/** A whole rules file. */
export type UserRules = {
  readonly rules: readonly UserRule[];
  readonly problems: readonly RuleProblem[];
};

/**
 * Read the user's rules file.
 * @throws UsageError when it can't be read
 */
export function readUserRules(path: string): UserRules {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error: unknown) {
    const message = `${path}: can't be read: ${reasonOf(error)}; give a file of port rules`;
    throw new UsageError("PF_SERVICES_FILE", message, error);
  }
  return parseUserRules(text);
}

/**
 * Parse port rules. Two syntaxes, freely mixed, `#` starts a comment:
 *
 *     8888/tcp        acme-rpc   10.0.0.0/8   Acme RPC on our own servers
 *     acme-rpc        8888/tcp   acme         # as in services(5)
 *
 * The first: port or range, `/` and transports (or a column of them; none means tcp and udp, `any`
 * all four), name, optionally the servers' address or CIDR (`-` for any), optionally a description.
 * The second is that of services(5), its comment being the description.
 */
export function parseUserRules(text: string): UserRules {
  const rules: UserRule[] = [];
  const problems: RuleProblem[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const [content, comment] = splitComment(lines[index]!);
    if (content === "") continue;
    const outcome = parseLine(content, comment, index + 1);
    if (typeof outcome !== "string") rules.push(outcome);
    else if (outcome === APPLETALK) {
      problems.push({ line: index + 1, message: outcome, fatal: false });
    } else problems.push({ line: index + 1, message: outcome, fatal: true });
  }
  return { rules, problems };
}

/** services(5) files of older systems still list AppleTalk's sockets, which IP never carries. */
const APPLETALK = "ddp is AppleTalk's, the line is skipped";

function splitComment(line: string): [content: string, comment: string] {
  const hash = /(^|\s)#/.exec(line);
  if (hash === null) return [line.trim(), ""];
  return [
    line.slice(0, hash.index).trim(),
    line
      .slice(hash.index)
      .replace(/^\s*#+\s*/, "")
      .trim(),
  ];
}

/** The rule of one line, or what is wrong with it. */
function parseLine(content: string, comment: string, line: number): UserRule | string {
  const words = content.split(/\s+/);
  const first = words[0]!;
  if (/^\d+(-\d*)?(\/|$)/.test(first)) return parseRule(content, words, line);
  if (/^\d/.test(words[1] ?? "")) return parseServicesLine(words, comment, line);
  return `${quoted(first)} is no port; write PORT/TRANSPORT NAME, or NAME PORT/TRANSPORT`;
}

function parseRule(content: string, words: readonly string[], line: number): UserRule | string {
  // Tabs keep a description with blanks together; without them words do.
  const cells = content.includes("\t") ? content.split(/\s*\t\s*/).filter(Boolean) : [...words];
  let place = cells.shift()!;
  if (!place.includes("/") && isTransportWord(cells[0] ?? "")) place += `/${cells.shift()}`;
  const target = parsePlace(place);
  if (typeof target === "string") return target;
  const name = cells.shift();
  if (name === undefined) return "the name is missing; write PORT/TRANSPORT NAME";
  const networkText = looksLikeNetwork(cells[0]) ? cells.shift()! : "-";
  const network = networkText === "-" ? undefined : parseNetwork(networkText);
  if (networkText !== "-" && network === undefined) {
    return `${quoted(networkText)} is no address or CIDR; write one such as 10.0.0.0/8, or -`;
  }
  const description = cells.filter((cell) => cell !== "-").join(" ");
  const complaint = nameComplaint(name);
  if (complaint !== undefined) return complaint;
  const shownNetwork = network === undefined ? "" : networkText;
  return {
    claim: claimOf(target, name, [], description, line),
    network,
    networkText: shownNetwork,
  };
}

function parseServicesLine(
  words: readonly string[],
  comment: string,
  line: number,
): UserRule | string {
  const [name = "", place = "", ...aliases] = words;
  if (place.endsWith("/ddp")) return APPLETALK;
  if (!place.includes("/"))
    return `${quoted(place)} lacks its transport; write ${quoted(`${place}/tcp`)}`;
  const target = parsePlace(place);
  if (typeof target === "string") return target;
  const complaint = [name, ...aliases].map(nameComplaint).find((found) => found !== undefined);
  if (complaint !== undefined) return complaint;
  const claim = claimOf(target, name, aliases, comment, line);
  return { claim, network: undefined, networkText: "" };
}

type Place = { readonly range: PortRange; readonly transports: number };

/** `PORT[-PORT][/TRANSPORT,...]`. */
function parsePlace(place: string): Place | string {
  const slash = place.indexOf("/");
  const ports = slash < 0 ? place : place.slice(0, slash);
  const range = parsePortRange(ports);
  if (range === undefined)
    return `${quoted(ports)} is no port; write 0 to 65535, or a range low-high`;
  if (slash < 0) return { range, transports: (1 << Transport.Tcp) | (1 << Transport.Udp) };
  const word = place.slice(slash + 1).toLowerCase();
  const transports = word === "any" || word === "*" ? EVERY_TRANSPORT : transportMask(word);
  if (transports !== 0) return { range, transports };
  return `${quoted(word)} is no transport; write tcp, udp, sctp, dccp or any`;
}

/** Enough of what was written to know it by: of a file that is no rules file a word may be megabytes. */
function quoted(text: string): string {
  return `"${text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}...` : text}"`;
}

function isTransportWord(word: string): boolean {
  return /^(any|\*)$/i.test(word) || transportMask(word.toLowerCase()) !== 0;
}

/** A cell made of address characters only, or the sign for any server. */
function looksLikeNetwork(cell: string | undefined): boolean {
  if (cell === undefined) return false;
  return cell === "-" || (/^[0-9a-f:.]+(\/\w*)?$/i.test(cell) && /[.:/]/.test(cell));
}

const LONGEST_NAME = 64;
const MOST_QUOTED = 40;

function nameComplaint(name: string): string | undefined {
  if (name.length > LONGEST_NAME) {
    return `a name of ${name.length} characters; write at most ${LONGEST_NAME}`;
  }
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(name)) return "a name with control characters; write plain text";
  if (/\s/.test(name)) return `${quoted(name)} has blanks; write one word`;
  return undefined;
}

function claimOf(
  { range, transports }: Place,
  name: string,
  aliases: readonly string[],
  description: string,
  line: number,
): Claim {
  return {
    source: Source.User,
    rank: Rank.Primary,
    from: range.from,
    to: range.to,
    transports,
    name,
    aliases,
    status: "user",
    description,
    date: "",
    origin: "the user's rules",
    id: "",
    listStatus: "",
    broadcast: false,
    line,
  };
}
