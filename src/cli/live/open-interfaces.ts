import type { LiveInterface } from "../../capture/live/live-interface.ts";
import { type Backend, openLive } from "../../capture/live/open-live.ts";
import type { CaptureOptions } from "./capture-options.ts";

/**
 * Begins to listen to all interfaces, or to none when one of them fails.
 * @throws CaptureError when one can't be listened to; UsageError for a filter that is none
 */
export async function openInterfaces(
  names: readonly string[],
  backend: Backend,
  options: CaptureOptions,
): Promise<readonly LiveInterface[]> {
  const opened: LiveInterface[] = [];
  try {
    for (const name of new Set(names)) {
      opened.push(
        await openLive(name, backend, {
          snaplen: options.snaplen,
          promiscuous: options.promiscuous,
          ringOctets: options.ringSize,
          direction: options.direction,
          ...(options.filter === undefined ? {} : { filter: options.filter }),
        }),
      );
    }
    return opened;
  } catch (error: unknown) {
    for (const one of opened) one.close();
    throw error;
  }
}
