/** @file Draws, rungs and who goes on, against brute force and known distributions. */
import { expect, test } from "vitest";
import { findMethod } from "../../distill/index.ts";
import { expandStudy } from "../expand.ts";
import { drawTrials, valueAt } from "./draw.ts";
import { searchSpace } from "./ranges.ts";
import { rungsOf } from "./rungs.ts";
import {
  hasFailed,
  nextStep,
  ranked,
  runsOfStep,
  runsToCome,
  type Entry,
  type Outcome,
  type TunedRow,
} from "./tuned-row.ts";
import { shortened, withDraw } from "./trial-settings.ts";

const run = expandStudy({ teachers: "big.onnx", recipe: { epochs: 9, warmUp: 3 }, seeds: 2 }).find(
  ({ role }) => role === "taught",
);
if (!run) throw Error("a study has a taught run");

function rowOf(trials: number, halving: number, epochs: number): TunedRow {
  return {
    group: "",
    row: "kd",
    runs: [1, 2, 3].map((seed) => ({ ...run!, seed })),
    rungs: rungsOf(trials, halving, epochs),
    draws: Array.from({ length: trials }, (_, i): Readonly<Record<string, number>> =>
      i === 0 ? {} : { learningRate: i / 100 },
    ),
    described: { learningRate: 0.001 },
    inEpochs: {},
    entered: [],
    final: [],
  };
}

test.each([
  // Hyperband's table of its bracket with 81 trials and R = 81, η = 3.
  [81, 3, 81, ["81x1", "27x3", "9x9", "3x27", "1x81"]],
  [9, 3, 10, ["9x1", "3x3", "1x10"]],
  [8, 2, 8, ["8x1", "4x2", "2x4", "1x8"]],
  [8, 3, 3, ["8x1", "2x3"]],
  [8, 3, 2, ["8x2"]],
  [8, 100, 40, ["8x40"]],
  [4, 2, 9.9, ["4x2", "2x5", "1x9.9"]],
])("%i trials, one in %i, %d epochs: %j", (trials, halving, epochs, expected) => {
  expect(rungsOf(trials, halving, epochs).map((rung) => `${rung.trials}x${rung.epochs}`)).toEqual(expected);
});

test("draws are log-uniform or uniform, by their quantiles, and the first trial has none", async () => {
  const ranges = {
    learningRate: { from: 1e-4, to: 1e-2, scale: "log" },
    "options.smoothing": { from: 0.2, to: 0.6, scale: "linear" },
  } as const;
  const [first, ...draws] = await drawTrials(ranges, 2001, 7);
  expect(first).toEqual({});
  const sorted = (name: keyof typeof ranges): number[] =>
    draws.map((draw) => draw[name] ?? NaN).toSorted((a, b) => a - b);
  // Kolmogorov's bound at a level of 1 %: 1.63 / sqrt(2000) = 0.0364.
  const distance = (values: readonly number[], share: (value: number) => number): number =>
    Math.max(
      ...values.map((value, i) => Math.max(Math.abs(share(value) - i / 2000), Math.abs(share(value) - (i + 1) / 2000))),
    );
  const ofRates = (share: (value: number) => number): number => distance(sorted("learningRate"), share);
  expect(ofRates((value) => Math.log10(value / 1e-4) / 2)).toBeLessThan(0.0364);
  expect(ofRates((value) => (value - 1e-4) / (1e-2 - 1e-4))).toBeGreaterThan(0.3);
  expect(distance(sorted("options.smoothing"), (value) => (value - 0.2) / 0.4)).toBeLessThan(0.0364);
  // Settings are independent of each other.
  const n = draws.length;
  const u = draws.map((draw) => Math.log10(draw["learningRate"]! / 1e-4) / 2 - 0.5);
  const v = draws.map((draw) => (draw["options.smoothing"]! - 0.2) / 0.4 - 0.5);
  const correlation = (12 / n) * u.reduce((sum, each, i) => sum + each * v[i]!, 0);
  expect(Math.abs(correlation)).toBeLessThan(2.58 / Math.sqrt(n));
});

