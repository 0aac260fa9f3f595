import { expect, test } from "vitest";
import { crossEntropy } from "../distill/losses.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { initialise, namedParameters, record } from "../nn/index.ts";
import { torchRandom } from "../random/index.ts";
import { gradients, input } from "../tensor/index.ts";
import { vgg } from "./vgg.ts";
import golden from "./vgg.golden.json" with { type: "json" };

test("a stack drawn from a seed computes what PyTorch's does from that seed", async () => {
  const { module } = vgg("a small one", [2, 1, 1, 1, 1])();
  const engine = await wasmEngine({ threads: 1 });
  const random = torchRandom(7);
  for (const [tensor, values] of initialise(module, random)) await engine.write(tensor, values);
  const x = input("x", [2, 3, 32, 32]);
  const images = random.normal(x.size, 0, 1);
  const { output: training, updates } = record(module, x, { training: true });
  const weights = [...namedParameters(module).values()].filter(({ tensor }) => tensor.shape.length > 1);
  const loss = crossEntropy(training, input("labels", [2], "int32"));
  const slopes = gradients(
    loss,
    weights.map(({ tensor }) => tensor),
  );
  const step = await engine.compile({
    outputs: { training, ...Object.fromEntries(slopes.map((slope, i) => [`${i}`, slope])) },
    updates: Array.from(updates, ([state, value]) => ({ state, value })),
  });
  const got = await step.run({ x: images, labels: Int32Array.of(3, 1) });
  const { output: evaluation } = record(module, x, { training: false });
  const after = await (await engine.compile({ outputs: { evaluation }, updates: [] })).run({ x: images });
  await engine.close();

  const { training: expected, evaluation: expectedAfter, weightGradients } = golden;
  for (const [i, value] of expected.flat().entries()) expect(got["training"]![i]).toBeCloseTo(value, 5);
  for (const [i, value] of expectedAfter.flat().entries()) expect(after["evaluation"]![i]).toBeCloseTo(value, 5);
  for (const [i, size] of weightGradients.entries()) {
    const squares = got[`${i}`]!.reduce((total, value) => total + value * value, 0);
    expect(Math.sqrt(squares) / size, `size of the gradient of weight ${i}`).toBeCloseTo(1, 4);
  }
});
