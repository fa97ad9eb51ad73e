import type { TopOrder, TopState } from "./top-screen.ts";

const KINDS: Readonly<Record<string, TopState["kind"]>> = { s: "service", h: "host", f: "flow" };
const ORDERS: Readonly<Record<string, TopOrder>> = {
  r: "rate",
  b: "bytes",
  p: "packets",
  o: "flows",
  n: "name",
};
const ENTER = /[\r\n]/;
const ESCAPE = "\u001b";
const BACKSPACE = /[\u007f\b]/;
const CONTROL_C = "\u0003";
const LONGEST_FILTER = 40;

/** What a key does: another state, or the end. */
export function pressKey(state: TopState, key: string): TopState | "quit" {
  if (key === CONTROL_C) return "quit";
  if (state.isTyping) return typed(state, key);
  if (key === "q") return "quit";
  if (key === " ") return { ...state, isPaused: !state.isPaused };
  if (key === "/") return { ...state, isTyping: true };
  if (key === ESCAPE) return { ...state, filter: "" };
  const kind = KINDS[key];
  if (kind !== undefined) return { ...state, kind };
  const order = ORDERS[key];
  return order === undefined ? state : { ...state, order };
}

function typed(state: TopState, key: string): TopState {
  if (ENTER.test(key)) return { ...state, isTyping: false };
  if (key === ESCAPE) return { ...state, filter: "", isTyping: false };
  if (BACKSPACE.test(key)) return { ...state, filter: state.filter.slice(0, -1) };
  if (key < " " || state.filter.length >= LONGEST_FILTER) return state;
  return { ...state, filter: state.filter + key };
}
