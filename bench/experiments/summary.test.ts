import { expect, test } from "vitest";
import type { Results } from "../../src/experiment/index.ts";
import { summarise, summaryTable } from "./summary.ts";

/** A given teacher, a student alone and a taught one. */
function results(seed: number, alone: number, taught: number): Results {
  const run = (name: string, testAccuracy: number, epochLosses: number[]) => ({
    name,
    model: "LightNN",
    method: "ce",
    options: {},
    seed,
    testAccuracy,
    testInterval: [0, 100] as const,
    balancedAccuracy: testAccuracy,
    largestClass: { label: 0, images: 1, percent: 10 },
    epochLosses,
    seconds: 1,
  });
  return {
    dataset: "cifar10",
    seed,
    parameters: {},
    firstLayerNorm: {},
    runs: [run("teacher", 75, []), run("student-ce", alone, [2]), run("student-kd", taught, [2])],
    environment: { limbeck: "", runtime: "", engine: "", machine: "", date: "" },
  };
}

const seeds = [results(42, 69, 70), results(43, 70, 72), results(44, 71, 71)];

test("mean and deviation of each trained run, and of its gain over the student of the same seed", () => {
  expect(summarise(seeds)).toEqual([
    { name: "student-ce", accuracies: [69, 70, 71], mean: 70, deviation: 1, seconds: 1 },
    {
      name: "student-kd",
      accuracies: [70, 72, 71],
      mean: 71,
      deviation: 1,
      seconds: 1,
      gain: { mean: 1, deviation: 1 },
    },
  ]);
});

test("one seed has no deviation", () => {
  expect(summaryTable(summarise(seeds.slice(0, 1)))).toBe(
    [
      "| Run        | Test accuracy | Gain, same seed | Each seed | Seconds |",
      "| ---------- | ------------: | --------------: | --------: | ------: |",
      "| student-ce |        69.00% |                 |     69.00 |     1.0 |",
      "| student-kd |        70.00% |           +1.00 |     70.00 |     1.0 |",
    ].join("\n"),
  );
});

test("deviations stand beside the means", () => {
  expect(summaryTable(summarise(seeds))).toContain(
    "| student-kd | 71.00% ± 1.00 |    +1.00 ± 1.00 | 70.00, 72.00, 71.00 |     1.0 |",
  );
});
