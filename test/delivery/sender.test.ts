import { describe, expect, it } from "vitest";
import { newMemoryQueue } from "../../src/delivery/memory-queue.ts";
import { newOutputBooks } from "../../src/delivery/output-books.ts";
import type { QueuedRecord } from "../../src/delivery/queued-record.ts";
import { Sender, type SenderOptions } from "../../src/delivery/sender.ts";
import type { SendOutcome } from "../../src/delivery/transport.ts";

type Try = (records: readonly QueuedRecord[]) => SendOutcome;

const record = (i: number): QueuedRecord => ({ id: `${i}`, time: i, octets: Buffer.alloc(100, i) });
const records = (from: number, to: number): QueuedRecord[] =>
  Array.from({ length: to - from }, (_, i) => record(from + i));
const ids = (list: readonly QueuedRecord[]): string => list.map(({ id }) => id).join(" ");

/** A sender to an other end that does one thing after the other, the last of them for ever. */
function senderTo(tries: readonly Try[], more: Partial<SenderOptions> = {}, capacity = 1 << 20) {
  const sent: string[] = [];
  const reports: string[] = [];
  const books = newOutputBooks("there", "test");
  let turn = 0;
  const transport = {
    name: "there",
    async send(list: readonly QueuedRecord[]) {
      sent.push(ids(list));
      const what = tries[Math.min(turn, tries.length - 1)]!;
      turn += 1;
      return what(list);
    },
    async close() {},
  };
  const options: SenderOptions = {
    limits: { records: 4, octets: 1 << 20, milliseconds: 20 },
    onFull: undefined,
    patience: 400,
    random: () => 0,
    clock: () => performance.now(),
    report: (line) => reports.push(line),
    ...more,
  };
  const sender = new Sender(newMemoryQueue(capacity), transport, options, books);
  return { sender, sent, reports, books };
}

const ok: Try = () => ({ again: [] });
const away: Try = (list) => ({ again: list, problem: "connection refused" });

