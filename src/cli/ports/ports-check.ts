import { UsageError } from "../../core/errors.ts";
import { type Claim, isRange } from "../../service/claim.ts";
import { loadRegistry, type Registry } from "../../service/registry.ts";
import { entryByNumber } from "../../service/service-entry.ts";
import { PORTS, TransportName, transportsOfMask } from "../../service/transport.ts";
import { readUserRules, type UserRule } from "../../service/user-rules.ts";
import { inOneLine } from "../process/io.ts";
import type { PortsIo, PortsOptions } from "./ports-io.ts";
import { aligned, printJson } from "./ports-table.ts";

/** What `ports check --json` says of one rule. */
type Verdict = {
  readonly line: number;
  readonly ports: string;
  readonly name: string;
  readonly server?: string;
  /** `port/transport name (status, source)` of what the rule puts second, the first few. */
  readonly overrides: readonly string[];
  /** How many names it puts second. */
  readonly overridden: number;
  /** Line of the later rule that makes this one void. */
  readonly replaced_by?: number;
};

/** A rule for a wide range overrides thousands of names: the first ones show what is meant. */
const SHOWN_OVERRIDES = 5;

/** `portflow ports check FILE`: validate a file of rules, show what each overrides. */
export function checkRules(args: readonly string[], options: PortsOptions, io: PortsIo): number {
  const [file] = args;
  if (file === undefined || args.length > 1) {
    throw new UsageError("PF_PORT_QUERY", "ports check: takes one file; give your port rules");
  }
  const { rules, problems } = readUserRules(file);
  for (const { line, message } of problems) {
    io.stderr(`portflow: ${inOneLine(`${file}: line ${line}: ${message}`)}\n`);
  }
  const fatal = problems.filter((problem) => problem.fatal).length;
  const registry = loadRegistry();
  const verdicts = rules.map((rule) => judge(registry, rule, rules));
  if (options.json === true) printJson(verdicts, io);
  else print(verdicts, io);
  const errors = `${fatal} ${fatal === 1 ? "error" : "errors"}`;
  if (options.json !== true) io.stdout(`${rules.length} rules, ${errors}\n`);
  return fatal > 0 ? 2 : 0;
}

function judge(registry: Registry, rule: UserRule, rules: readonly UserRule[]): Verdict {
  const { claim, networkText } = rule;
  const later = rules.find((other) => replaces(other, rule));
  const overrides = overridden(registry, claim);
  const ports = isRange(claim) ? `${claim.from}-${claim.to}` : `${claim.from}`;
  return {
    line: claim.line,
    ports: `${ports}/${transportsOfMask(claim.transports).join(",")}`,
    name: claim.name,
    ...(networkText === "" ? {} : { server: networkText }),
    overrides: overrides.slice(0, SHOWN_OVERRIDES),
    overridden: overrides.length,
    ...(later === undefined ? {} : { replaced_by: later.claim.line }),
  };
}

/** True when `other` comes later and leaves nothing of `rule`. */
function replaces(other: UserRule, { claim, networkText }: UserRule): boolean {
  const same = isRange(other.claim) === isRange(claim);
  const covers =
    other.claim.from <= claim.from &&
    other.claim.to >= claim.to &&
    (claim.transports & ~other.claim.transports) === 0;
  const servers = other.network === undefined || other.networkText === networkText;
  return other.claim.line > claim.line && same && covers && servers;
}

function overridden(registry: Registry, claim: Claim): string[] {
  const found: string[] = [];
  for (let transport = 0; transport < TransportName.length; transport += 1) {
    if ((claim.transports & (1 << transport)) === 0) continue;
    for (let port = claim.from; port <= claim.to; port += 1) {
      const { name, status, source } = entryByNumber(registry, transport * PORTS + port);
      if (name === undefined || name === claim.name) continue;
      found.push(`${port}/${TransportName[transport]} ${name} (${status}, ${source})`);
    }
  }
  return found;
}

function print(verdicts: readonly Verdict[], io: PortsIo): void {
  const cells = verdicts.map((verdict) => [
    `line ${verdict.line}`,
    verdict.ports,
    verdict.name,
    verdict.server ?? "",
    effect(verdict),
  ]);
  for (const line of aligned(cells)) io.stdout(`${line}\n`);
}

function effect({ overrides, overridden, replaced_by }: Verdict): string {
  if (replaced_by !== undefined) return `replaced by line ${replaced_by}`;
  if (overridden === 0) return "overrides nothing";
  const more = overridden > overrides.length ? ` and ${overridden - overrides.length} more` : "";
  return `overrides ${overrides.join(", ")}${more}`;
}
