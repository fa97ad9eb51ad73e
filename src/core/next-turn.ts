/**
 * Lets in what waits for the thread, such as messages and signals. As `node:timers/promises` has it,
 * which takes a millisecond to load.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
