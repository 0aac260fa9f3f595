import { expect, test } from "vitest";
import figures from "../../../test/golden/study/figures.json" with { type: "json" };
import {
  bootstrapGain,
  holm,
  interquartileMean,
  pairedGain,
  pairedPower,
  performanceProfile,
  probabilityOfImprovement,
  seedsNeeded,
  summarise,
} from "./index.ts";

const flags = (texts: readonly string[]): Uint8Array[] => texts.map((text) => Uint8Array.from(text, Number));

/** Within 1e-6 of SciPy's: jStat has 7 digits of a quantile. */
function expectBounds(got: readonly number[] | undefined, expected: readonly number[], digits = 6): void {
  expect(got).toHaveLength(2);
  for (const [i, bound] of expected.entries()) expect(got?.[i]).toBeCloseTo(bound, digits);
}

test.each(figures.summaries)("mean, deviation and t interval of $values.length values as SciPy's", (figure) => {
  const { n, mean, deviation, interval } = summarise(figure.values, figure.confidence);
  expect(n).toBe(figure.values.length);
  expect(mean).toBeCloseTo(figure.mean, 10);
  expect(deviation).toBeCloseTo(figure.deviation, 10);
  expectBounds(interval, figure.interval);
});

test.each(figures.paired)("the paired t test of $values.length seeds as SciPy's", (figure) => {
  const { mean, deviation, interval, p } = pairedGain(figure.values, figure.baseline);
  expect(mean).toBeCloseTo(figure.mean, 10);
  expect(deviation).toBeCloseTo(figure.deviation, 10);
  expectBounds(interval, figure.interval);
  expect(p).toBeCloseTo(figure.p, 7);
});

test("one value has neither deviation nor interval, one pair no p value either", () => {
  expect(summarise([70.1])).toEqual({ n: 1, mean: 70.1, deviation: undefined, interval: undefined });
  expect(pairedGain([70.5], [70.25])).toEqual({
    n: 1,
    mean: 0.25,
    deviation: undefined,
    interval: undefined,
    p: undefined,
  });
});

test("equal values have the deviation 0, and no interval without width, also where they differ by rounding", () => {
  expect(summarise([70, 70, 70])).toEqual({ n: 3, mean: 70, deviation: 0, interval: undefined });
  const gain = pairedGain([70.3, 71.3, 72.9], [70.1, 71.1, 72.7]);
  expect(gain).toMatchObject({ n: 3, deviation: 0, interval: undefined, p: undefined });
  expect(gain.mean).toBeCloseTo(0.2, 10);
  expect(pairedGain([70.1, 71], [70.1, 71])).toMatchObject({ mean: 0, deviation: 0, p: undefined });
});

test.each(figures.holm)("Holm's adjustment of $p", ({ p, adjusted }) => {
  const got = holm([undefined, ...p]);
  expect(got[0]).toBeUndefined();
  for (const [i, value] of adjusted.entries()) expect(got[i + 1]).toBeCloseTo(value, 12);
});

test("nothing to adjust, and p values that are none", () => {
  expect(holm([])).toEqual([]);
  expect(holm([undefined])).toEqual([undefined]);
  expect(() => holm([0.5, 1.5])).toThrow(/pValues\[1\] should be from 0 to 1, got 1.5/);
  expect(() => holm([Number.NaN])).toThrow(/finite/);
});

test.each(figures.needed)("seeds for the effect $effect, power $power, level $level: $n by SciPy", (figure) => {
  const { effect, power, level, n, reached } = figure;
  expect(seedsNeeded(effect, 1, { power, level })).toBe(n);
  expect(pairedPower(effect, n, level)).toBeCloseTo(reached, effect * Math.sqrt(n) > 18 ? 3 : 5);
  expect(seedsNeeded(-effect * 0.3, 0.3, { power, level })).toBe(n);
});

