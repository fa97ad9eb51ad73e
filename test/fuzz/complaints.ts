import type { FaultSamples } from "../../src/pipeline/books/fault-samples.ts";
import type { RunResult } from "../pipeline/run.ts";

const NANOSECONDS_AT_MOST = 30;

/**
 * What a run broke of the promises that hold for every input, sound or not: books balance, every
 * flowed packet is in exactly one record, what is said is one line with an offset.
 * @param captures - what was read, in order, not compressed
 */
export function complaintsOf(
  result: RunResult,
  captures: readonly Uint8Array[],
): readonly string[] {
  const { books, records, errors, text } = result;
  const complaints: string[] = [];
  const expect = (holds: boolean, what: string): void => {
    if (!holds) complaints.push(what);
  };
  expect(books.balanced, "books do not balance");
  const packets = records.reduce((sum, { src, dst }) => sum + src.packets + dst.packets, 0);
  expect(
    packets === books.flowed + books.extraLayers,
    `${packets} packets in records, ${books.flowed} flowed, ${books.extraLayers} extra layers`,
  );
  expect(records.length === books.flows, `${records.length} records, ${books.flows} counted`);
  expect(text === "" || text.endsWith("\n"), "the last line is not ended");
  const all = captures.reduce((sum, { length }) => sum + length, 0);
  expect(books.bytes <= all, `${books.bytes} octets consumed of ${all}`);
  const failed = new Set(errors.map(({ path }) => path));
  expect(errors.length === failed.size, `${errors.length} errors of ${failed.size} captures`);
  for (const { message, offset, path } of errors) {
    const octets = captures[Number(path.replace("capture ", "")) - 1]?.length ?? -1;
    expect(/^[^\n]+$/.test(message), `error of several lines: ${message}`);
    expect(offset >= 0 && offset <= octets, `error at byte ${offset} of ${octets}`);
  }
  for (const { start, end, src, dst, duration } of records) {
    expect(start <= end && start.length <= NANOSECONDS_AT_MOST, `time from ${start} to ${end}`);
    expect(Number(duration) >= 0, `duration ${duration}`);
    for (const side of [src, dst]) {
      const counts = [side.packets, side.bytes, side.ip_bytes, side.payload_bytes];
      expect(counts.every(isCount), `counts ${counts.join(" ")}`);
    }
  }
  return complaints;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/**
 * What the samples of faulty packets broke: every faulty packet is there, at an offset inside the
 * packet, with counts of octets that can be counts of octets.
 * @param samples - of the run, with room for more than there are
 * @param longest - octets of the longest packet
 */
export function sampleComplaintsOf(
  samples: FaultSamples,
  { books }: RunResult,
  longest: number,
): readonly string[] {
  const complaints: string[] = [];
  const counted = [...books.malformed, ...books.faults].reduce((sum, count) => sum + count, 0);
  if (samples.chosen().length !== counted) {
    complaints.push(`${samples.chosen().length} samples of ${counted} faulty packets`);
  }
  for (const { packet, fault, offset, values } of samples.chosen()) {
    const isInside = Number.isInteger(offset) && offset >= 0 && offset <= longest;
    if (!isInside || packet < 1 || !Object.values(values).every(isCount)) {
      complaints.push(`fault ${fault} at ${offset} of packet ${packet}: ${JSON.stringify(values)}`);
    }
    const { says, has, needs } = values;
    const isShort = needs === undefined || has === undefined || has < needs;
    const isBeyond = says === undefined || has === undefined || says > has;
    const isWrong = says === undefined || needs === undefined || says !== needs;
    if (!isShort || !isBeyond || !isWrong) {
      complaints.push(`no fault ${fault}: ${JSON.stringify(values)}`);
    }
  }
  return complaints;
}
