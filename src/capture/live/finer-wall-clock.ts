/** Further apart than this the wall clock was set, or the machine slept: milliseconds. */
const TOLERANCE = 2;

/**
 * A clock with the fractions of a steady one that follows the wall clock wherever that is set to.
 * @param wall - whole milliseconds since 1970
 * @param steady - milliseconds of any origin, with fractions; only goes forward, and may stand still while
 *   the machine sleeps
 * @returns tells milliseconds since 1970
 */
export function finerWallClock(wall: () => number, steady: () => number): () => number {
  let offset = wall() - steady();
  return () => {
    const told = wall();
    const now = steady() + offset;
    if (Math.abs(told - now) <= TOLERANCE) return now;
    offset += told - now;
    return told;
  };
}
