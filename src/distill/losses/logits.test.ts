import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { analyse, gradients, input, sum, type Tensor } from "../../tensor/index.ts";
import { dkd } from "../methods/dkd.ts";
import { methods, objective } from "../index.ts";
import type { AnyMethod } from "../method.ts";
import { levelLosses, mlkd } from "../methods/mlkd.ts";
import { transformedDivergences } from "../methods/ttm.ts";
import { weightedTransformedLoss } from "../methods/wttm.ts";
import { logOfOthers, nonTargetLogSoftmax, standardised } from "./logits.ts";

const CLASSES = 4;

/** A function of logits [N, C] and labels [N], summed, and its gradient by the logits. */
async function at(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  f: (z: Tensor, y: Tensor) => Tensor,
) {
  const [z, y] = [input("z", [rows.length, CLASSES]), input("y", [rows.length], "int32")];
  const value = f(z, y);
  const outputs = { value, gradient: gradients(sum(value), [z])[0]! };
  const program = await referenceEngine().compile({ outputs, updates: [] });
  const given = { z: Float32Array.from(rows.flat()), y: Int32Array.from(labels) };
  const needed = analyse({ outputs, updates: [] }).inputs;
  const found = await program.run(Object.fromEntries(Object.entries(given).filter(([name]) => needed.has(name))));
  return { value: [...found["value"]!], gradient: [...found["gradient"]!] };
}

test("standardised logits have mean 0 and unbiased deviation 1; rows without spread are zeros with a finite gradient", async () => {
  const { value, gradient } = await at(
    [
      [1, 2, 3, 6],
      [5, 5, 5, 5],
    ],
    [0, 0],
    standardised,
  );
  const row = value.slice(0, CLASSES);
  expect(row.reduce((a, b) => a + b)).toBeCloseTo(0, 5);
  expect(row.reduce((a, b) => a + b * b, 0) / (CLASSES - 1)).toBeCloseTo(1, 5);
  expect(value.slice(CLASSES)).toEqual([0, 0, 0, 0]);
  expect(gradient.every(Number.isFinite)).toBe(true);
});

test("the others' logarithm is that of 1 - p, where p is nearly 1 too, and does not overflow", async () => {
  const rows = [
    [1, 2, 3, 6],
    [30, 0, 0, 0],
    [1e6, 0, -1e6, 5],
  ];
  const { value, gradient } = await at(rows, [2, 0, 0], logOfOthers);
  const p = Math.exp(3) / [1, 2, 3, 6].reduce((total, x) => total + Math.exp(x), 0);
  expect(value[0]).toBeCloseTo(Math.log(1 - p), 5);
  expect(value[1]).toBeCloseTo(Math.log(3) - 30, 4);
  expect(value[2]).toBe(5 - 1e6);
  expect(gradient.every(Number.isFinite)).toBe(true);
});

