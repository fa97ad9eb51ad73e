import { Certainty } from "../../flow/row/direction.ts";
import { humanCount, humanDuration } from "./human-units.ts";
import type { EndpointText, TableFlow } from "./table-flow.ts";
import { displayWidth, fitted } from "./terminal-text.ts";
import { type Cell, type Column, type Tone, tableWidth } from "./text-table.ts";

/** Marks of how sure the direction is. */
export const Arrow: Readonly<Record<number, string>> = {
  [Certainty.Certain]: "->",
  [Certainty.Inferred]: "~>",
  [Certainty.Unknown]: "?>",
};

const ARROW_TONE: Readonly<Record<number, Tone>> = {
  [Certainty.Certain]: "plain",
  [Certainty.Inferred]: "doubtful",
  [Certainty.Unknown]: "bad",
};

/** An endpoint is not made shorter than this; the longest IPv4 endpoint has as many. */
const SHORTEST_ENDPOINT = 21;
const LONGEST_SERVICE = 24;
/** Columns that go, in this order, where the terminal is too narrow. */
const DISPENSABLE = ["ended", "pkts", "time", "via", "start"] as const;

/** Columns of the flow list, and the blanks between two. */
export type FlowColumns = { readonly columns: readonly Column[]; readonly gap: number };

/**
 * The columns of the flow list, made to fit: first they move together, then IPv6 addresses lose
 * their middle, then whole columns go. What still doesn't fit is left to the terminal to wrap.
 * @param showsDates - whether flows began on several days
 */
export function flowColumns(
  flows: readonly TableFlow[],
  width: number,
  showsDates: boolean,
): FlowColumns {
  const longest = flows.reduce(
    (most, { initiator, responder }) => Math.max(most, lengthOf(initiator), lengthOf(responder)),
    0,
  );
  const shortest = Math.min(longest, SHORTEST_ENDPOINT);
  const wide = columnsOf(flows, showsDates, longest);
  if (tableWidth(wide, 2) <= width) return { columns: wide, gap: 2 };
  for (let dropped = 0; ; dropped += 1) {
    const missing = new Set<string>(DISPENSABLE.slice(0, dropped));
    for (let room = longest; room >= shortest; room -= 1) {
      const columns = columnsOf(flows, showsDates, room).filter((one) => !missing.has(nameOf(one)));
      const isLast = dropped === DISPENSABLE.length && room === shortest;
      if (isLast || tableWidth(columns, 1) <= width) {
        return { columns, gap: tableWidth(columns, 2) <= width ? 2 : 1 };
      }
    }
  }
}

/** Both counts of packets go together. */
function nameOf({ heading }: Column): string {
  return heading.replace(/[<>]/, "");
}

function columnsOf(
  flows: readonly TableFlow[],
  showsDates: boolean,
  room: number,
): readonly Column[] {
  const texts = (heading: string, cellOf: (flow: TableFlow) => Cell): Column => ({
    heading,
    isNumber: false,
    cells: flows.map(cellOf),
  });
  const numbers = (heading: string, textOf: (flow: TableFlow) => string): Column => ({
    heading,
    isNumber: true,
    cells: flows.map((flow) => plain(textOf(flow))),
  });
  const columns = [
    texts("start", (flow) => plain(startText(flow, showsDates))),
    numbers("time", (flow) => humanDuration(flow.seconds, flow.nanoseconds)),
    texts("proto", (flow) => plain(flow.transport)),
    texts("initiator", (flow) => plain(shortened(flow.initiator, room))),
    close(
      texts("", ({ certainty }) => ({ text: Arrow[certainty]!, tone: ARROW_TONE[certainty]! })),
    ),
    close(texts("responder", (flow) => plain(shortened(flow.responder, room)))),
    texts("service", (flow) => ({
      text: fitted(flow.service, LONGEST_SERVICE),
      tone: flow.serviceTone,
    })),
    numbers("pkts>", (flow) => humanCount(flow.packets[0])),
    numbers("bytes>", (flow) => humanCount(flow.bytes[0])),
    numbers("<pkts", (flow) => humanCount(flow.packets[1])),
    numbers("<bytes", (flow) => humanCount(flow.bytes[1])),
    texts("state", (flow) => plain(flow.state)),
    texts("ended", (flow) => plain(flow.ended)),
    texts("via", (flow) => plain(flow.via)),
  ];
  return columns.filter(({ cells }) => cells.some(({ text }) => text !== ""));
}

function close(column: Column): Column {
  return { ...column, isClose: true };
}

function plain(text: string): Cell {
  return { text, tone: "plain" };
}

function startText(flow: TableFlow, showsDate: boolean): string {
  const text = new Date(flow.startSeconds * 1000).toISOString();
  const clock = text.slice(11, 19);
  const milliseconds = String(Math.floor(flow.startNanoseconds / 1e6)).padStart(3, "0");
  return `${showsDate ? `${text.slice(5, 10)} ` : ""}${clock}.${milliseconds}`;
}

function lengthOf({ address, port }: EndpointText): number {
  return displayWidth(address) + port.length;
}

/** An endpoint in at most `room` columns: IPv6 addresses lose their middle, IPv4 ones are short enough. */
function shortened({ address, port }: EndpointText, room: number): string {
  const space = Math.max(room, SHORTEST_ENDPOINT) - port.length - 1;
  if (address.length <= space + 1) return address + port;
  const tail = Math.floor(space / 2);
  return `${address.slice(0, space - tail)}…${address.slice(-tail)}${port}`;
}
