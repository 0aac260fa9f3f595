import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { createModel } from "../../models/index.ts";
import { gradients, input, mul, sum, type Tensor } from "../../tensor/index.ts";
import golden from "../ranges.golden.json" with { type: "json" };
import { observeQuantised } from "./quantised.ts";
import { averagingOf, readRanges } from "./ranges.ts";
import { rangesOf, roundedWith } from "./rounding.ts";

test("ranges are averaged and numbers rounded to them as PyTorch's FakeQuantize does, gradients pass within them alone", async () => {
  const model = createModel("LightNN");
  for (const [i, { top, moving, steps }] of golden.entries()) {
    const engine = referenceEngine();
    const ranges = rangesOf(model, top as 127 | 255);
    const averaging = averagingOf(ranges, 0, 2 * moving);
    const updates = new Map<Tensor, Tensor>();
    const [x, weight] = [input("x", [24]), input("weight", [24])];
    const y = roundedWith(averaging, updates)(x, 0);
    const [slope] = gradients(sum(mul(y, weight)), [x]);
    const program = await engine.compile({
      outputs: { y, slope: slope! },
      updates: Array.from(updates, ([state, value]) => ({ state, value })),
    });
    for (const [at, step] of steps.entries()) {
      const got = await program.run({
        x: Float32Array.from(step.x),
        weight: Float32Array.from(step.weight),
        "range share": Float32Array.of(averaging.share.at(at + 1)),
      });
      const [{ place, least, most }] = (await readRanges(engine, ranges)).ranges as [
        { place: string; least: number; most: number },
      ];
      expect([i, at, place]).toEqual([i, at, "images"]);
      const off = (found: ArrayLike<number>, expected: readonly number[]): number =>
        Math.max(...expected.map((value, k) => Math.abs(value - found[k]!) / (1 + Math.abs(value))));
      expect(off([least, most], [step.least, step.most])).toBeCloseTo(0, 6);
      expect([i, at, off(got["y"]!, step.y)]).toEqual([i, at, expect.closeTo(0, 5)]);
      expect([i, at, off(got["slope"]!, step.gradient)]).toEqual([i, at, expect.closeTo(0, 6)]);
    }
    await engine.close();
  }
});

test("of a training's last steps the first gives the ranges, a half of them moves them, the others leave them", () => {
  const { share } = averagingOf(rangesOf(createModel("LightNN"), 127), 10, 5);
  expect([10, 11, 12, 13, 14, 15].map((step) => share.at(step))).toEqual([1, 1, 0.01, 0.01, 0, 0]);
});

test("ranges of another network, and of another number of steps, are refused", () => {
  const ranges = rangesOf(createModel("LightNN"), 127);
  expect(() => observeQuantised(createModel("resnet8"), input("x", [2, 3, 32, 32]), averagingOf(ranges, 0, 1))).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringContaining('none for "conv1"') }),
  );
  expect(() => rangesOf(createModel("LightNN"), 128 as 127)).toThrow(/top should be 127 or 255, got 128/);
});