test("among the others, the label's class has no probability and gets no gradient", async () => {
  const { value, gradient } = await at([[1, 2, 50, 6]], [2], (z, y) => nonTargetLogSoftmax(z, y));
  const others = [0, 1, 3].map((c) => Math.exp(value[c]!));
  expect(others.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  expect(Math.exp(value[2]!)).toBe(0);
  expect(gradient[2]).toBeCloseTo(1 - 0, 5); // of its own logarithm alone
});

test("every method on logits can standardise them, and says so in its record", () => {
  const names = Object.values<AnyMethod>(methods).flatMap((method) =>
    "standardise" in objective(method).options ? [method.name] : [],
  );
  expect(names).toEqual(["dml", "kd", "dkd", "nkd", "wsld", "dist", "mlkd", "crld", "ttm", "wttm", "rld", "ctkd"]);
});

test("a transformed teacher: at power 1 it is matched as it is; for other powers the best student is its softened logits", async () => {
  const [teacher, soft] = [
    [2, -1, 0.5, 3],
    [0.2, -0.1, 0.05, 0.3],
  ];
  const z = await divergences([soft, teacher, [0, 0, 0, 0]], [teacher, teacher, teacher], 0.1);
  expect(z.value[0]).toBeCloseTo(0, 6);
  expect(Math.max(...z.gradient.slice(0, CLASSES).map(Math.abs))).toBeLessThan(1e-6);
  expect(z.value[1]).toBeGreaterThan(0.1);
  const plain = await divergences([soft, teacher], [teacher, teacher], 1);
  expect(plain.value[0]).toBeGreaterThan(0.1);
  expect(plain.value[1]).toBeCloseTo(0, 6);
});

test("a weighted transformed teacher: an image counts C^(1 - power) where the teacher is unsure, 1 where it is sure, and no probability underflows", async () => {
  const student = [1, 0, 0, 0];
  for (const [teacher, weight] of [
    [[5, 5, 5, 5], CLASSES ** 0.8],
    [[1e5, 0, 0, 0], 1],
  ] as const) {
    const { value } = await divergences([student], [teacher], 0.2);
    const [s, t] = [input("s", [1, CLASSES]), input("t", [1, CLASSES])];
    const outputs = { loss: weightedTransformedLoss(s, t, 0.2) };
    const program = await referenceEngine().compile({ outputs, updates: [] });
    const found = await program.run({ s: Float32Array.from(student), t: Float32Array.from(teacher) });
    expect(found["loss"]![0]! / value[0]!).toBeCloseTo(weight, 5);
  }
});

/** `transformedDivergences` and the gradient of their sum by the student's logits. */
async function divergences(
  student: readonly (readonly number[])[],
  teacher: readonly (readonly number[])[],
  power: number,
) {
  const t = input("t", [teacher.length, CLASSES]);
  const s = input("s", [student.length, CLASSES]);
  const value = transformedDivergences(s, t, power);
  const program = await referenceEngine().compile({
    outputs: { value, gradient: gradients(sum(value), [s])[0]! },
    updates: [],
  });
  const found = await program.run({ s: Float32Array.from(student.flat()), t: Float32Array.from(teacher.flat()) });
  return { value: [...found["value"]!], gradient: [...found["gradient"]!] };
}

test("weights grow where the paper lets them", () => {
  expect(objective(dkd, { nonTargetWeight: 2, rampEpochs: 5 }).weights).toEqual({
    tckd: { value: 1, rampEpochs: 5 },
    nckd: { value: 2, rampEpochs: 5 },
    ce: 1,
  });
  expect(() => objective(mlkd, { temperatures: [] })).toThrow(/temperatures/);
});

test("mlkd's losses between images and between classes are the same for a batch twice as long, and for twice the classes", async () => {
  const wave = (rows: number, columns: number, shift: number): number[][] =>
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_, j) => 2 * Math.sin(i * 3 + j * 5 + shift)),
    );
  const levels = async (student: readonly number[][], teacher: readonly number[][]) => {
    const shape = [student.length, student[0]!.length];
    const [s, t] = [input("s", shape), input("t", shape)];
    const program = await referenceEngine({ precision: "float64" }).compile({
      outputs: levelLosses(s, t, 2),
      updates: [],
    });
    const found = await program.run({ s: Float32Array.from(student.flat()), t: Float32Array.from(teacher.flat()) });
    return [found["batch"]![0]!, found["class"]![0]!];
  };
  const [s, t] = [wave(5, 4, 0), wave(5, 4, 1)];
  const close = (await levels(s, t)).map((value) => expect.closeTo(value, 6));
  expect(await levels([...s, ...s], [...t, ...t])).toEqual(close);
  // Images and classes twice, no image being of the others' classes.
  const apart = (rows: readonly number[][]) => [
    ...rows.map((row) => [...row, ...row.map(() => -1e4)]),
    ...rows.map((row) => [...row.map(() => -1e4), ...row]),
  ];
  expect(await levels(apart(s), apart(t))).toEqual(close);
});
