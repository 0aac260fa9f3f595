/** @file Unequal classes in a training: PyTorch's weighted loss and sampler, what is weighted and what is not, and the bits after any interruption. */
import { describe, expect, test } from "vitest";
import { fewImages, plainModel, smallStudent, smallTeacher, writeValues } from "../../test/distill/small.ts";
import { augmentOptions } from "../data/augment-options.ts";
import { shiftOf } from "../data/augment.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import {
  crossEntropy,
  findMethod,
  methods,
  objective,
  smoothedCrossEntropy,
  type AnyMethod,
  type Objective,
} from "../distill/index.ts";
import type { Engine, Inputs } from "../engine/contract.ts";
import { forwarding } from "../engine/forwarding.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { namedStates } from "../nn/index.ts";
import { sgd } from "../optim/index.ts";
import { loaderOrder, torchRandom } from "../random/index.ts";
import { add, gradients, input, mul, type Tensor } from "../tensor/index.ts";
import { epochOrders, inverseFrequencies, weightInputs, type Balance } from "./balance.ts";
import golden from "./balance.golden.json" with { type: "json" };
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { result } from "./events.ts";
import { learner } from "../distill/learner.ts";
import type { TrainOptions } from "./options.ts";
import type { BatchPosition } from "./step-input.ts";
import { train } from "./train.ts";

const classes = ["a", "b", "c", "d"];
/** Images of the golden labels, 6, 2, none and 3 of the classes, and one more of the first. */
const images = golden.labels.length;
const few = fewImages(images);
const split: Split = { ...few.train, labels: Uint8Array.from(golden.labels) };
const dataset: Dataset = { ...few, classes, train: split };

test("weights are PyTorch's users' inverse frequencies; a class without images has none", () => {
  expect([...inverseFrequencies(dataset)]).toEqual(golden.weight.map(Math.fround));
});

test.each(golden.losses)(
  "PyTorch's CrossEntropyLoss(weight), smoothing $smoothing, share $share: value and gradient",
  async (of) => {
    const engine = referenceEngine({ precision: "float64" });
    const { batch } = golden;
    const logits = input("logits", [batch.length, 4]);
    const [labels, partners] = ["labels", "partners"].map((name) => input(name, [batch.length], "int32")) as [
      Tensor,
      Tensor,
    ];
    const { weights, inputs } = weightInputs(inverseFrequencies(dataset));
    const loss = (classes: Tensor): Tensor =>
      of.smoothing === 0
        ? crossEntropy(logits, classes, weights)
        : smoothedCrossEntropy(logits, classes, of.smoothing, weights);
    const mixed = add(mul(loss(labels), of.share), mul(loss(partners), 1 - of.share));
    const place = { order: Int32Array.from(batch), range: { from: 0, to: batch.length }, source: { split } };
    const filled = inputs.map(({ symbol, fill }) => {
      const values = new Float32Array(symbol.size);
      fill(values, place as unknown as BatchPosition);
      return [symbol.attributes.name, values] as const;
    });
    const [gradient] = gradients(mixed, [logits]);
    const program = await engine.compile({ outputs: { mixed, gradient: gradient! }, updates: [] });
    const found = await program.run({
      logits: Float32Array.from(of.logits),
      labels: Int32Array.from(batch, (image) => golden.labels[image]!),
      partners: Int32Array.from(of.partners, (partner) => golden.labels[batch[partner]!]!),
      ...Object.fromEntries(filled),
    });
    // Logits and weights are float32.
    expect(found["mixed"]![0]).toBeCloseTo(of.loss, 6);
    for (const [i, value] of found["gradient"]!.entries()) expect(value).toBeCloseTo(of.gradient[i]!, 6);
  },
);

test.each(golden.sampler)("the orders of PyTorch's WeightedRandomSampler, seed $seed", ({ seed, epochs }) => {
  const random = torchRandom(seed);
  const orderOf = epochOrders(dataset, "sampler");
  for (const epoch of epochs) {
    const { order, turns } = orderOf(random);
    expect([...order]).toEqual(epoch);
    expect([...turns!]).toEqual(epoch.map((image, i) => epoch.slice(0, i).filter((other) => other === image).length));
  }
});

/** The losses of a first step on all images. */
async function firstLosses(of: Objective, options: Partial<TrainOptions> = {}) {
  const engine = referenceEngine({ precision: "float64" });
  const subject = learner(smallStudent(), of, of.needsTeacher ? smallTeacher() : undefined, { images });
  await writeValues(engine, subject);
  const settings = { dataset, epochs: 1, batchSize: images, optimiser: sgd(), random: torchRandom(1) };
  const [epoch] = await result(train({ engine, learner: subject, ...settings, ...options }));
  return epoch!.terms;
}

