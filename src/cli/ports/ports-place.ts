import { UsageError } from "../../core/errors.ts";
import { type PortRange, parsePortRange } from "../../service/table-file.ts";
import { TransportName, transportMask } from "../../service/transport.ts";

/** Ports of some transports. */
export type Place = { readonly range: PortRange; readonly transports: readonly number[] };

/** Every transport, as indices. */
export const ALL_TRANSPORTS: readonly number[] = TransportName.map((_name, index) => index);

/**
 * What was meant by `udp/443`, `443:udp`, `443,80` and the like.
 * @returns undefined for what is made of more than ports and a transport
 */
export function placeMeant(text: string): string | undefined {
  const words = text.toLowerCase().split(/[\s,;:/.-]+/);
  const ports = words.filter((word) => /^\d+$/.test(word));
  const transports = words.filter((word) => TransportName.some((name) => name === word));
  const isMore = words.some(
    (word) => word !== "" && !ports.includes(word) && !transports.includes(word),
  );
  if (isMore || ports.length === 0) return undefined;
  const behind = transports.length === 0 ? "" : `/${transports.join(",")}`;
  return ports.map((port) => `${port}${behind}`).join(" ");
}

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
