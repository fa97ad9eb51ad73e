import type { ByteWriter } from "../../core/byte-writer.ts";
import { type Fragment, fragment } from "../../core/fragment.ts";
import {
  fragmentAt,
  hexHalfAt,
  hexWordAt,
  nineDigitsAt,
  shortFragmentAt,
} from "../../core/text-at.ts";
import type { TimeText } from "../../core/time-text.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { COMMUNITY_ID_LENGTH, communityId } from "../../flow/id/community-id.ts";
import { ipProtocolName } from "../../wire/ip-protocol.ts";
import { durationAt } from "../flow-text.ts";

const OPEN = fragment('{"type":"flow","schema":"portflow.flow/1","id":"');
const COMMUNITY_ID = fragment('","community_id":"');
const START = fragment('","start":"');
const END = fragment('Z","end":"');
const DURATION = fragment('Z","duration":');
/** More than all of it takes. */
const ROOM = 512;

/** What the members from the version of IP to the protocol number say, by version and number; made when first met. */
const PROTOCOLS: readonly [(Fragment | undefined)[], (Fragment | undefined)[]] = [[], []];

/** Opens a record of portflow's own and writes its first members: what it is, when it was, and what it speaks. */
export function writeIdentity(
  view: FlowView,
  seed: number,
  times: TimeText,
  out: ByteWriter,
): void {
  out.reserve(ROOM);
  const to = out.memory;
  let at = fragmentAt(to, out.length, OPEN);
  at = hexWordAt(to, at, view.id[0]!);
  at = hexWordAt(to, at, view.id[1]!);
  at = hexHalfAt(to, at, view.id[2]! >>> 16);
  at = shortFragmentAt(to, at, COMMUNITY_ID);
  communityId(view.words, view.row, seed, to, at);
  at = shortFragmentAt(to, at + COMMUNITY_ID_LENGTH, START);
  at = shortFragmentAt(to, at, times.second(view.startSeconds));
  at = nineDigitsAt(to, at, view.startNanoseconds);
  at = shortFragmentAt(to, at, END);
  at = shortFragmentAt(to, at, times.second(view.endSeconds));
  at = nineDigitsAt(to, at, view.endNanoseconds);
  at = shortFragmentAt(to, at, DURATION);
  at = durationAt(view, to, at);
  out.length = fragmentAt(to, at, protocolMembers(view));
}

/** The members from the version of IP to the protocol number. */
export function protocolMembers(view: FlowView): Fragment {
  const { protocol } = view;
  const known = PROTOCOLS[view.isIpv6 ? 1 : 0];
  let members = known[protocol];
  if (members === undefined) {
    const version = view.isIpv6 ? 6 : 4;
    const name = ipProtocolName(protocol);
    members = fragment(`,"ip_version":${version},"transport":"${name}","ip_proto":${protocol}`);
    known[protocol] = members;
  }
  return members;
}
