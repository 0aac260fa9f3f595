import { expect, test } from "vitest";
import { LimbeckError } from "../../errors.ts";
import { compareRuns, type ComparedRun } from "./index.ts";
import { runsOfRow } from "../../../test/study/runs-of-row.ts";

const ce = runsOfRow("ce", [70, 70.5, 69.8]);
const kd = runsOfRow("kd", [71, 71.6, 70.9]);
const at = runsOfRow("at", [70.2, 70.1, 70.6]);
const teacher = runsOfRow("teacher", [75.1]);

test("one row for each cell, gains paired by seed whatever the order of the runs", () => {
  const { rows } = compareRuns([...teacher, ...ce, ...kd.toReversed(), ...at]);
  expect(rows.map(({ row, accuracy }) => [row, accuracy.n])).toEqual([
    ["teacher", 1],
    ["ce", 3],
    ["kd", 3],
    ["at", 3],
  ]);
  const [first, alone, better, noise] = rows;
  expect([first?.gain, alone?.gain]).toEqual([undefined, undefined]);
  expect(better?.accuracy.mean).toBeCloseTo(71.16667, 4);
  // Differences 1, 1.1, 1.1: mean 1.0667, deviation 0.0577, t = 32 with 2 degrees, p = 0.000975; twice that by Holm.
  expect(better?.gain).toMatchObject({ n: 3, seeds: [1, 2, 3], probabilityOfImprovement: 1, seedsNeeded: 2 });
  expect(better?.gain?.mean).toBeCloseTo(1.066667, 6);
  expect(better?.gain?.deviation).toBeCloseTo(0.057735, 6);
  expect(better?.gain?.p).toBeCloseTo(0.0009751, 6);
  expect(better?.gain?.adjustedP).toBeCloseTo(0.0019503, 6);
  expect(noise?.gain?.probabilityOfImprovement).toBeCloseTo(7 / 9, 12);
  expect(noise?.gain?.adjustedP).toBe(noise?.gain?.p);
});

test("above 100 rows, gains over each other are left out, and a note says so", () => {
  const many = (count: number): ReturnType<typeof compareRuns> =>
    compareRuns(Array.from({ length: count }, (_, i) => runsOfRow(`row ${i}`, [80])).flat());
  const note = "Gains of rows over each other are left out above 100 rows.";
  expect(many(100).gains).toHaveLength(100);
  expect(many(100).notes).not.toContain(note);
  expect(many(101).gains).toEqual([]);
  expect(many(101).notes).toContain(note);
});

test("gains of rows over each other lie below the diagonal", () => {
  const { gains } = compareRuns([...ce, ...kd, ...runsOfRow("other", [80], { seed: 9 })]);
  expect(gains.map((row) => row.length)).toEqual([0, 1, 2]);
  expect(gains[1]?.[0]?.mean).toBeCloseTo(1.066667, 6);
  expect(gains[2]).toEqual([undefined, undefined]);
});

test("a row's gain is of the seeds that it shares with the student alone", () => {
  const { rows, notes } = compareRuns([...ce, ...runsOfRow("kd", [71, 71.6, 70.9, 90])]);
  expect(rows[1]?.accuracy.n).toBe(4);
  expect(rows[1]?.gain).toMatchObject({ n: 3, seeds: [1, 2, 3] });
  expect(notes.join("\n")).toMatch(/^kd: the student alone lacks some of these seeds/m);
});

test("headlines claim what the seeds tell and no more", () => {
  const headline = (...runs: readonly ComparedRun[][]): string => compareRuns(runs.flat()).headline;
  expect(headline(teacher, ce, kd, at)).toBe(
    "1 of 2 methods is better than noise. The largest gain is that of kd, +1.07 points over 3 seeds (p = 0.002).",
  );
  expect(headline(ce, kd)).toBe(
    "The gain of kd over the student alone, +1.07 points over 3 seeds, is more than noise (p < 0.001).",
  );
  expect(headline(ce, at)).toBe(
    "The gain of at over the student alone, +0.20 points over 3 seeds, is within noise (p = 0.622); about 73 seeds would show a difference of this size.",
  );
  expect(headline(ce, runsOfRow("rkd", [69, 69.4, 68.7]))).toBe(
    "The gain of rkd over the student alone, −1.07 points over 3 seeds, is a loss beyond noise (p < 0.001).",
  );
  expect(headline(ce, at, runsOfRow("rkd", [69, 69.4, 68.7]))).toMatch(
    /^None of 2 methods is better than noise, and 1 is worse than the student alone\. The largest gain is that of at, \+0\.20 points over 3 seeds; it is/,
  );
});

