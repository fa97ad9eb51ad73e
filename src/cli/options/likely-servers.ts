import { InvalidArgumentError } from "commander";
import { UsageError } from "../../core/errors.ts";
import { likelyServers } from "../../flow/row/likely-server-port.ts";

/** Ports by the transport that an entry of the list names; without one they are of both. */
type Ports = { readonly tcp: number[]; readonly udp: number[] };

/**
 * Ports on which Zeek is to expect servers: `80/tcp,53/udp,443`, or `none`.
 * @returns a bit for each, see likely-server-port.ts
 */
export function parseLikelyServers(text: string): Int32Array {
  const ports: Ports = { tcp: [], udp: [] };
  if (text !== "none") for (const entry of text.split(",")) addEntry(entry.trim(), ports);
  return likelyServers(ports.tcp, ports.udp);
}

function addEntry(entry: string, { tcp, udp }: Ports): void {
  const [, digits, transport] = /^(\d{1,5})(?:\/(tcp|udp))?$/.exec(entry) ?? [];
  const port = Number(digits);
  if (!(port <= 65535)) {
    throw new InvalidArgumentError(`"${entry}" is no port; write 80/tcp,53/udp or none`);
  }
  if (transport !== "udp") tcp.push(port);
  if (transport !== "tcp") udp.push(port);
}

/**
 * What the option says where flows are those of Zeek.
 * @throws UsageError where they are not
 */
export function likelyServersOf(
  { likelyServerPorts }: { readonly likelyServerPorts?: Int32Array },
  zeekRules: boolean,
): { readonly likelyServers?: Int32Array } {
  if (likelyServerPorts === undefined) return {};
  if (zeekRules) return { likelyServers: likelyServerPorts };
  throw new UsageError(
    "PF_LIKELY_SERVERS",
    "--likely-server-ports: nothing here is in Zeek's form; add --format zeek, or compare with a conn.log",
  );
}
