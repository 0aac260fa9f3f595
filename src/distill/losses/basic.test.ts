import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { gradients, input, type Tensor } from "../../tensor/index.ts";
import { cosineLoss, crossEntropy, meanSquaredError, softTargetLoss } from "./basic.ts";

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
test("soft targets stay finite where the teacher's probabilities underflow", async () => {
  const inputs = {
    student: { shape: [1, 3], data: [0, 500, -500] },
    teacher: { shape: [1, 3], data: [1000, 0, -1000] },
  };
  const { value, gradient } = await evaluate(inputs, (student, teacher) => softTargetLoss(student, teacher, 1));
  expect(value).toBeCloseTo(500, 3);
  expect(gradient).toEqual([-1, 1, 0]);
});

test("soft targets: a batch of the same rows twice has the same loss, and T² undoes the softening of small logits", async () => {
  const student = [0.01, -0.02, 0.03];
  const teacher = [-0.01, 0.02, 0.01];
  const at = async (rows: number, temperature: number) => {
    const repeat = (row: readonly number[]) => ({
      shape: [rows, 3],
      data: Array.from({ length: rows }, () => row).flat(),
    });
    const inputs = { student: repeat(student), teacher: repeat(teacher) };
    return (await evaluate(inputs, (s, t) => softTargetLoss(s, t, temperature))).value;
  };
  const once = await at(1, 1);
  expect((await at(2, 1)) / once).toBeCloseTo(1, 3);
  expect((await at(1, 4)) / once).toBeCloseTo(1, 1);
});

test("cosine: zero for the same direction whatever the length, two for the opposite, finite for a zero vector", async () => {
  const against = async (data: readonly number[]) => {
    const inputs = { a: { shape: [1, 2], data: [3, 4] }, b: { shape: [1, 2], data } };
    return (await evaluate(inputs, cosineLoss)).value;
  };
  expect(await against([6, 8])).toBeCloseTo(0, 6);
  expect(await against([-0.3, -0.4])).toBeCloseTo(2, 6);
  expect(await against([0, 0])).toBe(1);
});

test("cross entropy: its gradient is (softmax - one hot) / N", async () => {
  const engine = referenceEngine();
  const logits = input("logits", [2, 2]);
  const loss = crossEntropy(logits, input("labels", [2], "int32"));
  const program = await engine.compile({ outputs: { loss, gradient: gradients(loss, [logits])[0]! }, updates: [] });
  const outputs = await program.run({ logits: Float32Array.of(0, Math.log(3), 0, 0), labels: Int32Array.of(1, 0) });
  expect(outputs["loss"]![0]).toBeCloseTo((Math.log(4 / 3) + Math.log(2)) / 2, 6);
  for (const [i, wanted] of [0.125, -0.125, -0.25, 0.25].entries())
    expect(outputs["gradient"]![i]).toBeCloseTo(wanted, 6);
});

test("losses of two tensors refuse different shapes, and name both", () => {
  const [a, b] = [input("a", [4, 2]), input("b", [4, 1])];
  for (const loss of [cosineLoss, meanSquaredError, (x: Tensor, y: Tensor) => softTargetLoss(x, y, 2)]) {
    expect(() => loss(a, b)).toThrow(
      expect.objectContaining({ code: "SHAPE", message: expect.stringMatching(/\[4, 2\].*\[4, 1\]/) }),
    );
  }
});

/** A loss of two inputs, and its gradient by the first. */
async function evaluate(inputs: Readonly<Record<string, Values>>, loss: (a: Tensor, b: Tensor) => Tensor) {
  const [first, second] = Object.entries(inputs).map(([name, { shape }]) => input(name, shape)) as [Tensor, Tensor];
  const value = loss(first, second);
  const engine = referenceEngine();
  const program = await engine.compile({ outputs: { value, gradient: gradients(value, [first])[0]! }, updates: [] });
  const values = Object.entries(inputs).map(([name, { data }]) => [name, Float32Array.from(data)]);
  const outputs = await program.run(Object.fromEntries(values));
  return { value: outputs["value"]![0]!, gradient: [...outputs["gradient"]!] };
}