test("beyond 1000 seeds the approximation goes on where the exact number stops", () => {
  const [below, above] = [0.0888, 0.0885].map((effect) => seedsNeeded(effect, 1) ?? 0);
  expect(below).toBeLessThan(1000);
  expect(above).toBeGreaterThan(1000);
  expect((above ?? 0) - (below ?? 0)).toBeLessThan(10);
  expect(seedsNeeded(0.01, 1)).toBe(78_491);
});

test("no number of seeds shows no difference, and without noise none is known", () => {
  expect(seedsNeeded(0, 1)).toBeUndefined();
  expect(seedsNeeded(1, 0)).toBeUndefined();
});

test.each(figures.bootstrap)("the bootstrap of $values.length seeds is NumPy's but for chance", (figure) => {
  const [values, baseline] = [flags(figure.values), flags(figure.baseline)];
  const got = bootstrapGain(values, baseline, { resamples: 4000 });
  const [low = 0, high = 0] = figure.interval;
  // 4000 resamples find a 2.5 % bound within about a twentieth of the width.
  for (const [i, bound] of figure.interval.entries())
    expect(Math.abs((got?.[i] ?? NaN) - bound)).toBeLessThan(0.05 * (high - low));
  expect(bootstrapGain(values, baseline, { resamples: 501 })).toEqual(
    bootstrapGain(values, baseline, { resamples: 501 }),
  );
});

test("the bootstrap's seed says which stream it draws from", () => {
  const [figure] = figures.bootstrap.slice(-1);
  const [values, baseline] = [flags(figure?.values ?? []), flags(figure?.baseline ?? [])];
  const of = (seed: number): unknown => bootstrapGain(values, baseline, { resamples: 101, seed });
  expect(new Set([0, 1, 2, 3].map((seed) => String(of(seed)))).size).toBeGreaterThan(1);
});

test("the bootstrap of one seed, and of runs that do not belong together", () => {
  expect(bootstrapGain([[1, 0]], [[0, 1]])).toBeUndefined();
  expect(() => bootstrapGain([[1, 0], [1]], [[0, 1], [1]])).toThrow(/same test images, got 2 and 1/);
  expect(() => bootstrapGain([[1], [1]], [[1]])).toThrow(/same seeds, one by one, got 2 and 1/);
  expect(() => bootstrapGain([[2]], [[1]])).toThrow(/test image 0 should be 0 or 1, got 2/);
  expect(() => bootstrapGain([], [])).toThrow(/at least one seed/);
  expect(() => bootstrapGain([[1]], [[1]], { resamples: 0 })).toThrow(/resamples should be 1 or more/);
});

test.each(figures.aggregates)(
  "interquartile mean, improvement and profile of $x.length and $y.length runs",
  (figure) => {
    const { x, y, iqm, improvement, thresholds, profile } = figure;
    expect(interquartileMean(x)).toBeCloseTo(iqm, 10);
    expect(probabilityOfImprovement(x, y)).toBeCloseTo(improvement, 12);
    expect(performanceProfile(x, thresholds)).toEqual(profile);
  },
);

test("what is no finite number is refused by name", () => {
  expect(() => summarise([1, 2, Number.NaN])).toThrow(/summarise: values\[2\] should be a finite number, got NaN/);
  expect(() => summarise([])).toThrow(/values should hold at least one number/);
  expect(() => summarise([1, 2], 1)).toThrow(/confidence should lie between 0 and 1/);
  expect(() => pairedGain([1], [Infinity])).toThrow(/baseline\[0\]/);
  expect(() => pairedGain([1, 2], [1])).toThrow(/same seeds/);
  expect(() => interquartileMean([Number.NaN])).toThrow(/interquartileMean/);
  expect(() => performanceProfile([1], [Number.NaN])).toThrow(/thresholds\[0\]/);
  expect(() => pairedPower(1, 1)).toThrow(/n should be a whole number from 2, got 1/);
  expect(() => seedsNeeded(Number.NaN, 1)).toThrow(/seedsNeeded/);
  expect(() => seedsNeeded(1, 1, { power: 1 })).toThrow(/power should lie between 0 and 1/);
});
