import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classify, supersedes } from "../../src/service/classify.ts";
import { parseNetwork } from "../../src/service/network.ts";
import { loadRegistry } from "../../src/service/registry.ts";
import { serviceEntry } from "../../src/service/service-entry.ts";
import {
  ConfidenceName,
  Evidence,
  newTag,
  newTagInput,
  Reason,
  ReasonName,
  Side,
  SideName,
  StatusName,
  type Tag,
  type TagInput,
} from "../../src/service/tag.ts";
import { parseUserRules } from "../../src/service/user-rules.ts";
import { TAGGING_TABLE, type TaggingCase } from "./tagging-table.ts";

const PROTOCOL = { tcp: 6, udp: 17, udplite: 136, sctp: 132, dccp: 33, icmp: 1 };
const registry = loadRegistry();

/** The record a flow table would make of a case: a known initiator is the source. */
function inputOf(one: TaggingCase): { input: TagInput; flipped: boolean } {
  const flipped = one.packet === "synack" || one.initiator === "to";
  const [source, destination] = flipped ? [one.to, one.from] : [one.from, one.to];
  const input = newTagInput();
  input.protocol = PROTOCOL[one.protocol];
  input.hasPorts = one.protocol === "icmp" || one.packet === "later-fragment" ? 0 : 1;
  input.fragmentOnly = one.packet === "later-fragment" ? 1 : 0;
  input.sourcePort = source[1];
  input.destinationPort = destination[1];
  input.firstSender = flipped ? 0 : 1;
  input.isUdpLike = one.protocol.startsWith("udp") ? 1 : 0;
  input.evidence = evidenceOf(one);
  input.simultaneousOpen = one.packet === "crossing-syns" ? 1 : 0;
  input.destinationMulticast = /^(22[4-9]|23\d|ff)/.test(one.to[0]) ? 1 : 0;
  input.destinationBroadcast = one.to[0].endsWith(".255") ? 1 : 0;
  const from = parseNetwork(source[0])!;
  const to = parseNetwork(destination[0])!;
  input.ipVersion = from.ipVersion;
  [input.source0, input.source1, input.source2, input.source3] = words(from);
  [input.destination0, input.destination1, input.destination2, input.destination3] = words(to);
  return { input, flipped };
}

function words(
  address: ReturnType<typeof parseNetwork> & object,
): [number, number, number, number] {
  return [address.word0, address.word1, address.word2, address.word3];
}

function evidenceOf(one: TaggingCase): number {
  if (one.initiator !== undefined) return Evidence.InitiatorKnown;
  if (one.packet === "syn" || one.packet === "crossing-syns") return Evidence.Syn;
  if (one.packet === "synack") return Evidence.SynAck;
  return one.packet === "init" ? Evidence.Init : Evidence.None;
}

describe("classify", () => {
  it.each(TAGGING_TABLE.map((one) => [one.id, one] as const))("%s", (_id, one) => {
    const rules =
      one.rules === undefined ? registry : loadRegistry({ userRules: parseUserRules(one.rules) });
    const { input, flipped } = inputOf(one);
    const tag = newTag();
    classify(rules, input, tag);
    const entry = serviceEntry(rules, tag);
    const ends = flipped ? ["-", "to", "from", "both"] : ["-", "from", "to", "both"];
    const [side, port, name, status, confidence, reason] = one.tag.split(" ");
    expect({
      side: ends[tag.side],
      port: tag.port < 0 ? "-" : `${tag.port}`,
      status: StatusName[tag.statusCode] || "-",
      confidence: ConfidenceName[tag.confidence],
      reason: ReasonName[tag.reason],
    }).toEqual({ side, port, status, confidence, reason });
    if (name === "-") {
      expect(entry?.name).toBeUndefined();
      expect(tag.named).toBe(0);
    } else expect([entry?.name, entry?.registeredName]).toContain(name);
    if (one.candidates !== undefined) {
      expect(entry?.candidates.map((candidate) => candidate.name)).toEqual(one.candidates);
    }
    if (one.portStatus !== undefined) expect(entry?.portStatus).toBe(one.portStatus);
    expect(entry?.hint).toBe(one.hint);
    expect(tag.hint).toBe(one.hint === undefined ? 0 : 1);
  });

  it("covers every reason but the one kept for a prior", () => {
    const seen = new Set(TAGGING_TABLE.map(({ tag }) => tag.split(" ")[5]));
    expect(ReasonName.filter((reason) => !seen.has(reason))).toEqual(["popularity"]);
  });

  it("shows the familiar word first and keeps the registry's", () => {
    const tag = newTag();
    const { input } = inputOf(TAGGING_TABLE.find(({ id }) => id === "dns query")!);
    classify(registry, input, tag);
    expect(serviceEntry(registry, tag)).toMatchObject({
      name: "dns",
      registeredName: "domain",
      source: "iana",
      sourceDate: "2026-09-17",
      portStatus: "assigned",
    });
  });

  it("gives the same object for the same port every time", () => {
    const first = newTag();
    const second = newTag();
    const { input } = inputOf(TAGGING_TABLE[2]!);
    classify(registry, input, first);
    input.sourcePort = 50999;
    classify(registry, input, second);
    expect(serviceEntry(registry, second)).toBe(serviceEntry(registry, first));
  });

  it("overwrites every field of a reused tag", () => {
    const reused = newTag();
    for (const one of TAGGING_TABLE.filter(({ rules }) => rules === undefined)) {
      const fresh = newTag();
      const { input } = inputOf(one);
      classify(registry, input, reused);
      classify(registry, input, fresh);
      expect(reused).toEqual(fresh);
    }
  });
});

