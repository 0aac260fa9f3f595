import { expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { adaptiveAvgPool2d as pool, gradients, input, mul, sum } from "../tensor/index.ts";
import { adaptiveAvgPool2d, record } from "./index.ts";
import golden from "./pool.golden.json" with { type: "json" };

const engines = {
  reference: async () => referenceEngine({ precision: "float64" }),
  wasm: () => wasmEngine({ threads: 2 }),
};

test.each(
  golden.flatMap(({ shape, size, ...rest }) =>
    (["reference", "wasm"] as const).map((engine) => ({
      name: `${shape} to ${size} on ${engine}`,
      engine,
      shape,
      size,
      ...rest,
    })),
  ),
)("adaptiveAvgPool2d is PyTorch's: $name", async ({ engine: name, shape, size, x: values, y, weight, gradient }) => {
  const engine = await engines[name]();
  const x = input("x", shape);
  const { output } = record(adaptiveAvgPool2d(size as [number, number]), x, { training: true });
  const weights = input("weights", output.shape);
  const [slope] = gradients(sum(mul(output, weights)), [x]);
  const program = await engine.compile({ outputs: { output, slope: slope! }, updates: [] });
  const got = await program.run({ x: Float32Array.from(values), weights: Float32Array.from(weight) });
  await engine.close();
  expect(output.shape).toEqual([...shape.slice(0, 2), ...size]);
  for (const [key, expected] of [
    ["output", y],
    ["slope", gradient],
  ] as const) {
    const off = got[key]!.map((value, i) => Math.abs(value - expected[i]!));
    expect(Math.max(...off), key).toBeLessThan(2e-6);
  }
});

test("adaptiveAvgPool2d adds nothing where the size is there, and one pool where windows are equal", () => {
  const x = input("x", [2, 3, 8, 12]);
  expect(pool(x, [8, 12])).toBe(x);
  const { op, attributes, inputs } = pool(x, [2, 4]);
  expect([op.name, attributes, inputs]).toEqual([
    "avgPool2d",
    { kernel: [4, 3], stride: [4, 3], padding: [0, 0] },
    [x],
  ]);
});

test.each([
  [[2, 3, 8], 2, "SHAPE"],
  [[2, 3, 8, 8], 0, "ARGUMENT"],
  [[2, 3, 8, 8], 2.5, "ARGUMENT"],
  [[2, 3, 8, 8], 1e9, "ARGUMENT"],
  [[2, 3, 8, 8], "2", "ARGUMENT"],
])("adaptiveAvgPool2d refuses x %j to %s", (shape, size, code) => {
  expect(() => pool(input("x", shape), size as number)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(/^adaptiveAvgPool2d: /) }),
  );
});
