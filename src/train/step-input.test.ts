import { expect, test } from "vitest";
import { rampInput, type BatchPosition } from "./step-input.ts";

test("a ramp grows from its share in the first epoch of its phase to its value and stays", () => {
  const { symbol, fill } = rampInput("a", { value: 8, rampEpochs: 4 });
  expect(symbol.shape).toEqual([]);
  const at = [1, 2, 4, 5, 100].map((phaseEpoch) => {
    const values = new Float32Array(1);
    fill(values, { phaseEpoch, epoch: 7 } as BatchPosition);
    return values[0];
  });
  expect(at).toEqual([2, 4, 8, 8, 8]);
});
