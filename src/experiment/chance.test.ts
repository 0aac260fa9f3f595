import { expect, test } from "vitest";
import { isAtChance } from "./chance.ts";

/** Of `sizes` images of each class, each answered by `answer`, which gets its class and its place among all. */
function isLost(sizes: readonly number[], answer: (label: number, place: number) => number): boolean {
  const labels = sizes.flatMap((images, label) => Array<number>(images).fill(label));
  return isAtChance(labels.map(answer), Uint16Array.from(labels));
}

/** Lehmer's generator. */
function uniform(seed: number): () => number {
  let x = seed;
  return () => (x = (x * 48_271) % 2_147_483_647) / 2_147_483_647;
}

test("one answer for everything is chance, whatever the classes' sizes", () => {
  for (const sizes of [[50, 50], [400, 200, 100, 40, 15], Array<number>(10).fill(100), [2, 1]])
    for (const always of sizes.keys()) expect(isLost(sizes, () => always)).toBe(true);
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
    const tries = Array.from({ length: 1000 }, () => isLost(sizes, guess));
    const missed = tries.filter((each) => !each).length;
    expect(missed).toBeGreaterThan(5);
    expect(missed).toBeLessThan(50);
  }
});

test("what is learned of small classes counts, even where the largest alone would be right more often", () => {
  // 50 % right where the largest class alone is right for 53 %.
  expect(isLost([400, 200, 100, 40, 15], (label, place) => (place % 2 === 0 ? label : (label + 1) % 5))).toBe(false);
  expect(isLost([500, 500], (label, place) => (place % 20 === 0 ? 1 - label : label))).toBe(false);
});

test("of many classes too, whose confusions are not kept", () => {
  const sizes = Array<number>(3000).fill(2);
  expect(isLost(sizes, (label) => (label + 1) % 3000)).toBe(true);
  expect(isLost(sizes, (label, place) => (place % 10 === 0 ? label : (label + 1) % 3000))).toBe(false);
});

test("a few images can tell little, and one class nothing", () => {
  expect(isLost([2, 2, 2], (label, place) => (place === 0 ? label : 1))).toBe(true);
  expect(isLost([4, 4, 4], (label) => label)).toBe(false);
  expect(isLost([10, 0], () => 0)).toBe(false);
  expect(isLost([10, 0], () => 1)).toBe(false);
});
