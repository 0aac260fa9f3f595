/** @file Batches in parts: as the whole batch where images do not meet, as PyTorch has it where they do. */
import { describe, expect, test } from "vitest";
import { augmentOptions } from "../../data/augment-options.ts";
import { shapes } from "../../data/shapes.ts";
import { methods, objective } from "../../distill/index.ts";
import { referenceEngine } from "../../engine/reference/index.ts";
import { wasmEngine } from "../../engine/wasm/index.ts";
import type { Model } from "../../models/model.ts";
import {
  avgPool2d,
  batchNorm2d,
  conv2d,
  dropout,
  flatten,
  initialise,
  linear,
  namedStates,
  relu,
  sequential,
} from "../../nn/index.ts";
import { clipped, scalarsAt, sgd } from "../../optim/index.ts";
import { torchRandom } from "../../random/index.ts";
import { accumulatedBy, partsOf } from "./accumulate.ts";
import golden from "../accumulate.golden.json" with { type: "json" };
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "../checkpoint.ts";
import { learner } from "../../distill/learner.ts";
import type { TrainOptions } from "../options.ts";
import { trainedParameters } from "../states.ts";
import { stepActs } from "../step.ts";
import { planPhases } from "../plan.ts";
import { train } from "../train.ts";

test.each([
  [10, 4, [3, 3, 2, 2]],
  [5, 4, [2, 1, 1, 1]],
  [3, 4, [1, 1, 1]],
  [128, 1, [128]],
] as const)("%d images in %d parts", (size, parts, sizes) => {
  const ranges = partsOf(size, parts);
  expect(ranges.map(({ from, to }) => to - from)).toEqual(sizes);
  expect(ranges.map(({ from }) => from)).toEqual([0, ...ranges.slice(0, -1).map(({ to }) => to)]);
});

