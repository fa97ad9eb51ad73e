import { UsageError } from "../core/errors.ts";
import { type PortRange, parsePortRange } from "../service/table-file.ts";
import { TransportName, transportMask } from "../service/transport.ts";

/** Ports of some transports. */
export type Place = { readonly range: PortRange; readonly transports: readonly number[] };

/** Every transport, as indices. */
export const ALL_TRANSPORTS: readonly number[] = TransportName.map((_name, index) => index);

/**
 * `443`, `443/udp`, `8000-8100/tcp,udp`.
 * @returns undefined when the text doesn't start with a digit, and so is a word
 * @throws UsageError when it does, and is no place
 */
export function parsePlace(text: string): Place | undefined {
  const match = /^(\d+(?:-\d+)?)(?:\/(.*))?$/.exec(text);
  if (match === null) return undefined;
  const [, ports = "", transports] = match;
  const range = parsePortRange(ports);
  if (range === undefined) {
    const what = "not a port; write 0 to 65535, or a range low-high";
    throw new UsageError("PF_PORT_QUERY", `"${text}": ${what}`);
  }
  if (transports === undefined) return { range, transports: ALL_TRANSPORTS };
  const mask = transportMask(transports.toLowerCase());
  if (mask === 0) {
    const what = "not a transport; write tcp, udp, sctp or dccp";
    throw new UsageError("PF_PORT_QUERY", `"${text}": ${what}`);
  }
  return { range, transports: ALL_TRANSPORTS.filter((index) => (mask & (1 << index)) !== 0) };
}
