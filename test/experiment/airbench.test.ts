/** @file airbench94's recipe, from a configuration to the last weights: everything that it asks of the training, together, as PyTorch has it. */
import { expect, test } from "vitest";
import { splitOf, type Dataset } from "../../src/data/dataset.ts";
import { findMethod, objective } from "../../src/distill/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { parseConfig, type ConfigInput } from "../../src/experiment/config.ts";
import { trainingOptions } from "../../src/experiment/training.ts";
import type { Model } from "../../src/models/model.ts";
import { batchNorm2d, conv2d, flatten, linear, namedStates, relu, sequential } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { learner } from "../../src/distill/learner.ts";
import { train } from "../../src/train/train.ts";
import golden from "./airbench.golden.json" with { type: "json" };

const images = splitOf({ pixels: Uint8Array.from(golden.pixels), labels: Uint8Array.from(golden.labels) });
const [mean, std] = [
  [0.5, 0.5],
  [0.25, 0.25],
];
const dataset: Dataset = {
  name: "tiny",
  classes: ["a", "b", "c"],
  shape: [2, 4, 4],
  train: images,
  test: images,
  mean,
  std,
};

function network(): Model {
  const module = sequential({
    whiten: conv2d(2, 4, 2),
    act1: relu(),
    conv: conv2d(4, 3, 3, { padding: 1, bias: false }),
    norm: batchNorm2d(3),
    act2: relu(),
    flatten: flatten(),
    head: linear(27, 3, { bias: false }),
  });
  return { name: "tiny airbench", module, inputShape: [2, 4, 4], classes: 3 };
}

test.each([
  ["reference", async () => referenceEngine({ precision: "float64" }), 6],
  ["wasm", () => wasmEngine({ threads: 2 }), 4],
] as const)("%s: PyTorch's loss at every step, and its weights at the end", async (_, open, digits) => {
  const engine = await open();
  const model = network();
  const states = namedStates(model.module);
  expect([...states.keys()].toSorted()).toEqual(Object.keys(golden.first).toSorted());
  type Values = Readonly<Record<string, readonly number[]>>;
  for (const [name, tensor] of states) await engine.write(tensor, Float32Array.from((golden.first as Values)[name]!));
  const config = parseConfig("train", golden.config as ConfigInput<"train">);
  const losses: number[] = [];
  const work = train({
    engine,
    learner: learner(model, objective(findMethod("ce"))),
    dataset,
    random: torchRandom(3),
    ...trainingOptions(config, dataset.train.count),
  });
  for await (const event of work) if (event.kind === "step") losses.push(event.loss);
  expect(losses).toHaveLength(golden.losses.length);
  for (const [i, loss] of losses.entries()) expect(loss, `step ${i + 1}`).toBeCloseTo(golden.losses[i]!, digits);
  for (const [name, tensor] of states) {
    const found = await engine.read(tensor);
    for (const [i, value] of (golden.last as Values)[name]!.entries())
      expect(found[i], `${name} ${i}`).toBeCloseTo(value, digits);
  }
  await engine.close();
});