describe("what is weighted", () => {
  test.each([
    ["mlkd", objective(methods.mlkd, {}, "views"), ["ce", "strongCe"]],
    ["dml", objective(methods.dml), ["ce", "peerCe"]],
    ["dkd", objective(methods.dkd), ["ce"]],
    ["wsld", objective(methods.wsld), ["ce"]],
    ["crd", objective(methods.crd), ["ce"]],
    ["ls", objective(methods.ls), ["ce"]],
  ] as const)("%s: the cross entropies with the labels, and no loss of the teacher's", async (_, of, weighted) => {
    const [plain, balanced] = [await firstLosses(of), await firstLosses(of, { balance: "weights" })];
    expect(Object.keys(balanced)).toEqual(Object.keys(plain));
    for (const [name, loss] of Object.entries(balanced)) {
      if ((weighted as readonly string[]).includes(name)) expect(loss, name).not.toBeCloseTo(plain[name]!, 4);
      else expect(loss, name).toBe(plain[name]);
    }
  });

  test("method ls and labels that the training smooths are weighted alike", async () => {
    const { ce } = await firstLosses(objective(methods.ls, { smoothing: 0.3 }), { balance: "weights" });
    const smoothed = await firstLosses(objective(methods.ce), { balance: "weights", labelSmoothing: 0.3 });
    expect(smoothed["ce"]).toBeCloseTo(ce!, 12);
  });

  test("nothing, where classes have as many images each", async () => {
    const equal = { dataset: fewImages(12) };
    const [plain, balanced] = [
      await firstLosses(objective(methods.ce), equal),
      await firstLosses(objective(methods.ce), { ...equal, balance: "weights" }),
    ];
    expect(balanced["ce"]).toBeCloseTo(plain["ce"]!, 12);
  });
});

const { labels: _, ...teacherOnly }: AnyMethod = findMethod("kd");
test.each([
  [
    "no loss of labels",
    objective(teacherOnly),
    { balance: "weights" },
    /learns from no cross entropy with the labels that balance weights could weigh; draw.*--balance sampler/,
  ],
  [
    "a loss of labels that counts nothing",
    objective(methods.kd, { ceWeight: 0 }),
    { balance: "weights" },
    /learns from no cross entropy with the labels/,
  ],
  [
    "another way",
    objective(methods.ce),
    { balance: "classes" as Balance },
    /balance should be none, weights, sampler, got classes/,
  ],
  [
    "no labels",
    objective(methods.kd),
    { balance: "sampler", dataset: { ...dataset, answeredBy: "t.onnx" } },
    /those of few have no labels; leave out balance/,
  ],
  [
    "no labels at all",
    objective(methods.kd),
    { balance: "weights", dataset: { ...dataset, isLabelled: false } },
    /those of few have no labels/,
  ],
] as const)("%s: refused", async (_, of, options, message) => {
  await expect(firstLosses(of, options)).rejects.toMatchObject({
    code: "ARGUMENT",
    message: expect.stringMatching(message),
  });
});

/** A network trained for two epochs: its losses and last values, and a checkpoint after each step. */
async function trained(options: Partial<TrainOptions>, { threads = 1, keeps = true } = {}) {
  const engine = await wasmEngine({ threads });
  const brought: number[] = [];
  const given: Inputs[] = [];
  const own: Engine = {
    ...forwarding(engine),
    ...(!keeps && { roomForBytes: () => 0 }),
    async compile(graph) {
      const program = await engine.compile(graph);
      const run: typeof program.run = (inputs) => {
        if (inputs?.["shifts"]) given.push(structuredClone(inputs));
        return program.run(inputs);
      };
      return { ...program, run, close: () => program.close() };
    },
    writeRows: (state, rows, values) => (brought.push(...rows), engine.writeRows(state, rows, values)),
  };
  const subject = learner(plainModel(), objective(methods.kd), smallTeacher());
  await writeValues(engine, subject);
  const saved: Uint8Array[] = [];
  const checkpoints = {
    due: () => true,
    save: async (checkpoint: Checkpoint) => void saved.push(await encodeCheckpoint(checkpoint)),
  };
  const losses: number[] = [];
  const settings = {
    dataset,
    epochs: 2,
    batchSize: 5,
    optimiser: sgd({ learningRate: 0.05, momentum: 0.9 }),
    random: torchRandom(1),
  };
  for await (const event of train({ engine: own, learner: subject, checkpoints, ...settings, ...options })) {
    if (event.kind === "step") losses.push(event.loss);
  }
  const values: Float32Array[] = [];
  for (const tensor of namedStates(subject.model.module).values()) values.push(await engine.read(tensor));
  await engine.close();
  return { losses, values, saved, brought, given };
}

