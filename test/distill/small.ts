/** @file Networks of real architectures, so narrow that a step of one takes milliseconds, and a few images for them. */
import { splitOf, type Dataset, type Split } from "../../src/data/dataset.ts";
import type { Engine } from "../../src/engine/contract.ts";
import type { Model } from "../../src/models/model.ts";
import { resnet, type ResnetWidths } from "../../src/models/resnet.ts";
import { avgPool2d, conv2d, flatten, initialise, linear, namedStates, relu, sequential } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import type { Learner } from "../../src/distill/learner.ts";

/** A residual network of 8 layers, with 2 to 8 channels. */
export function smallStudent(): Model {
  return { ...small("smallStudent", [2, 2, 4, 8]), recreate: smallStudent };
}

/** The same, twice as wide. */
export function smallTeacher(): Model {
  return small("smallTeacher", [4, 4, 8, 16]);
}

function small(name: string, widths: ResnetWidths): Model {
  const [inputShape, classes] = [[3, 32, 32], 4] as const;
  return { name, inputShape, classes, ...resnet(8, widths).create({ inputShape, classes, dropout: 0 }) };
}

/** Noise of which each class has its own brightness. */
export function fewImages(count = 16): Dataset {
  const random = torchRandom(5);
  const split = (): Split => {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 4);
    const pixels = Uint8Array.from(random.randint(count * 3072, 0, 100));
    for (let i = 0; i < pixels.length; i++) pixels[i]! += 50 * labels[Math.floor(i / 3072)]!;
    return splitOf({ pixels, labels });
  };
  const [mean, std] = [
    [0.5, 0.5, 0.5],
    [0.25, 0.25, 0.25],
  ];
  return { name: "few", classes: ["a", "b", "c", "d"], shape: [3, 32, 32], train: split(), test: split(), mean, std };
}

/** First values of a learner and its teacher, the teacher's running averages as after some training. */
export async function writeValues(engine: Engine, { model, teacher, auxiliaries }: Learner): Promise<void> {
  if (teacher) {
    for (const [tensor, values] of initialise(teacher.module, torchRandom(1))) await engine.write(tensor, values);
    const random = torchRandom(2);
    for (const [name, tensor] of namedStates(teacher.module)) {
      if (name.endsWith("running_var")) await engine.write(tensor, random.uniform(tensor.size, 0.5, 1.5));
      if (name.endsWith("running_mean")) await engine.write(tensor, random.normal(tensor.size, 0, 0.3));
    }
  }
  for (const [tensor, values] of initialise(model.module, torchRandom(3), Object.values(auxiliaries))) {
    await engine.write(tensor, values);
  }
}

/** Three convolutions without norms, whose maps' means the classifier sees. */
export function averagedModel(): Model {
  const layers = [conv2d(3, 4, 3, { padding: 1, stride: 4 }), relu(), conv2d(4, 8, 3, { padding: 1 }), relu()]; // [N, 8, 8, 8]
  const module = sequential({
    features: sequential(layers),
    pooled: sequential([avgPool2d(8), flatten()]),
    fc: linear(8, 4),
  });
  const stages = [1, 3].map((i) => ({ output: `features.${i}`, preActivation: `features.${i - 1}` }));
  const features = [...stages, { output: "pooled", preActivation: "pooled" }];
  return { name: "averaged", module, inputShape: [3, 32, 32], classes: 4, features };
}

/** Two convolutions and a hidden layer without norms or dropout, so that training and evaluation are the same. */
export function plainModel(): Model {
  const features = sequential([
    conv2d(3, 4, 3, { padding: 1, stride: 2 }),
    relu(), // [N, 4, 16, 16]
    conv2d(4, 6, 3, { padding: 1, stride: 2 }),
    relu(), // [N, 6, 8, 8]
    conv2d(6, 8, 3, { padding: 1 }),
    relu(), // [N, 8, 8, 8]
  ]);
  const module = sequential({
    features,
    flatten: flatten(),
    hidden: sequential([linear(512, 8), relu()]),
    fc: linear(8, 4),
  });
  const stages = [1, 3, 5].map((i) => ({ output: `features.${i}`, preActivation: `features.${i - 1}` }));
  const last = { output: "hidden.1", preActivation: "hidden.0" };
  return { name: "plain", module, inputShape: [3, 32, 32], classes: 4, features: [...stages, last] };
}
