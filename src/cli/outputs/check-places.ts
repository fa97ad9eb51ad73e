import type { FlowOptions } from "../options/read-options.ts";
import { checkWritten, type Written } from "./check-written.ts";
import { planOutputs } from "./open-outputs.ts";

/** The options that name files. */
type PlaceOptions = FlowOptions & { readonly write?: string };

/**
 * Looks before a run at what it would write to.
 * @param captures - that are read; `-` is standard input
 * @throws UsageError, OutputError
 */
export async function checkPlaces(
  captures: readonly string[],
  options: PlaceOptions,
): Promise<void> {
  const planned = planOutputs(options);
  const networks = planned.filter(({ isNetwork }) => isNetwork);
  if (networks.length > 0) {
    const { networkOutput } = await import("./network-output.ts");
    networks.forEach(networkOutput);
  }
  const written: Written[] = planned
    .filter(({ isNetwork }) => !isNetwork)
    .map(({ destination }) => ({ option: "--output", path: destination }));
  if (options.write !== undefined) written.push({ option: "--write", path: options.write });
  if (options.stats !== undefined && options.stats !== "-") {
    written.push({ option: "--stats", path: options.stats });
  }
  checkWritten(written, [...captures, options.services]);
}
