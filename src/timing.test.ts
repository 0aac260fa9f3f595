import { expect, test } from "vitest";
import { isSettled, timeInTurn } from "./timing.ts";

/** Work that takes so long on the processor. */
const spin = (milliseconds: number) => async () => {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
};

test("the median of each, with an interval around it that is narrow, or none", async () => {
  const timings = await timeInTurn([spin(0.1), spin(3)], { seconds: 5 });
  for (const [i, expected] of [0.1, 3].entries()) {
    const timing = timings[i]!;
    if (!isSettled(timing)) continue;
    expect(timing.milliseconds).toBeGreaterThanOrEqual(expected);
    expect(timing.milliseconds).toBeLessThan(1.1 * expected);
    expect((timing.interval[1] - timing.interval[0]) / timing.interval[0]).toBeLessThanOrEqual(0.1);
  }
});

test("work that becomes faster is given by what it has become", async () => {
  let runs = 0;
  // 1.7 ms when it is warm, and on to 1.
  const work = () => spin(1 + 2 * 0.99 ** ++runs)();
  const [timing] = await timeInTurn([work], { seconds: 10 });
  if (isSettled(timing!)) expect(timing.milliseconds).toBeLessThan(1.35);
});

test("work without a steady time has no figure, and says how much it was interrupted", async () => {
  let runs = 0;
  // Between 2 and 8 ms, spread evenly: of times that alternate, a turn could meet the same one always.
  const [timing] = await timeInTurn([() => spin(2 + 6 * ((++runs * 0.618034) % 1))()], { seconds: 1 });
  expect(isSettled(timing!)).toBe(false);
  // Waiting is not the processor's time.
  const idle = () => new Promise((next) => setTimeout(next, 10));
  const [waited] = await timeInTurn([idle], { seconds: 0.5 });
  expect(isSettled(waited!)).toBe(false);
  expect(waited!.runs).toBe(0);
  expect(waited!.busy).toBeGreaterThan(0.5);
});

test("what the check throws ends it", async () => {
  let checks = 0;
  const check = (): void => {
    if (++checks > 3) throw new Error("enough");
  };
  await expect(timeInTurn([spin(0.1)], { seconds: 10, check })).rejects.toThrow("enough");
});
