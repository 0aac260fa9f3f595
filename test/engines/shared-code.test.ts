/** @file Layers of one kind and size are compiled once: what a deep network's module holds, and V8 compiles, does not grow with its depth. */
import { expect, test } from "vitest";
import { wasmEngine } from "../../src/entries/index.ts";
import { conv2d, gradients, input, relu, state, sum, type Tensor } from "../../src/entries/tensor.ts";

test("equal layers share their code", async () => {
  const engine = await wasmEngine({ threads: 1 });
  const moduleOf = async (layers: number): Promise<number> => {
    const weights = Array.from({ length: layers }, (_, i) => state(`weight ${i}`, [16, 16, 3, 3]));
    let x: Tensor = input("x", [2, 16, 8, 8]);
    for (const weight of weights) x = relu(conv2d(x, weight, undefined, { padding: 1 }));
    const grads = gradients(sum(x), weights);
    const program = await engine.compile({
      outputs: {},
      updates: weights.map((weight, i) => ({ state: weight, value: grads[i]! })),
    });
    return program.module().length;
  };
  const [few, many] = [await moduleOf(4), await moduleOf(24)];
  await engine.close();
  // What is added names each kernel and hands it its addresses.
  expect((many - few) / 20).toBeLessThan(few / 10);
});
