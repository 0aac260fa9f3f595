import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { wasmEngine } from "../../engine/wasm/index.ts";
import { fakeQuantize, gradients, input, mul, sum } from "../index.ts";
import golden from "./fake-quantize.golden.json" with { type: "json" };

const engines = { reference: async () => referenceEngine(), wasm: () => wasmEngine({ threads: 1 }) };

test.each(["reference", "wasm"] as const)("fakeQuantize is PyTorch's, and so is its gradient, on %s", async (name) => {
  const engine = await engines[name]();
  for (const [i, { shape, stretched, least, most, ...given }] of golden.entries()) {
    const [x, weight] = [input("x", shape), input("weight", shape)];
    const [scale, zero] = [input("scale", stretched), input("zero", stretched)];
    const output = fakeQuantize(x, { scale, zero, least, most });
    const [slope] = gradients(sum(mul(output, weight)), [x]);
    const program = await engine.compile({ outputs: { output, slope: slope! }, updates: [] });
    const floats = Object.fromEntries(
      (["x", "scale", "zero", "weight"] as const).map((key) => [key, Float32Array.from(given[key])]),
    );
    const got = await program.run(floats);
    program.close();
    const off = (found: Float32Array, expected: readonly number[]): number =>
      Math.max(...found.map((value, at) => Math.abs(value - expected[at]!) / (1 + Math.abs(expected[at]!))));
    expect([i, off(got["output"]!, given.y)]).toEqual([i, expect.closeTo(0, 5)]);
    expect([i, off(got["slope"]!, given.gradient)]).toEqual([i, expect.closeTo(0, 5)]);
  }
  await engine.close();
});

test("whole numbers without a zero are about 0; bounds that are none are refused", () => {
  const [x, scale] = [input("x", [4]), input("scale", [])];
  expect(fakeQuantize(x, { scale, least: -127, most: 127 }).shape).toEqual([4]);
  for (const [least, most] of [
    [0, 0],
    [1, 0],
    [0, 0.5],
    [0, NaN],
  ] as const) {
    expect(() => fakeQuantize(x, { scale, least, most })).toThrow(
      expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(/^fakeQuantize: least and most/) }),
    );
  }
});
