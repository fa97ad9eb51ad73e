import type { ComparedFacts, ComparedFlow, Ends } from "./compared-flow.ts";
import type { ValueReader, ValueWriter } from "./value-octets.ts";

/** Writes a flow behind its key. */
export function writeFlow(flow: ComparedFlow, to: ValueWriter): void {
  const [source, destination] = flow.ends;
  to.text(flow.label);
  // Most logs give the Community ID that the key is.
  to.number(flow.communityId === flow.key ? 1 : 0);
  if (flow.communityId !== flow.key) to.word(flow.communityId);
  to.number(flow.start);
  to.number(flow.end);
  to.number(flow.duration);
  to.number(flow.timeGrain);
  to.number(flow.protocol);
  to.text(source.ip);
  to.number(source.port);
  to.text(destination.ip);
  to.number(destination.port);
  to.numbers(flow.packets);
  to.numbers(flow.bytes);
  to.numbers(flow.ipBytes);
  to.numbers(flow.payloadBytes);
  to.number(flow.missedBytes);
  to.word(flow.state);
  to.word(flow.history);
  to.word(flow.flags?.[0]);
  to.word(flow.flags?.[1]);
  to.number(flow.age);
  to.word(flow.service);
  to.word(flow.tunnel);
  to.word(flow.vlan);
  to.word(flow.endReason);
  to.number(flow.byTheirRules ? 1 : 0);
  to.word(flow.facts?.directionReason);
  if (flow.facts !== undefined) writeFacts(flow.facts, to);
}

/** What `writeFlow` wrote. */
export function readFlow(key: string, from: ValueReader): ComparedFlow {
  return {
    label: from.text(),
    key,
    communityId: from.number() === 1 ? key : from.word(),
    start: from.number(),
    end: from.number(),
    duration: from.number(),
    timeGrain: from.number(),
    protocol: from.wholeNumber(),
    ends: [
      { ip: from.text(), port: from.number() },
      { ip: from.text(), port: from.number() },
    ],
    packets: from.numbers(),
    bytes: from.numbers(),
    ipBytes: from.numbers(),
    payloadBytes: from.numbers(),
    missedBytes: from.number(),
    state: from.word(),
    history: from.word(),
    flags: readFlags(from),
    age: from.number(),
    service: from.word(),
    tunnel: from.word(),
    vlan: from.word(),
    endReason: from.word(),
    byTheirRules: from.number() === 1,
    facts: readFacts(from),
  };
}

function readFlags(from: ValueReader): Ends<string> | undefined {
  const [first, second] = [from.word(), from.word()];
  return first === undefined || second === undefined ? undefined : [first, second];
}

function writeFacts(facts: ComparedFacts, to: ValueWriter): void {
  to.number(facts.isCertain ? 1 : 0);
  to.numbers(facts.retransmits);
  to.numbers(facts.outOfOrder);
  to.number(facts.fragments);
  to.word(facts.sourceDate);
}

function readFacts(from: ValueReader): ComparedFacts | undefined {
  const directionReason = from.word();
  if (directionReason === undefined) return undefined;
  return {
    directionReason,
    isCertain: from.number() === 1,
    retransmits: from.numbers()!,
    outOfOrder: from.numbers()!,
    fragments: from.wholeNumber(),
    sourceDate: from.word(),
  };
}
