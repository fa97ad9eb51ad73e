import { CaptureError } from "../../core/errors.ts";
import type { SystemError } from "./libc.ts";

/** What helps, by why it failed. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  [
    "EPERM",
    "permission to capture denied; run as root, or once: " +
      "sudo setcap cap_net_raw+ep $(readlink -f $(which node))",
  ],
  ["ENODEV", "no such interface; portflow devices lists them"],
  ["ENXIO", "no such interface; portflow devices lists them"],
  ["EAFNOSUPPORT", "this kernel has no packet sockets; try --backend libpcap"],
  ["ENOMEM", "no memory for packets that wait; set a smaller --ring-size"],
]);
const SAME_CODE: ReadonlyMap<string, string> = new Map([["EACCES", "EPERM"]]);

/**
 * An interface that can't be listened to, in one line.
 * @param name - the interface
 * @param what - what could not be done, where the reason alone doesn't say it
 */
export function liveFailure(name: string, error: SystemError, what: string): CaptureError {
  const code = SAME_CODE.get(error.code) ?? error.code;
  const remedy = REMEDIES.get(code) ?? `${what}: ${error.text} (${error.code})`;
  return new CaptureError(
    `PF_LIVE_${code.replace(/\W/g, "_")}`,
    name,
    0,
    `${name}: ${remedy}`,
    error,
  );
}
