/** @file Records of an invented tutorial run, with the sizes and the scatter of a real one. */
import { pngDataUri, readUPlot } from "../../src/cli/report-file.ts";
import { splitOf } from "../../src/data/dataset.ts";
import { tally } from "../../src/train/evaluate/evaluation.ts";
import type { RunRecord } from "../../src/experiment/record.ts";
import type { ReportInput } from "../../src/report/report.ts";

const images = 1000;
const stepsPerEpoch = 40;
const epochs = 5;

const students: readonly (readonly [
  name: string,
  title: string,
  method: string,
  terms: readonly string[],
  accuracy: number,
])[] = [
  ["teacher", "Teacher", "ce", ["ce"], 0.751],
  ["student-ce", "Student alone", "ce", ["ce"], 0.6986],
  ["student-kd", "Student, soft targets", "kd", ["ce", "kd"], 0.708],
  ["student-cosine", "Student, cosine", "cosine", ["ce", "cosine"], 0.715],
  ["student-regressor", "Student, regressor", "regressor", ["ce", "mse"], 0.7082],
];

/** The same figures on every call. */
export function exampleReport(classes: readonly string[] = shapes): ReportInput {
  const uniform = generator(42);
  const labels = Uint8Array.from({ length: images }, () => Math.floor(uniform() * classes.length));
  const runs = students.map(([name, title, method, terms, accuracy]): RunRecord => {
    const predictions = Array.from(labels, (label) =>
      uniform() < accuracy
        ? label
        : (label + (uniform() < 0.5 ? 1 : Math.floor(uniform() * classes.length))) % classes.length,
    );
    return {
      name,
      title,
      method,
      model: name === "teacher" ? "DeepNN" : "LightNN",
      options: {},
      seed: 42,
      weights: Object.fromEntries(terms.map((term) => [term, terms.length === 1 ? 1 : term === "ce" ? 0.75 : 0.25])),
      parameters: name === "teacher" ? 1_186_986 : 267_738,
      auxiliaryParameters: method === "regressor" ? 4_640 : 0,
      multiplyAdds: name === "teacher" ? 40_599_552 : 1_200_000,
      latency: [1, 32].map((batch) => ({
        batch,
        milliseconds: (name === "teacher" ? 2.1 : 0.13) * (batch === 1 ? 1 : 20),
        passes: 15,
        machine: "linux x64, 2 x Example Processor",
      })),
      bytes: name === "teacher" ? 4_748_712 : 1_071_448,
      epochs: Array.from({ length: epochs }, (_, i) => ({ epoch: i + 1, loss: 2 / (i + 1), terms: {}, seconds: 3 })),
      seconds: name === "teacher" ? 83.2 : 12.4,
      teacherSeconds: method === "ce" ? 0 : 4.1,
      test: evaluated(predictions, labels, classes.length),
    };
  });
  const pixels = Uint8Array.from({ length: images * 3 * 32 * 32 }, (_, i) => (i * 7 + (i >> 5) * 13) % 256);
  return {
    runs,
    labels,
    classes,
    results: {
      dataset: "shapes",
      seed: 42,
      parameters: { DeepNN: 1_186_986, LightNN: 267_738 },
      firstLayerNorm: { LightNN: 2.327361822128296 },
      runs: runs.map(({ name, model, method, seed, options, test, epochs, seconds }) => ({
        name,
        model,
        method,
        options,
        seed,
        seconds,
        testAccuracy: test.accuracy,
        testInterval: test.interval,
        balancedAccuracy: test.balancedAccuracy,
        largestClass: test.largestClass,
        epochLosses: epochs.map(({ loss }) => loss),
      })),
      environment: {
        limbeck: "0.1.0",
        runtime: "Node 26.10.0",
        engine: "wasm, 2 threads",
        machine: "2 cores",
        date: "2026-01-31",
      },
    },
    steps: Object.fromEntries(
      students.map(([name, , , terms]) => [
        name,
        Array.from({ length: epochs * stepsPerEpoch }, (_, i) => ({
          step: i + 1,
          epoch: Math.floor(i / stepsPerEpoch) + 1,
          terms: Object.fromEntries(terms.map((term) => [term, 2.3 / (1 + i / 60) + 0.25 * (uniform() - 0.5)])),
        })),
      ]),
    ),
    image: (index) => pngDataUri({ shape: [3, 32, 32], test: splitOf({ pixels, labels }) }, index),
    command: "limbeck tutorial shapes --epochs 5 --seed 42",
    uPlot: readUPlot(),
  };
}

const shapes = ["disc", "ring", "triangle", "square", "cross", "star", "stripes", "checks", "dots", "spiral"];

function evaluated(predictions: readonly number[], labels: Uint8Array, classes: number): RunRecord["test"] {
  const counted = tally(classes);
  // Right at 0.5 to 1 and wrong at 0.3 to 0.95: too sure of itself, as networks are.
  for (const [i, predicted] of predictions.entries()) {
    const part = ((i * 37) % 100) / 100;
    counted.add(labels[i]!, { predicted, confidence: predicted === labels[i] ? 0.5 + part / 2 : 0.3 + 0.65 * part });
  }
  return counted.evaluation();
}

/** The same without what a record may lack. */
export function without<T extends object, K extends keyof T>(record: T, ...keys: readonly K[]): T {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key as K))) as T;
}

/** Lehmer's generator: x ← 48271 x mod 2³¹ - 1. */
function generator(seed: number): () => number {
  let x = seed;
  return () => {
    x = (x * 48_271) % 2_147_483_647;
    return x / 2_147_483_647;
  };
}
