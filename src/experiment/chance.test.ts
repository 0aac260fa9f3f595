import { expect, test } from "vitest";
import { tally } from "../train/evaluation.ts";
import { isAtChance } from "./chance.ts";

/** Of `sizes` images of each class, each answered by `answer`, which gets its class and its place among all. */
function evaluated(sizes: readonly number[], answer: (label: number, place: number) => number) {
  const counted = tally(sizes.length);
  let place = 0;
  for (const [label, images] of sizes.entries())
    for (let i = 0; i < images; i++) counted.add(label, { predicted: answer(label, place++), confidence: 0.5 });
  return counted.evaluation();
}

/** Lehmer's generator. */
function uniform(seed: number): () => number {
  let x = seed;
  return () => (x = (x * 48_271) % 2_147_483_647) / 2_147_483_647;
}

test("one answer for everything is chance, whatever the classes' sizes", () => {
  for (const sizes of [[50, 50], [400, 200, 100, 40, 15], Array<number>(10).fill(100), [2, 1]])
    for (const always of sizes.keys()) expect(isAtChance(evaluated(sizes, () => always))).toBe(true);
});

test("answers without a look at the images are chance but for about one in forty", () => {
  for (const [sizes, weights] of [
    [Array<number>(10).fill(50), Array<number>(10).fill(0.1)],
    [
      [400, 200, 100, 40, 15],
      [0.6, 0.2, 0.1, 0.05, 0.05],
    ],
    [
      [30, 30, 30],
      [0.8, 0.1, 0.1],
    ],
  ] as const) {
    const draw = uniform(7);
    const guess = (): number => {
      let rest = draw();
      return Math.max(
        0,
        weights.findIndex((weight) => (rest -= weight) < 0),
      );
    };
    const tries = Array.from({ length: 1000 }, () => isAtChance(evaluated(sizes, guess)));
    const missed = tries.filter((each) => !each).length;
    expect(missed).toBeGreaterThan(5);
    expect(missed).toBeLessThan(50);
  }
});

test("what is learned of small classes counts, even where the largest alone would be right more often", () => {
  // 50 % right where the largest class alone is right for 53 %.
  const found = evaluated([400, 200, 100, 40, 15], (label, place) => (place % 2 === 0 ? label : (label + 1) % 5));
  expect(found.accuracy).toBeLessThan(51);
  expect(isAtChance(found)).toBe(false);
  expect(isAtChance(evaluated([500, 500], (label, place) => (place % 20 === 0 ? 1 - label : label)))).toBe(false);
});

test("a few images can tell little, and one class nothing", () => {
  expect(isAtChance(evaluated([2, 2, 2], (label, place) => (place === 0 ? label : 1)))).toBe(true);
  expect(isAtChance(evaluated([4, 4, 4], (label) => label))).toBe(false);
  expect(isAtChance(evaluated([10, 0], () => 0))).toBe(false);
  expect(isAtChance(evaluated([10, 0], () => 1))).toBe(false);
});
