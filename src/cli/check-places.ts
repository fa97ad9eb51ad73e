import { checkWritten, type Written } from "./check-written.ts";
import { planOutputs } from "./open-outputs.ts";
import type { FlowOptions } from "./read-options.ts";

/** The options that name files. */
type PlaceOptions = FlowOptions & { readonly write?: string };

/**
 * Looks before a run at what it would write to.
 * @param captures - that are read; `-` is standard input
 * @throws UsageError, OutputError
 */
export function checkPlaces(captures: readonly string[], options: PlaceOptions): void {
  const written: Written[] = planOutputs(options)
    .filter(({ network }) => network === undefined)
    .map(({ destination }) => ({ option: "--output", path: destination }));
  if (options.write !== undefined) written.push({ option: "--write", path: options.write });
  if (options.stats !== undefined && options.stats !== "-") {
    written.push({ option: "--stats", path: options.stats });
  }
  checkWritten(written, [...captures, options.services]);
}