const port = fc.oneof(
  fc.integer({ min: 0, max: 65535 }),
  fc.constantFrom(
    20,
    22,
    53,
    67,
    68,
    80,
    123,
    443,
    546,
    547,
    3306,
    5432,
    9100,
    40000,
    44818,
    51820,
    60001,
  ),
);
const anyInput = fc.record({
  protocol: fc.constantFrom(6, 17, 33, 132, 136, 1),
  hasPorts: fc.constantFrom(0, 1, 1, 1),
  fragmentOnly: fc.constantFrom(0, 0, 0, 1),
  sourcePort: port,
  destinationPort: port,
  evidence: fc.constantFrom(...Object.values(Evidence)),
  simultaneousOpen: fc.constantFrom(0, 0, 1),
  firstSender: fc.constantFrom(0, 1),
  isUdpLike: fc.constantFrom(0, 1),
  destinationMulticast: fc.constantFrom(0, 0, 1),
  destinationBroadcast: fc.constantFrom(0, 0, 1),
  address: fc.tuple(fc.integer(), fc.integer()),
});

function tagFor(rules: typeof registry, fields: Partial<TagInput>): Tag {
  const tag = newTag();
  classify(rules, { ...newTagInput(), ...fields }, tag);
  return tag;
}

describe("classify, for any flow", () => {
  const withRules = loadRegistry({
    userRules: parseUserRules("1-65535/tcp wide 0.0.0.0/1\n22 mine\n443/udp lab 128.0.0.0/1\n"),
  });

  it("names both sides for equal ports only, and a side's own port", () => {
    fc.assert(
      fc.property(anyInput, (fields) => {
        const tag = tagFor(withRules, fields);
        if (tag.side === Side.Both) expect(fields.sourcePort).toBe(fields.destinationPort);
        if (tag.side === Side.Source) expect(tag.port).toBe(fields.sourcePort);
        if (tag.side === Side.Destination) expect(tag.port).toBe(fields.destinationPort);
        expect(tag.named === 1).toBe(serviceEntry(withRules, tag)?.name !== undefined);
        expect(tag.named === 1).toBe(tag.confidence > 0);
        if (tag.named === 1) expect(SideName[tag.side]).not.toBe("");
      }),
      { numRuns: 2000 },
    );
  });

  it("swapping the ends of a flow whose direction is unknown swaps the side and nothing else", () => {
    fc.assert(
      fc.property(anyInput, ({ address, ...fields }) => {
        const one = {
          ...fields,
          evidence: Evidence.None,
          source3: address[0],
          destination3: address[1],
        };
        const other = {
          ...one,
          sourcePort: one.destinationPort,
          destinationPort: one.sourcePort,
          firstSender: 1 - one.firstSender,
          source3: one.destination3,
          destination3: one.source3,
        };
        const tag = tagFor(withRules, one);
        const swapped = [Side.None, Side.Destination, Side.Source, Side.Both][tag.side]!;
        expect(tagFor(withRules, other)).toEqual({ ...tag, side: swapped });
      }),
      { numRuns: 2000 },
    );
  });

  it("a handshake names the responder, or nobody, but for active FTP", () => {
    fc.assert(
      fc.property(anyInput, (fields) => {
        const tag = tagFor(registry, {
          ...fields,
          hasPorts: 1,
          fragmentOnly: 0,
          protocol: 6,
          evidence: Evidence.Syn,
          simultaneousOpen: 0,
        });
        if (tag.reason !== Reason.ActiveModeSource) expect(tag.side).toBe(Side.Destination);
        else expect(fields.sourcePort).toBe(20);
      }),
    );
  });
});

describe("supersedes", () => {
  it.each([
    ["a syn corrects a guess", Reason.BetterClass, Reason.Syn, true],
    [
      "a syn corrects a guess that found no name",
      Reason.NeitherRegistered,
      Reason.ResponderUnregistered,
      true,
    ],
    ["a guess never corrects a syn", Reason.Syn, Reason.BetterClass, false],
    ["a handshake stays", Reason.SynAck, Reason.Syn, false],
    ["an init corrects a first packet", Reason.FirstPacket, Reason.Init, true],
    ["a guess stays", Reason.LowerPort, Reason.OnlyRegisteredSide, false],
  ])("%s", (_name, previous, next, expected) => {
    expect(supersedes(previous, next)).toBe(expected);
  });
});
