import type { JsonMembers } from "./json-members.ts";
import type { LogTagger } from "./log-tagger.ts";

/** The highest number of a port. */
export const HIGHEST_PORT = 65535;

/** Where a log has one end of a flow (see `Member`), and its words for that. */
export type EndMembers = {
  readonly port: number;
  readonly portWord: string;
  readonly address: number;
  readonly addressWord: string;
};

/**
 * Reads the ports of a flow, which its protocol may be without, and its addresses where they matter.
 * @returns what is wrong with them
 */
export function readEnds(
  members: JsonMembers,
  tagger: LogTagger,
  source: EndMembers,
  destination: EndMembers,
): string | undefined {
  const sourcePort = members.integer(source.port, HIGHEST_PORT);
  const destinationPort = members.integer(destination.port, HIGHEST_PORT);
  if (sourcePort < 0 && members.has(source.port)) return `${source.portWord} is no port`;
  if (destinationPort < 0 && members.has(destination.port)) {
    return `${destination.portWord} is no port`;
  }
  tagger.setPorts(sourcePort, destinationPort);
  if (!tagger.needsAddresses) return undefined;
  const from = members.text(source.address) ?? "";
  const to = members.text(destination.address) ?? "";
  if (tagger.setAddresses(from, to)) return undefined;
  return `${source.addressWord} or ${destination.addressWord} is no address`;
}
