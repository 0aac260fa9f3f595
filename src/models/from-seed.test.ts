/** @file Networks drawn from a seed against PyTorch's drawn from that seed: figures and the scripts that made them lie beside. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { crossEntropy } from "../distill/losses/basic.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { countParameters, fitted, initialise, namedParameters, namedStates, record, type Module } from "../nn/index.ts";
import { torchRandom } from "../random/index.ts";
import { formatShape, gradients, input } from "../tensor/index.ts";
import { createModel, type ImageShape } from "./index.ts";
import airbenchGolden from "./airbench.golden.json" with { type: "json" };
import resnet50Golden from "./resnet50.golden.json" with { type: "json" };
import shuffleNetV2Golden from "./shufflenet-v2.golden.json" with { type: "json" };
import sizesGolden from "./sizes.golden.json" with { type: "json" };
import torchvisionGolden from "./torchvision/torchvision.golden.json" with { type: "json" };
import { vgg } from "./vgg.ts";
import vggGolden from "./vgg.golden.json" with { type: "json" };

const usual = { classes: 10, inputShape: [3, 32, 32], dropout: 0 } as const;
const made = (name: string, classes = 10, inputShape: ImageShape = usual.inputShape) => ({
  module: createModel(name, { classes, inputShape, dropout: 0 }).module,
  inputShape,
});

const large = [3, 224, 224] as const;

interface Network {
  readonly module: Module;
  readonly inputShape: ImageShape;
}

/** What PyTorch computes of it. */
interface Golden {
  readonly training: readonly (readonly number[])[];
  readonly evaluation: readonly (readonly number[])[];
  readonly weightGradients: readonly number[];
}

const compared: readonly [string, Network, Golden, number][] = [
  ["a small stack", { ...vgg([2, 1, 1, 1, 1]).create(usual), inputShape: usual.inputShape }, vggGolden, 2e-5],
  ["airbench_small", made("airbench_small"), airbenchGolden, 2e-5],
  ["ShuffleV2", made("ShuffleV2"), shuffleNetV2Golden, 2e-5],
  ["LightNN on 1x40x48", made("LightNN", 7, [1, 40, 48]), sizesGolden.LightNN, 2e-5],
  ["resnet8 on 1x48x36", made("resnet8", 300, [1, 48, 36]), sizesGolden.resnet8, 2e-5],
  // Of so many ReLUs some stand nearer to 0 than float32 can tell.
  ["vgg8 on 3x64x64", made("vgg8", 10, [3, 64, 64]), sizesGolden.vgg8, 2e-4],
  ["ResNet50", made("ResNet50"), resnet50Golden, 2e-3],
  ["resnet18 on 3x224x224", made("resnet18", 10, large), torchvisionGolden.resnet18, 2e-3],
  ["resnet34 on 3x224x224", made("resnet34", 10, large), torchvisionGolden.resnet34, 2e-3],
  ["resnet50 on 3x224x224", made("resnet50", 10, large), torchvisionGolden.resnet50, 2e-3],
  ["mobilenet_v2 on 3x224x224", made("mobilenet_v2", 10, large), torchvisionGolden.mobilenet_v2, 2e-3],
];

// resnet34 is made of what resnet18 is made of, and resnet50 of ResNet50's blocks on resnet18's first layers.
const tried = compared.filter(([name]) => process.env["LIMBECK_LONG"] === "1" || !/^resnet(34|50) /.test(name));

test.each(tried)("%s computes what PyTorch's does", { timeout: 120_000 }, async (_name, network, golden, tolerance) => {
  const got = await computed(network);
  for (const mode of ["training", "evaluation"] as const) {
    const size = Math.max(...golden[mode].flat().map(Math.abs));
    for (const [i, value] of golden[mode].flat().entries())
      expect(Math.abs(got[mode]![i]! - value) / size, `${mode} logit ${i}`).toBeLessThan(1e-4);
  }
  for (const [i, size] of golden.weightGradients.entries()) {
    const squares = got[`${i}`]!.reduce((total, value) => total + value * value, 0);
    expect(Math.abs(Math.sqrt(squares) / size - 1), `size of the gradient of weight ${i}`).toBeLessThan(tolerance);
  }
});

test.each(Object.entries(torchvisionGolden))("%s has the states of torchvision's, in their order", (name, golden) => {
  const states = [...namedStates(createModel(name).module)].map(([path, { shape }]) => [path, formatShape(shape)]);
  // What torchvision's norms count beside their averages, behind them.
  const counted = states.flatMap(([path, shape]) => [
    `${path} ${shape}\n`,
    ...(path!.endsWith("running_var") ? [`${path!.replace("running_var", "num_batches_tracked")} []\n`] : []),
  ]);
  expect(createHash("sha256").update(counted.join("")).digest("hex")).toBe(golden.states);
});

test("airbench94 has the states and the trained parameters of its description in PyTorch", () => {
  const { module } = createModel("airbench94");
  const states = [...namedStates(module)].map(([path, { shape }]) => [path, shape] as const);
  expect(Object.fromEntries(states)).toEqual(airbenchGolden.states);
  expect(countParameters(module)).toBe(airbenchGolden.learned);
  expect(
    states.filter(([path]) => path.endsWith("norm1.weight")).every(([path]) => !namedParameters(module).has(path)),
  ).toBe(true);
});

/** Logits in training and then in evaluation, and the gradients of the weights, numbered. */
async function computed({ module, inputShape }: Network): Promise<Record<string, Float32Array>> {
  const engine = await wasmEngine({ threads: 1 });
  const random = torchRandom(7);
  for (const [tensor, values] of initialise(module, random)) await engine.write(tensor, values);
  const x = input("x", [2, ...inputShape]);
  const images = random.normal(x.size, 0, 1);
  const each = [images.subarray(0, x.size / 2), images.subarray(x.size / 2)];
  for (const [tensor, values] of fitted(module, { count: 2, shape: inputShape, image: (i) => each[i]! }))
    await engine.write(tensor, values);
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
  const stepped = await step.run({ x: images, labels: Int32Array.of(3, 1) });
  const { output: evaluation } = record(module, x, { training: false });
  const evaluated = await (await engine.compile({ outputs: { evaluation }, updates: [] })).run({ x: images });
  await engine.close();
  return { ...stepped, ...evaluated };
}