test("draws depend on seed, trial and name alone: another range, another row or more trials change no other draw", async () => {
  const rate = { from: 1, to: 100, scale: "log" } as const;
  const few = await drawTrials({ learningRate: rate }, 4, 0);
  const more = await drawTrials({ "options.temperature": rate, learningRate: rate }, 9, 0);
  expect(more.slice(0, 4).map(({ learningRate }) => learningRate)).toEqual(few.map(({ learningRate }) => learningRate));
  expect(more[1]!["options.temperature"]).not.toBe(more[1]!["learningRate"]);
  expect(await drawTrials({ learningRate: rate }, 4, 1)).not.toEqual(few);
  expect(few).toEqual(await drawTrials({ learningRate: rate }, 4, 0));
});

test("values have three digits and stay in their range", () => {
  expect(valueAt({ from: 0.001, to: 0.1, scale: "log" }, 0.5)).toBe(0.01);
  expect(valueAt({ from: 1.2345, to: 4, scale: "log" }, 0)).toBe(1.2345);
  expect(valueAt({ from: 1, to: 2, scale: "linear" }, 0.33333)).toBe(1.33);
});

test("who goes on is what brute force finds, for many random outcomes with ties and failures", () => {
  let state = 1;
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  for (let time = 0; time < 300; time++) {
    const trials = 2 + random(20);
    const halving = 2 + random(3);
    const seeds = Array.from({ length: 1 + random(3) }, (_, i) => i);
    const entered: (readonly Entry[])[] = [];
    const row = { ...rowOf(trials, halving, 1 + random(30)), entered };
    const outcomes = new Map<string, Outcome>();
    let expected: readonly number[] = row.draws.map((_, i) => i);
    for (const [i, rung] of row.rungs.entries()) {
      expect(nextStep(row, (id) => outcomes.get(id))).toEqual({ kind: "rung", trials: expected });
      expect(expected.length).toBeLessThanOrEqual(rung.trials);
      const entries = expected.flatMap((trial) => seeds.map((seed) => ({ trial, id: `${i} ${trial} ${seed}` })));
      entered.push(entries);
      for (const { id } of entries) {
        expect(nextStep(row, (each) => outcomes.get(each))).toBeUndefined();
        outcomes.set(id, random(7) === 0 ? "failed" : random(6) * 10);
      }
      // Brute force: a trial goes on if fewer than as many as there is room for are better, or equal with a lower number.
      const of = (trial: number): number => {
        const found = seeds.map((seed) => outcomes.get(`${i} ${trial} ${seed}`));
        // What failed with one seed is out.
        return found.reduce<number>((sum, each) => (typeof each === "number" ? sum + each : -Infinity), 0);
      };
      const room = row.rungs[i + 1]?.trials ?? 1;
      const ahead = (trial: number): number =>
        expected.filter((other) => of(other) > of(trial) || (of(other) === of(trial) && other < trial)).length;
      const next = expected
        .filter((trial) => of(trial) >= 0 && ahead(trial) < room)
        .toSorted((a, b) => ahead(a) - ahead(b));
      expected = next;
      if (next.length === 0) break;
    }
    const outcomeOf = (id: string): Outcome | undefined => outcomes.get(id);
    expect(hasFailed(row, outcomeOf)).toBe(expected.length === 0);
    expect(nextStep(row, outcomeOf)).toEqual(expected.length === 0 ? undefined : { kind: "final", trial: expected[0] });
    expect(runsToCome(row, { seeds }, outcomeOf)).toBe(expected.length === 0 ? 0 : row.runs.length);
    if (expected.length === 0) expect(ranked(row.entered.at(-1)!, outcomeOf)).toEqual([]);
  }
});

test("trials never look at the test images and have none of the seeds; final runs have them all, with what was chosen", () => {
  const row = rowOf(9, 3, 9);
  const protocol = { trials: 9, halving: 3, validation: "10%", seeds: [0], holdsOut: false };
  const trials = runsOfStep(row, { kind: "rung", trials: [0, 4] }, protocol);
  expect(
    trials.map(({ role, seed, settings }) => [
      role,
      seed,
      settings["tested"],
      settings["validation"],
      settings["epochs"],
    ]),
  ).toEqual([
    ["trial", 0, false, "10%", 1],
    ["trial", 0, false, "10%", 1],
  ]);
  expect(trials.map(({ settings }) => [settings["seed"], settings["learningRate"]])).toEqual([
    [0, undefined],
    [0, 0.04],
  ]);
  const final = runsOfStep(row, { kind: "final", trial: 4 }, protocol);
  expect(final.map(({ role, seed, settings }) => [role, seed, settings["learningRate"], settings["epochs"]])).toEqual([
    ["taught", 1, 0.04, 9],
    ["taught", 2, 0.04, 9],
    ["taught", 3, 0.04, 9],
  ]);
  expect(final.every(({ settings }) => !("tested" in settings) && !("validation" in settings))).toBe(true);
  expect(runsToCome(row, protocol, () => undefined)).toBe(9 + 3 + 1 + 3);
  const twice = { ...protocol, seeds: [0, 4] };
  const each = runsOfStep(row, { kind: "rung", trials: [0, 4] }, twice);
  expect(each.map(({ seed, settings }) => [seed, settings["seed"], settings["learningRate"]])).toEqual([
    [0, 0, undefined],
    [4, 4, undefined],
    [0, 0, 0.04],
    [4, 4, 0.04],
  ]);
  expect(new Set(each.map(({ title }) => title)).size).toBe(4);
  expect(runsToCome(row, twice, () => undefined)).toBe(2 * (9 + 3 + 1) + 3);
});

