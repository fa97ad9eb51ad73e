/** V8 of Node 22, the first with Maglev on. */
const FIRST_WITH_MAGLEV = 12;

/**
 * Turns off V8's middle compiler, Maglev, for this process and all of its threads; nothing where there is
 * none. For whoever calls `process.exit`: Node waits there for compilations under way, and one of
 * Maglev's that needs room waits for a garbage collection by the thread that waits for it, for ever
 * (nodejs/node#54918). One in nine runs of a second hung like that under Node 24; long runs take 5 to
 * 10 % longer without it, and asking for it takes 4 ms, on Nodes that have it only.
 */
export function withoutMaglev(): void {
  if (Number.parseInt(process.versions.v8, 10) < FIRST_WITH_MAGLEV) return;
  process.getBuiltinModule("node:v8").setFlagsFromString("--no-maglev");
}
