import { openAfPacket } from "./af-packet.ts";
import { openCap } from "./cap.ts";
import { openLibpcap } from "./libpcap.ts";
import type { LiveInterface, LiveOptions } from "./live-interface.ts";

/** Ways to listen: packet sockets of Linux, the system's libpcap, the npm package cap. */
export const BACKENDS = ["af-packet", "libpcap", "cap"] as const;
export type Backend = (typeof BACKENDS)[number];

/** The way that suits a system, where none is asked for. */
export function defaultBackend(platform: string = process.platform): Backend {
  return platform === "linux" ? "af-packet" : "libpcap";
}

/**
 * Begins to listen to an interface.
 * @throws CaptureError when it can't be listened to, in one line that says what to do
 */
export async function openLive(
  name: string,
  backend: Backend,
  options: LiveOptions,
): Promise<LiveInterface> {
  if (backend === "af-packet") return openAfPacket(name, options);
  return backend === "libpcap" ? openLibpcap(name, options) : openCap(name, options);
}
