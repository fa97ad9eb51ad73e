import { deviceNames } from "../../capture/live/device-facts.ts";
import { UsageError } from "../../core/errors.ts";

const LISTED = 12;

/**
 * The interfaces that were named.
 * @throws UsageError when none was, with those that there are
 */
export function namedInterfaces(given: readonly string[]): readonly string[] {
  if (given.length > 0) return given;
  const names = deviceNames();
  const shown = names.slice(0, LISTED).join(", ");
  const more = names.length > LISTED ? ", ..." : "";
  throw new UsageError(
    "PF_NO_INTERFACE",
    `capture: name an interface: any${shown === "" ? "" : `, ${shown}${more}`}; see portflow devices`,
  );
}
