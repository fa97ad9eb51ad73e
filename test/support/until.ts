/** As long as the slowest and busiest machine needs; a test that waits in vain fails after it. */
const PATIENCE_SECONDS = 60;

/** Waits until a condition holds. @throws when it does not, with what was waited for and what was there */
export async function until(
  holds: () => boolean | Promise<boolean>,
  whatFor: string,
  whatThereIs: () => string = () => "",
): Promise<void> {
  const end = performance.now() + PATIENCE_SECONDS * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never ${whatFor}: ${whatThereIs()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
