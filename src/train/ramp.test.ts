import { expect, test } from "vitest";
import { rampInputs } from "./ramp.ts";

test("a ramp grows from its share in the first epoch to its value and stays; plain weights are no inputs", () => {
  const weights = { a: { value: 8, rampEpochs: 4 }, b: 3 };
  const at = [1, 2, 4, 5, 100].map((epoch) => rampInputs(weights, epoch));
  expect(at.map((inputs) => inputs["weight a"]![0])).toEqual([2, 4, 8, 8, 8]);
  for (const inputs of at) expect(Object.keys(inputs)).toEqual(["weight a"]);
});
