import { Mark, Staged } from "../packet/staged-packet.ts";
import type { FlowExtra } from "../row/flow-extra.ts";
import { ordinalOffset, Row } from "../row/flow-row.ts";
import type { FlowContexts } from "./context-table.ts";
import { flowId, flowIdText, ID_WORDS } from "./flow-id.ts";

/** Flows around one that are kept at most: a tunnel's ports can be others for every packet. */
const MOST_PARENTS = 16;

const idWords = new Int32Array(ID_WORDS);

/**
 * Where the layer around a staged one stands, when both are staged: with `--tunnels both` they follow
 * each other.
 * @returns its first word, -1 when the packet has no layer around this one
 */
export function stagedAround(staged: Int32Array, at: number): number {
  let before = at - Staged.Size;
  // What an ICMP error quotes is put before it.
  if (before >= 0 && (staged[before + Staged.Marks]! & Mark.Quote) !== 0) before -= Staged.Size;
  if (before < 0 || staged[before + Staged.Ordinal] !== staged[at + Staged.Ordinal]) return -1;
  return before;
}

/** Notes that a flow was inside another one. @param parent - row of that */
export function noteParent(
  words: Int32Array,
  parent: number,
  parentExtra: FlowExtra | undefined,
  contexts: FlowContexts,
  extra: FlowExtra,
): void {
  const ordinal = words[parent + ordinalOffset(words[parent + Row.Kind]!)]!;
  const { parents } = extra;
  if (parents.length >= MOST_PARENTS) return;
  for (const one of parents) if (one.ordinal === ordinal) return;
  flowId(words, parent, contexts, parentExtra, idWords);
  parents.push({ ordinal, id: flowIdText(idWords) });
}
