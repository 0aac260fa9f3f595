import { expect, test } from "vitest";
import { accuracyOf, nearnessOf } from "./answers.ts";
import { shipGoals } from "./goals.ts";
import { timedName, type AccuracyResult, type NetworkResult, type PrecisionName } from "./record.ts";
import type { RunnerName } from "./runners.ts";

/** Milliseconds in float32 and int8. */
const milliseconds: Record<RunnerName, readonly [number, number]> = {
  "student.js": [9, 9],
  "student.wasm alone": [4, 2],
  "onnxruntime-node": [5, 1],
  "onnxruntime-web": [8, 6],
};

const network: NetworkResult = {
  name: "LightNN",
  inputShape: [3, 32, 32],
  parameters: 267_738,
  images: 1,
  calibratedOn: 1,
  sizes: [],
  nearness: [],
  times: Object.entries(milliseconds).flatMap(([runner, times]) =>
    (["float32", "int8"] as const).map((precision, i) => {
      const median = times[i]!;
      return { name: timedName(runner as RunnerName, precision), steps: 1, samples: [0, median, 100] };
    }),
  ),
};

const accuracy: AccuracyResult = {
  name: "LightNN",
  images: 1000,
  engine: 60,
  sizes: [
    { format: "onnx", precision: "int8", bytes: 1, brotli: 1 },
    { format: "web", precision: "int8", bytes: 400_000, brotli: 210_000 },
  ],
  exports: [
    { runner: "student.js", precision: "float16", accuracy: 50 },
    { runner: "student.js", precision: "int8", accuracy: 59.25 },
    { runner: "onnxruntime-node", precision: "int8", accuracy: 60.5 },
  ],
};

test("medians of the module to onnxruntime-node's float32, and to the fastest of onnxruntime-web's; bytes and accuracy of the trained", () => {
  const goals = shipGoals({ networks: [network], accuracy: [accuracy] });
  expect(goals.map(({ title, reached, atMost }) => [title, reached, atMost])).toEqual([
    ["LightNN", 4 / 5, 1.1],
    ["LightNN", 2 / 5, 0.6],
    ["LightNN", 2 / 6, 1],
    ["LightNN in int8, brotli", 0.75, 1],
    ["LightNN in int8 by student.js, points lost", 0.75, 0.5],
    ["LightNN in int8 by onnxruntime-node, points lost", -0.5, 0.5],
  ]);
});

test("logits are compared with the engine's and with onnxruntime-node's, answers with the engine's", () => {
  const answers = (runner: RunnerName, precision: PrecisionName, ...logits: readonly number[][]) => ({
    runner,
    precision,
    logits: logits.map((each) => Float32Array.from(each)),
  });
  const engine = [Float32Array.of(3, -3), Float32Array.of(-3, 3)];
  const near = nearnessOf(
    [answers("onnxruntime-node", "float32", [3, -3], [-3, 3.75]), answers("student.js", "int8", [3, -3], [1.5, 0])],
    engine,
  );
  expect(near).toMatchObject([
    { fromEngine: 0.25, fromOnnxRuntime: 0, agreement: 100 },
    { fromEngine: 1.5, agreement: 50 },
  ]);
  expect(accuracyOf(engine, [0, 0])).toBe(50);
  expect(() => nearnessOf([answers("onnxruntime-node", "float32", [NaN, 1], [1, 1])], engine)).toThrow("no number");
});
