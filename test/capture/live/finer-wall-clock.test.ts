import { expect, it } from "vitest";
import { finerWallClock } from "../../../src/capture/live/finer-wall-clock.ts";

it("finerWallClock has the fractions of the steady clock and follows the wall clock where it is set to", () => {
  let wall = 1_000_000;
  let steady = 50;
  const clock = finerWallClock(
    () => Math.floor(wall),
    () => steady,
  );
  const pass = (milliseconds: number): void => {
    wall += milliseconds;
    steady += milliseconds;
  };
  pass(0.25);
  expect(clock()).toBe(1_000_000.25);
  // An hour of sleep, in which the steady clock stood still.
  wall += 3_600_000;
  expect(clock()).toBe(4_600_000);
  pass(1.5);
  expect(clock()).toBe(4_600_001.5);
  // Set back by a minute.
  wall -= 60_000;
  expect(clock()).toBe(4_540_001);
});
