import { exportsOf } from "../../core/web-assembly.ts";
import type { GrowableMemory } from "../row/growable-memory.ts";
import type { lookUp, touchRows } from "./look-ahead.ts";
import type { addUsualPackets } from "./usual-packets.ts";
import { USUAL_PACKETS_MODULE } from "./usual-packets-module.ts";

type Numbers<Given> = { [Key in keyof Given]: number };
type WithoutLast<Given> = Given extends [...infer Others, unknown] ? Others : never;

/** `lookUp` and `touchRows`, arrays given by the address of their first octet in the memory. */
export type CompiledLookAhead = {
  readonly lookUp: (...given: Numbers<Parameters<typeof lookUp>>) => number;
  readonly touchRows: (...given: Numbers<Parameters<typeof touchRows>>) => number;
};

/** These, and `addUsualPackets` without rare facts. */
export type CompiledUsualPackets = CompiledLookAhead & {
  readonly addUsualPackets: (
    ...given: Numbers<WithoutLast<Parameters<typeof addUsualPackets>>>
  ) => number;
};

/**
 * What is done to many packets as WebAssembly, compiled from the same source: no bounds are checked at
 * each access, and it runs at full speed from the first packets on, where V8 would compile and recompile.
 * @param memory - rows and staged packets are to be in it
 * @returns undefined where there is no WebAssembly, or the memory is none of it
 */
export function compiledUsualPackets({
  webAssembly,
}: GrowableMemory): CompiledUsualPackets | undefined {
  if (webAssembly === undefined) return undefined;
  return exportsOf(USUAL_PACKETS_MODULE, webAssembly) as CompiledUsualPackets | undefined;
}