test("one seed, equal gains and missing partners claim nothing", () => {
  const headline = (...runs: readonly ComparedRun[][]): string => compareRuns(runs.flat()).headline;
  const one = (runs: readonly ComparedRun[]): ComparedRun[] => runs.slice(0, 1);
  expect(headline(one(ce), one(kd))).toBe(
    "The gain of kd over the student alone, +1.00 points over 1 seed: one seed cannot tell it from noise.",
  );
  expect(headline(one(ce), one(kd), one(at))).toBe(
    "One seed cannot tell the gains of these 2 methods from noise. The largest gain is that of kd, +1.00 points over 1 seed.",
  );
  expect(headline(ce, runsOfRow("kd", [71, 71.5, 70.8]))).toBe(
    "The gain of kd over the student alone, +1.00 points over 3 seeds, is the same with each seed; that shows no noise to compare it with, and proves nothing.",
  );
  expect(headline(ce, runsOfRow("kd", [70, 70.5, 69.8]))).toBe(
    "kd has the accuracy of the student alone with each of 3 seeds.",
  );
  expect(headline(ce)).toBe("Only the student alone has finished: ce has 70.10%, n = 3.");
  expect(headline(kd, at)).toBe(
    "The student alone is not among these runs, so no gain is known. The highest mean accuracy: kd has 71.17%, n = 3.",
  );
  expect(headline(teacher)).toBe("No student has finished.");
  expect(compareRuns([])).toMatchObject({ rows: [], gains: [] });
});

test("the bootstrap needs the flags of all runs, and two seeds", () => {
  const flags = (wrong: number): Uint8Array => Uint8Array.from({ length: 200 }, (_, i) => (i < wrong ? 0 : 1));
  const flagged = (runs: readonly ComparedRun[]): ComparedRun[] =>
    runs.map((run) => ({ ...run, correct: flags(Math.round((100 - run.accuracy) * 2)) }));
  const [low = 0, high = 0] = compareRuns([...flagged(ce), ...flagged(kd)]).rows[1]?.gain?.bootstrap ?? [];
  expect(low).toBeLessThan(1);
  expect(high).toBeGreaterThan(1.2);
  expect(compareRuns([...flagged(ce), ...flagged(kd)], { resamples: 0 }).rows[1]?.gain?.bootstrap).toBeUndefined();
  expect(compareRuns([...flagged(ce), ...kd]).rows[1]?.gain?.bootstrap).toBeUndefined();
});

test("notes name mixed engines, single seeds and how p values were adjusted", () => {
  const { notes } = compareRuns([
    ...runsOfRow("ce", [70, 71], { engine: "wasm" }),
    ...runsOfRow("kd", [72], { engine: "gpu" }),
  ]);
  expect(notes).toEqual([
    "Runs of different engines are in this table (wasm; gpu): accuracies may differ by rounding, and times cannot be compared.",
    "kd: one seed shows neither a deviation nor an interval.",
  ]);
  expect(compareRuns([...ce, ...kd, ...at]).notes).toEqual([
    "The largest gain was picked on the same test images that measured it, which flatters it.",
    "Gains are paired by seed. Intervals are Student's, 95 %; p values are of paired t tests, two-sided, adjusted for 2 comparisons (Holm).",
  ]);
});

test.each([
  ["a seed twice", [...kd, ...kd.slice(0, 1)], /"kd" should have one run for each seed, has seed 1 twice/],
  ["NaN", runsOfRow("kd", [Number.NaN]), /accuracy of "kd", seed 1 should be from 0 to 100 percent, got NaN/],
  ["no seed", runsOfRow("kd", [70], { seed: 1.5 }), /seed of "kd" should be a whole number, got 1.5/],
  [
    "no bytes",
    runsOfRow("kd", [70], { bytes: Number.NaN }),
    /bytes of "kd", seed 1 should be a number from 0, got NaN/,
  ],
  ["both", runsOfRow("ce", [70], { isTeacher: true }), /should be a teacher or the student alone, is both/],
  [
    "two baselines",
    [...ce, ...runsOfRow("kd", [70], { isBaseline: true })],
    /one row should be the student alone, got "ce" and "kd"/,
  ],
  [
    "two networks",
    [...kd, ...runsOfRow("kd", [70], { seed: 4, parameters: 3 })],
    /"kd" should have the same parameters, got 267738 with seed 1 and 3 with seed 4/,
  ],
  [
    "other images",
    [...runsOfRow("ce", [50], { correct: [1, 0] }), ...runsOfRow("kd", [100], { correct: [1] })],
    /tested on the same images, got 2 for "ce" and 1 for "kd", seed 1/,
  ],
])("%s is refused", (_, runs, message) => {
  expect(() => compareRuns(runs)).toThrow(LimbeckError);
  expect(() => compareRuns(runs)).toThrow(message);
});
