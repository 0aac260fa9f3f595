/** @file A projector between vectors that are normalised over the batch. */
import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { createModel } from "../../models/index.ts";
import { countParameters } from "../../nn/index.ts";
import { add, gradients, input, mul, type Tensor } from "../../tensor/index.ts";
import { learner } from "../../train/index.ts";
import { objectiveNamed } from "../index.ts";
import { logDistance } from "./srd.ts";

async function distance(a: readonly number[], change: (b: Tensor) => Tensor) {
  const [x, y] = [input("a", [4, 2]), input("b", [4, 2])];
  const value = logDistance(x, change(y));
  const outputs = { value, slope: gradients(value, [x])[0]! };
  const program = await referenceEngine({ precision: "float64" }).compile({ outputs, updates: [] });
  const found = await program.run({ a: Float32Array.from(a), b: Float32Array.of(10, 20, -30, 40, 50, -60, 7, 80) });
  return { value: found["value"]![0]!, slope: [...found["slope"]!] };
}

test("neither size nor offset of a vector's dimensions matters, since both sides are normalised over the batch", async () => {
  const student = [1, -2, 3, 0, -5, 6, 7, 8];
  const plain = await distance(student, (b) => b);
  expect((await distance(student, (b) => add(mul(b, 3), 100))).value).toBeCloseTo(plain.value, 4);
  expect(plain.value).toBeGreaterThan(0);
});

test("vectors that agree, and dimensions without any spread, are a number with a finite gradient", async () => {
  const { value, slope } = await distance([10, 20, -30, 40, 50, -60, 7, 80], (b) => b);
  expect(value).toBeCloseTo(Math.log(1e-5), 6);
  expect(slope.every((g) => Math.abs(g) < 1e-6)).toBe(true);
  const flat = await distance([1, 1, 1, 1, 1, 1, 1, 1], (b) => mul(b, 0));
  expect(flat.slope.every(Number.isFinite)).toBe(true);
});

test("one linear layer is trained beside the student, and a batch of one image is refused", () => {
  const { auxiliaries } = learner(createModel("resnet8"), objectiveNamed("srd"), createModel("resnet8x4"));
  expect(Object.keys(auxiliaries)).toEqual(["projector"]);
  expect(countParameters(auxiliaries["projector"]!.module)).toBe(64 * 256 + 256);
  expect(() => logDistance(input("a", [1, 3]), input("b", [1, 3]))).toThrow(
    expect.objectContaining({ code: "SHAPE", message: expect.stringMatching(/srd: .*more than one image.*; choose/) }),
  );
});