describe("Sender", () => {
  it("sends batches of the size it is told, in order", async () => {
    const { sender, sent, books } = senderTo([ok]);
    await sender.append(records(0, 10));
    await sender.close();
    expect(sent).toEqual(["0 1 2 3", "4 5 6 7", "8 9"]);
    expect(books).toMatchObject({ sent: 10, retried: 0, rejected: 0, dropped: 0 });
  });
  it("waits for room for ever where it is told to, but once the run ends as long as its patience", async () => {
    const { sender } = senderTo([away], { onFull: "wait", patience: 200 }, 300);
    await sender.append(records(0, 2));
    const more = sender.append(records(2, 5));
    const early = await Promise.race([
      more.catch(() => "failed"),
      new Promise((resolve) => setTimeout(() => resolve("waits"), 500)),
    ]);
    expect(early).toBe("waits");
    const since = performance.now();
    sender.hasten();
    await expect(more).rejects.toThrow("2 records were not delivered: connection refused");
    await expect(sender.close()).rejects.toThrow("2 records were not delivered");
    expect(performance.now() - since).toBeLessThan(20_000);
  });
  it("does not wait for company longer than it is told", async () => {
    const { sender, sent } = senderTo([ok]);
    await sender.append(records(0, 1));
    await expect.poll(() => sent, { timeout: 60_000 }).toEqual(["0"]);
    await sender.close();
  });
  it("sends again what was not taken before anything later", async () => {
    const { sender, sent, reports, books } = senderTo([away, away, ok]);
    await sender.append(records(0, 8));
    await sender.close();
    expect(sent).toEqual(["0 1 2 3", "0 1 2 3", "0 1 2 3", "4 5 6 7"]);
    expect(books).toMatchObject({ sent: 8, retried: 8 });
    expect(reports).toEqual([
      "there: connection refused; trying again",
      "there: takes records again",
    ]);
  });
  it("sends again only those that were not taken", async () => {
    const { sender, sent, books } = senderTo([(list) => ({ again: [list[2]!] }), ok]);
    await sender.append(records(0, 4));
    await sender.close();
    expect(sent).toEqual(["0 1 2 3", "2"]);
    expect(books).toMatchObject({ sent: 4, retried: 1 });
  });
  it("counts those that were refused, with the first reason", async () => {
    const refuse: Try = (list) => ({
      again: [],
      rejected: [
        { record: list[1]!, reason: "mapping" },
        { record: list[2]!, reason: "other" },
      ],
    });
    const { sender, books } = senderTo([refuse]);
    await sender.append(records(0, 4));
    await expect(sender.close()).rejects.toThrow(
      "there: 2 records were refused, the first for: mapping",
    );
    expect(books).toMatchObject({ sent: 2, rejected: 2, firstRejection: "mapping" });
  });
  it("finds the one that spoils a batch", async () => {
    const spoiled: Try = (list) =>
      list.some(({ id }) => id === "2")
        ? { again: list, problem: "HTTP 400", isRefusedTogether: true }
        : { again: [] };
    const { sender, sent, books } = senderTo([spoiled]);
    await sender.append(records(0, 4));
    await expect(sender.close()).rejects.toThrow("1 records were refused");
    expect(sent).toEqual(["0 1 2 3", "0 1", "2 3", "2", "3"]);
    expect(books).toMatchObject({ sent: 3, rejected: 1, firstRejection: "HTTP 400" });
  });
  it("fails at once where the other end has never taken anything and never will", async () => {
    const { sender } = senderTo([
      (list) => ({ again: list, problem: "HTTP 403", isHopeless: true }),
    ]);
    await sender.append(records(0, 3));
    await expect(sender.close()).rejects.toThrow("there: 3 records were not delivered: HTTP 403");
  });
  it("is patient with the same answer once it has taken something", async () => {
    const { sender, books } = senderTo([
      ok,
      (list) => ({ again: list, problem: "HTTP 403", isHopeless: true }),
      ok,
    ]);
    await sender.append(records(0, 8));
    await sender.close();
    expect(books).toMatchObject({ sent: 8, retried: 4 });
  });
  it("says at the end how many are left when the other end stays away", async () => {
    const { sender, books } = senderTo([away]);
    await sender.append(records(0, 5));
    await expect(sender.close()).rejects.toThrow(
      "there: 5 records were not delivered: connection refused; they are lost; --spool DIR keeps them",
    );
    expect(books).toMatchObject({ sent: 0, dropped: 5 });
  });
  it("holds its producer up, and gives up after its patience", async () => {
    const { sender } = senderTo([away], {}, 1000);
    await sender.append(records(0, 10));
    const started = performance.now();
    await expect(sender.append(records(10, 11))).rejects.toThrow("10 records were not delivered");
    expect(performance.now() - started).toBeGreaterThan(390);
    await sender.abandon();
  });
  it("waits for as long as it takes where it is told to", async () => {
    const until = performance.now() + 1200;
    const late: Try = (list) => (performance.now() < until ? away(list) : { again: [] });
    const { sender, books } = senderTo([late], { onFull: "wait" }, 1000);
    await sender.append(records(0, 10));
    await sender.append(records(10, 20));
    await sender.close();
    expect(books).toMatchObject({ sent: 20, dropped: 0 });
  });
  it("fails at once for want of room where it is told to", async () => {
    const { sender } = senderTo([away], { onFull: "fail", patience: 60_000 }, 1000);
    await sender.append(records(0, 10));
    await expect(sender.append(records(10, 11))).rejects.toThrow("10 records");
    await sender.abandon();
  });
  it("drops the oldest that are not on their way where it is told to, and counts them", async () => {
    let isAway = true;
    const { sender, sent, books, reports } = senderTo(
      [(list) => (isAway ? away(list) : { again: [] })],
      { onFull: "drop", patience: 60_000 },
      1000,
    );
    await sender.append(records(0, 4));
    await expect.poll(() => sent.length, { timeout: 60_000 }).toBeGreaterThan(0);
    await sender.append(records(4, 10));
    await sender.append(records(10, 16));
    isAway = false;
    await sender.close();
    expect(sent.at(-1)).toBe("14 15");
    expect(books).toMatchObject({ sent: 10, dropped: 6 });
    expect(reports).toContain("there: no room; dropping the oldest records");
  });
  it("leaves the other end alone for as long as it asks", async () => {
    const { sender, books } = senderTo([(list) => ({ ...away(list), pause: 300 }), ok]);
    const started = performance.now();
    await sender.append(records(0, 4));
    await sender.close();
    expect(performance.now() - started).toBeGreaterThan(299);
    expect(books.sent).toBe(4);
  });
});
