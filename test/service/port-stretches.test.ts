import { describe, expect, it } from "vitest";
import { entryNumber, Variant } from "../../src/service/entry-number.ts";
import { factsOf, isNamed, variesByServer } from "../../src/service/facts.ts";
import { likePort } from "../../src/service/port-stretches.ts";
import { claimsAt, loadRegistry } from "../../src/service/registry.ts";
import { entryByNumber } from "../../src/service/service-entry.ts";
import { PORTS, SLOTS, Transport } from "../../src/service/transport.ts";
import { parseUserRules } from "../../src/service/user-rules.ts";

const RULES = [
  "40000-40010/tcp acme",
  "40004/udp single",
  "52000-52100/tcp farm 192.0.2.0/24",
  "53000/tcp lone 192.0.2.7",
];

function registryWith(rules: readonly string[]): ReturnType<typeof loadRegistry> {
  return loadRegistry({ userRules: parseUserRules(rules.join("\n")) });
}

function ports(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function udpEntry(port: number): number {
  return entryNumber(Transport.Udp * PORTS + port, Variant.Plain);
}

describe("likePort", () => {
  it("takes together only ports of which the same rows speak, for every transport", () => {
    const registry = registryWith(RULES);
    const wrong: number[] = [];
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const port = slot % PORTS;
      const like = likePort(registry, port);
      if (like === port) continue;
      const ours = claimsAt(registry, slot);
      const theirs = claimsAt(registry, slot - port + like);
      const isAlike = ours.length === theirs.length && ours.every((one, i) => one === theirs[i]);
      if (!isAlike) wrong.push(slot);
    }
    expect(wrong).toEqual([]);
  });

  // RFC 6335 section 6: system ports to 1023, dynamic ones from 49152; Linux's ephemeral ones from 32768.
  it.each([1024, 32768, 49152])("ends a stretch before port %i", (port) => {
    const registry = registryWith([]);
    const before = ports(0, port).map((one) => likePort(registry, one));
    expect(before.some((like) => like >= port)).toBe(false);
    const behind = ports(port, PORTS).map((one) => likePort(registry, one));
    expect(behind.some((like) => like < port)).toBe(false);
  });

  it("leaves few ports to look up, of those that nobody names", () => {
    const registry = registryWith([]);
    const likes = ports(50_000, PORTS).map((port) => likePort(registry, port));
    expect(new Set(likes).size).toBeLessThan(200);
  });

  it("gives ports under a rule for some servers facts that say so", () => {
    const registry = registryWith(RULES);
    const varying = [51999, 52000, 52050, 52100, 52101, 52999, 53000, 53001].filter((port) =>
      variesByServer(factsOf(registry, entryNumber(port, Variant.Plain))),
    );
    expect(varying).toEqual([52000, 52050, 52100, 53000]);
  });

  it("names the ports of a range and no other", () => {
    const registry = registryWith(RULES);
    const named = [39999, 40000, 40003, 40004, 40010, 40011].filter((port) =>
      isNamed(factsOf(registry, entryNumber(port, Variant.Plain))),
    );
    expect(named).toEqual([40000, 40003, 40004, 40010]);
  });
});

describe("entryByNumber", () => {
  it("gives ports of which the same is said one entry", () => {
    const registry = registryWith([]);
    expect(entryByNumber(registry, udpEntry(60_001))).toBe(
      entryByNumber(registry, udpEntry(60_002)),
    );
  });

  it("has the port's own number in a hint", () => {
    const registry = registryWith(RULES);
    expect([40001, 40003].map((port) => entryByNumber(registry, udpEntry(port)).hint)).toEqual([
      "40001/tcp is acme",
      "40003/tcp is acme",
    ]);
  });
});
