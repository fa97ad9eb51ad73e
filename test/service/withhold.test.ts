import { describe, expect, it } from "vitest";
import { classify } from "../../src/service/classify.ts";
import { rowsAt } from "../../src/service/port-rows.ts";
import { loadRegistry, type RegistryOptions } from "../../src/service/registry.ts";
import { serviceEntry } from "../../src/service/service-entry.ts";
import {
  Confidence,
  ConfidenceName,
  Evidence,
  newTag,
  newTagInput,
  ReasonName,
} from "../../src/service/tag.ts";
import { parseUserRules } from "../../src/service/user-rules.ts";

const TCP = 6;
const UDP = 17;
const userRules = parseUserRules("47321/tcp acme");

/** `name port side confidence reason | candidates` of a flow to a port, `-` for none. */
function tagOf(options: RegistryOptions, protocol: number, port: number, syn = true): string {
  const registry = loadRegistry(options);
  const input = newTagInput();
  input.protocol = protocol;
  input.hasPorts = 1;
  input.sourcePort = 50123;
  input.destinationPort = port;
  input.isUdpLike = protocol === UDP ? 1 : 0;
  input.evidence = syn && protocol === TCP ? Evidence.Syn : Evidence.None;
  const tag = newTag();
  classify(registry, input, tag);
  const entry = serviceEntry(registry, tag);
  expect(tag.named).toBe(entry?.name === undefined ? 0 : 1);
  if (tag.named === 0) {
    expect(entry).toMatchObject({ aliases: [], description: "" });
    expect(entry).not.toHaveProperty("status");
    expect(entry).not.toHaveProperty("registeredName");
  }
  const candidates = entry?.candidates.map(({ name }) => name).join(",");
  const words = [entry?.name ?? "-", tag.port, ConfidenceName[tag.confidence]];
  return `${words.join(" ")} ${ReasonName[tag.reason]} | ${candidates}`;
}

describe("filters of names", () => {
  // 443/udp: RFC 9114 puts QUIC there, IANA registers https. 22/tcp is IANA's ssh. 8443/tcp is
  // commonly HTTPS, IANA registers pcsync-https. 81/tcp is a row of the founding list that IANA doesn't assign.
  it.each<[string, RegistryOptions, number, number, string]>([
    ["none, 443/udp", {}, UDP, 443, "quic 443 medium first-packet | https"],
    [
      "official only, unofficial winner",
      { officialOnly: true },
      UDP,
      443,
      "- 443 none first-packet | quic,https",
    ],
    ["official only, official winner", { officialOnly: true }, TCP, 22, "ssh 22 high syn | "],
    [
      "official only, another unofficial winner",
      { officialOnly: true },
      TCP,
      8443,
      "- 8443 none syn | https,pcsync-https",
    ],
    [
      "official only, the user's own",
      { officialOnly: true, userRules },
      TCP,
      47321,
      "acme 47321 high syn | ",
    ],
    ["without curated", { withoutCurated: true }, UDP, 443, "https 443 medium first-packet | quic"],
    [
      "at least high, by first packet",
      { leastConfidence: Confidence.High },
      UDP,
      53,
      "- 53 none first-packet | dns",
    ],
    [
      "at least medium, by first packet",
      { leastConfidence: Confidence.Medium },
      UDP,
      53,
      "dns 53 medium first-packet | ",
    ],
    [
      "at least medium, an unofficial name",
      { leastConfidence: Confidence.Medium },
      TCP,
      8443,
      "https 8443 medium syn | pcsync-https",
    ],
    [
      "at least low keeps what is low",
      { leastConfidence: Confidence.Low },
      TCP,
      81,
      "torpark 81 low syn | ",
    ],
    ["at least medium", { leastConfidence: Confidence.Medium }, TCP, 81, "- 81 none syn | torpark"],
    [
      "nothing to keep back",
      { officialOnly: true },
      TCP,
      47321,
      "- 47321 none responder-unregistered | ",
    ],
  ])("%s", (_name, options, protocol, port, expected) => {
    expect(tagOf(options, protocol, port)).toBe(expected);
  });

  it("keeps names back by the side's confidence, whatever the name's", () => {
    const options = { leastConfidence: Confidence.Medium, userRules };
    // Two ports of one class: the lower one is chosen, with low confidence.
    const registry = loadRegistry(options);
    const input = newTagInput();
    Object.assign(input, { protocol: TCP, hasPorts: 1, sourcePort: 22, destinationPort: 25 });
    const tag = newTag();
    classify(registry, input, tag);
    expect([tag.named, tag.port, ReasonName[tag.reason]]).toEqual([0, 22, "lower-port"]);
    expect(serviceEntry(registry, tag)?.candidates).toEqual([
      { name: "ssh", status: "official", source: "iana" },
    ]);
  });

  it("lets no row of a look-up win whose name is kept back", () => {
    const wins = (options: RegistryOptions): (string | undefined)[] =>
      rowsAt(loadRegistry(options), 1, 443)
        .filter((row) => row.wins)
        .map((row) => row.name);
    expect(wins({})).toEqual(["quic"]);
    expect(wins({ officialOnly: true })).toEqual([]);
    expect(wins({ withoutCurated: true })).toEqual(["https"]);
  });
});