describe("weights in batches of parts come to the whole batch's, normalised by its labels", () => {
  const ways: Readonly<Record<string, Partial<TrainOptions>>> = {
    "as it is": {},
    "with smoothed labels": { labelSmoothing: 0.2 },
    "with mixed images": { augment: { seed: 1, ...augmentOptions.parse({ mixup: {} }) } },
    "with pasted images": { augment: { seed: 1, ...augmentOptions.parse({ cutmix: {} }) } },
    "with DOT's momentum of each loss": { optimiser: sgd({ learningRate: 0.05, momentum: 0.5, momentumGap: 0.3 }) },
  };
  test.each(Object.entries(ways))("%s", async (_, options) => {
    const [whole, parts] = [
      await trained({ ...options, balance: "weights" }),
      await trained({ ...options, balance: "weights", accumulate: 3 }),
    ];
    for (const [i, loss] of parts.losses.entries()) expect(loss).toBeCloseTo(whole.losses[i]!, 5);
    for (const [i, values] of parts.values.entries()) {
      for (const [k, value] of values.entries()) expect(Math.abs(value - whole.values[i]![k]!)).toBeLessThan(2e-6);
    }
    expect(whole.losses[0]).not.toBeCloseTo((await trained(options)).losses[0]!, 3);
  });
});

test.each(["weights", "sampler"] as const)(
  "%s: the same bits after any interruption, and on other threads",
  async (balance) => {
    const augment = { seed: 3, ...augmentOptions.parse({ crop: {}, flip: {} }) };
    const whole = await trained({ balance, augment });
    for (const at of [0, 2, 4]) {
      const resume = await decodeCheckpoint(whole.saved[at]!, "checkpoint");
      expect((await trained({ balance, augment, resume })).values).toEqual(whole.values);
    }
    expect((await trained({ balance, augment }, { threads: 2 })).values).toEqual(whole.values);
    expect((await trained({ augment })).values).not.toEqual(whole.values);
  },
);

test("an image that is drawn twice in a batch is brought to the engine once, and the bits are those of batches that are given", async () => {
  const [kept, unkept] = [
    await trained({ balance: "sampler" }),
    await trained({ balance: "sampler" }, { keeps: false }),
  ];
  expect(kept.brought.length).toBeGreaterThan(5);
  expect(new Set(kept.brought).size).toBe(kept.brought.length);
  expect(unkept.brought).toEqual([]);
  expect(kept.values).toEqual(unkept.values);
});

test("an image that comes again in an epoch is shifted otherwise", async () => {
  const augment = { seed: 3, ...augmentOptions.parse({ crop: {}, flip: {} }) };
  const { given } = await trained({ balance: "sampler", augment, epochs: 1, batchSize: 4 });
  const [order, shifts] = ["indices", "shifts"].map((name) => given.flatMap((inputs) => [...inputs[name]!]));
  const turns = order!.map((image, i) => order!.slice(0, i).filter((other) => other === image).length);
  expect(Math.max(...turns)).toBeGreaterThan(0);
  const expected = order!.flatMap((image, i) => {
    const { down, right, isFlipped } = shiftOf(augment, 1, image, turns[i]);
    return [down, right, Number(isFlipped)];
  });
  expect(shifts).toEqual(expected);
});

test("training images are seen in the sampler's order; each validation image once, as without", async () => {
  const seen: Record<string, number[]> = { train: [], validation: [] };
  const watched = (name: string, of: Split): Split => ({ ...of, image: (i) => (seen[name]!.push(i), of.image(i)) });
  const validation = fewImages(8).train;
  const engine = referenceEngine();
  const subject = learner(plainModel(), objective(methods.ce));
  await writeValues(engine, subject);
  const augment = { seed: 3, ...augmentOptions.parse({ cutout: {} }) };
  const options = {
    engine,
    learner: subject,
    epochs: 1,
    batchSize: 5,
    optimiser: sgd(),
    random: torchRandom(42),
    augment,
  };
  const images = { ...dataset, train: watched("train", split), validation: watched("validation", validation) };
  await result(train({ ...options, dataset: images, balance: "sampler" }));
  const ofClass = golden.labels.map((label) => golden.labels.filter((other) => other === label).length);
  const order = loaderOrder(torchRandom(42), split.count, {
    weights: Float64Array.from(ofClass, (count) => 1 / count),
  });
  expect(seen["train"]!.slice(-order.length)).toEqual([...order]);
  expect(seen["validation"]!.slice(-8)).toEqual([...Array(8).keys()]);
});