test("shorter trainings shrink what is counted in epochs", () => {
  const settings = {
    epochs: 90,
    warmUp: 9,
    freeze: [{ parameters: "0.*", afterEpochs: 45 }],
    scheduleOptions: { milestones: [45, 60, 75], gamma: 0.1 },
    options: { temperature: 4 },
  };
  expect(shortened(settings, { "options.rampEpochs": 20 }, 10, 90)).toEqual({
    epochs: 10,
    warmUp: 1,
    freeze: [{ parameters: "0.*", afterEpochs: 5 }],
    scheduleOptions: { milestones: [5, 7, 8], gamma: 0.1 },
    options: { temperature: 4, rampEpochs: 2 },
  });
  expect(shortened(settings, { "options.rampEpochs": 20 }, 90, 90)).toBe(settings);
});

test("drawn values take the place of the described ones and leave the others", () => {
  const drawn = withDraw(
    { optimiserOptions: { betas: [0.9, 0.99] }, options: { "at.attentionWeight": 5 } },
    { learningRate: 0.1, weightDecay: 0.01, "options.kd.temperature": 3 },
  );
  expect(drawn).toEqual({
    learningRate: 0.1,
    optimiserOptions: { betas: [0.9, 0.99], weightDecay: 0.01 },
    options: { "at.attentionWeight": 5, "kd.temperature": 3 },
  });
});

test("a row searches the recipe's rates and its methods' options, but what it fixes", () => {
  const resolved = { learningRate: 0.01, optimiserOptions: { weightDecay: 0.0005 } };
  const none = { given: {}, grid: {}, tune: {} };
  const alone = searchSpace({ ...resolved, options: {} }, [findMethod("ce")], none);
  expect(Object.keys(alone.ranges)).toEqual(["learningRate", "weightDecay"]);
  expect(alone.ranges["learningRate"]!.from).toBeCloseTo(0.001, 12);
  expect(alone.ranges["learningRate"]!.to).toBeCloseTo(0.1, 12);
  expect(alone.described).toEqual({ learningRate: 0.01, weightDecay: 0.0005 });
  const options = { temperature: 2, kdWeight: 0.25 };
  const kd = searchSpace({ ...resolved, options }, [findMethod("kd")], { ...none, given: { temperature: 2 } });
  expect(Object.keys(kd.ranges)).toEqual(["learningRate", "weightDecay", "options.kdWeight"]);
  const both = { kd: options, dkd: { temperature: 4, targetWeight: 1, nonTargetWeight: 8, rampEpochs: 20 } };
  const combined = searchSpace(
    { ...resolved, optimiserOptions: {}, options: both },
    [findMethod("kd"), findMethod("dkd")],
    { given: { "dkd.temperature": 4 }, grid: { learningRate: [1] }, tune: { weightDecay: [0.1, 0.2] } },
  );
  expect(combined.ranges).toEqual({
    weightDecay: { from: 0.1, to: 0.2, scale: "log" },
    "options.kd.temperature": { from: 0.5, to: 8, scale: "log" },
    "options.kd.kdWeight": { from: 0.025, to: 2.5, scale: "log" },
    "options.dkd.targetWeight": { from: 0.1, to: 10, scale: "log" },
    "options.dkd.nonTargetWeight": { from: 0.8, to: 80, scale: "log" },
  });
  expect(combined.inEpochs).toEqual({ "options.dkd.rampEpochs": 20 });
});