describe.each(["norm", "plain"] as const)("PyTorch's %s network", (name) => {
  const engines = { reference: async () => referenceEngine(), wasm: () => wasmEngine({ threads: 2 }) };
  test.each(Object.entries(engines))(
    "%s: losses, weights and running averages after three batches",
    async (_, open) => {
      const engine = await open();
      const { images, labels, first, last, losses } = golden[name];
      const norm = name === "norm" ? [batchNorm2d(4)] : [];
      const module = sequential([conv2d(3, 4, 3, { padding: 1 }), ...norm, relu(), flatten(), linear(64, 3)]);
      const model: Model = { name, module, inputShape: [3, 4, 4], classes: 3 };
      const states = namedStates(module);
      for (const [path, tensor] of states) {
        await engine.write(tensor, Float32Array.from(first[path as keyof typeof first]));
      }
      const subject = learner(model, objective(methods.ce));
      const optimiser = sgd({ learningRate: 0.1, momentum: 0.9 }).attach(trainedParameters(subject));
      const ranges = labels.map(({ length }) => ({ from: 0, to: length }));
      const { steps, scratch } = accumulatedBy(golden.parts);
      const programs = await steps(stepActs(subject, optimiser), ranges).compile(engine);
      for (const [i, batch] of labels.entries()) {
        const given = { images: Float32Array.from(images[i]!), labels: Int32Array.from(batch) };
        const { loss } = await programs.run(batch.length, { ...given, ...scalarsAt(optimiser, i + 1) }, i + 1);
        expect(loss).toBeCloseTo(losses[i]!, 5);
      }
      for (const [path, tensor] of states) {
        const expected = last[path as keyof typeof last];
        for (const [i, value] of (await engine.read(tensor)).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
      }
      for (const sum of scratch) expect((await engine.read(sum)).every((x) => x === 0)).toBe(true);
      await engine.close();
    },
  );
});

const dataset = shapes({ train: 20, test: 10 });
const settings = { dataset, epochs: 2, batchSize: 8, optimiser: sgd({ learningRate: 0.05, momentum: 0.9 }) };

/** A small network with dropout, trained: its losses, last values, and checkpoints after each step. */
async function trained(accumulate: number, options: Partial<TrainOptions> = {}, hasNorm = false) {
  const engine = await wasmEngine({ threads: 1 });
  const random = torchRandom(1);
  const [student, teacher] = [network("student", hasNorm), network("teacher", hasNorm)];
  for (const { module } of [student, teacher]) {
    for (const [tensor, values] of initialise(module, random)) await engine.write(tensor, values);
  }
  const saved: Uint8Array[] = [];
  const checkpoints = {
    due: () => true,
    save: async (checkpoint: Checkpoint) => void saved.push(await encodeCheckpoint(checkpoint)),
  };
  const subject = learner(student, objective(methods.kd), teacher);
  const steps: { loss: number; step: number; steps: number }[] = [];
  const events = train({ ...settings, engine, random, learner: subject, accumulate, checkpoints, ...options });
  for await (const event of events) if (event.kind === "step") steps.push(event);
  const values: Float32Array[] = [];
  for (const tensor of namedStates(student.module).values()) values.push(await engine.read(tensor));
  await engine.close();
  return { steps, values, saved };
}

function network(name: string, hasNorm: boolean): Model {
  const norm = hasNorm ? [batchNorm2d(4)] : [];
  const convolution = [conv2d(3, 4, 3, { stride: 4 }), ...norm, relu(), avgPool2d(2), flatten()]; // [N, 64]
  const module = sequential([...convolution, linear(64, 16), relu(), dropout(0.3), linear(16, 10)]);
  return { name, module, inputShape: [3, 32, 32], classes: 10 };
}

describe("without a batch norm, parts come to the same as the whole batch but for rounding", () => {
  const ways: Readonly<Record<string, Partial<TrainOptions>>> = {
    "as it is": {},
    "with varied and mixed images": {
      augment: { seed: 1, ...augmentOptions.parse({ crop: {}, flip: {}, mixup: {} }) },
    },
    "with averaged weights": { emaDecay: 0.9 },
    "with clipped gradients": { optimiser: clipped(settings.optimiser, 0.05) },
    "with DOT's momentum of each loss": { optimiser: sgd({ learningRate: 0.05, momentum: 0.5, momentumGap: 0.3 }) },
  };
  test.each(Object.entries(ways))("%s", async (_, options) => {
    const [whole, parts] = [await trained(1, options), await trained(3, options)];
    expect(parts.steps.map(({ step, steps }) => [step, steps])).toEqual([1, 2, 3, 4, 5, 6].map((step) => [step, 6]));
    for (const [i, { loss }] of parts.steps.entries()) expect(loss).toBeCloseTo(whole.steps[i]!.loss, 5);
    for (const [i, values] of parts.values.entries()) {
      for (const [k, value] of values.entries()) expect(Math.abs(value - whole.values[i]![k]!)).toBeLessThan(1e-6);
    }
  });
});

test("a training in parts that goes on after any step ends in the same bits", async () => {
  const whole = await trained(3, {}, true);
  expect(whole.values).not.toEqual((await trained(1, {}, true)).values);
  for (const at of [0, 3, 5]) {
    const resume = await decodeCheckpoint(whole.saved[at]!, "checkpoint");
    expect((await trained(3, { resume }, true)).values).toEqual(whole.values);
  }
});

test("averages follow weights and norms' buffers from update to update, not from part to part", async () => {
  const valuesAfter = async (epochs: number, options: Partial<TrainOptions> = {}) =>
    (await trained(3, { batchSize: 20, epochs, ...options }, true)).values;
  const [first, second] = [await valuesAfter(1), await valuesAfter(2)];
  for (const [i, values] of (await valuesAfter(2, { emaDecay: 0.9 })).entries()) {
    for (const [k, value] of values.entries()) expect(value).toBeCloseTo(0.9 * first[i]![k]! + 0.1 * second[i]![k]!, 6);
  }
});

test("a batch that needs more than 4 GiB is refused before it takes any; in parts it fits", async () => {
  const engine = await wasmEngine({ threads: 1 });
  const subject = learner(network("student", false), objective(methods.ce));
  const many = { ...settings, dataset: shapes({ train: 400_000 }), batchSize: 400_000, learner: subject };
  const compiled = (accumulate: number) => planPhases({ ...many, accumulate })[0]!.segments[0].steps.compile(engine);
  const before = engine.memoryBytes;
  await expect(compiled(1)).rejects.toMatchObject({
    code: "ENGINE",
    message: expect.stringMatching(/needs \d{4,} MiB of the 4096 MiB that it can have; .* in parts \(accumulate\)/),
  });
  expect(engine.memoryBytes).toBe(before);
  (await compiled(10_000)).close();
  expect(engine.memoryBytes).toBeLessThan(16 * 2 ** 20);
  await engine.close();
});

test.each([0, -1, 1.5, 9, NaN])("%d parts of 8 images are refused", (accumulate) => {
  const options = { ...settings, learner: learner(network("student", false), objective(methods.ce)), accumulate };
  expect(() => planPhases(options)).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(/from 1 to the 8 images of a batch/) }),
  );
});
