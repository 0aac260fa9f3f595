import { expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { add, exp, gradients, input, mul, substitute, sum } from "./index.ts";

const [x, y, other] = [input("x", [2]), input("y", [2]), input("other", [2])];

test("the same computation of something else, gradients too", async () => {
  const loss = sum(mul(exp(x), y));
  const [replaced] = substitute([loss], x, other);
  const outputs = { loss, replaced: replaced!, gradient: gradients(replaced!, [other])[0]! };
  const program = await referenceEngine().compile({ outputs, updates: [] });
  const given = { x: Float32Array.of(0, 1), y: Float32Array.of(2, 3), other: Float32Array.of(1, 0) };
  const computed = await program.run(given);
  expect(computed["loss"]![0]).toBeCloseTo(2 + 3 * Math.E, 5);
  expect(computed["replaced"]![0]).toBeCloseTo(2 * Math.E + 3, 5);
  expect([...computed["gradient"]!].map((value) => value.toFixed(4))).toEqual([(2 * Math.E).toFixed(4), "3.0000"]);
});

test("what does not depend on it is shared, and so is a root that does not", () => {
  const shared = exp(y);
  const [root, untouched] = substitute([add(x, shared), shared], x, other);
  expect(root!.inputs).toEqual([other, shared]);
  expect(root!.inputs[1]).toBe(shared);
  expect(untouched).toBe(shared);
});
