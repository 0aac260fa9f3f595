/** @file Lookahead: PyTorch's figures after each step, what it follows, and that a resumed training ends in the same bits. */
import { describe, expect, test } from "vitest";
import { methods, objective } from "../../distill/index.ts";
import { referenceEngine } from "../../engine/reference/index.ts";
import { wasmEngine } from "../../engine/wasm/index.ts";
import type { Model } from "../../models/model.ts";
import { batchNorm2d, conv2d, flatten, linear, namedStates, relu, sequential } from "../../nn/index.ts";
import { scalarsAt, sgd } from "../../optim/index.ts";
import { torchRandom } from "../../random/index.ts";
import { begin, tinyDataset, tinyModel } from "../../../test/experiment/tiny.ts";
import { everything } from "../../../test/experiment/everything.ts";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "../checkpoint.ts";
import { result } from "../events.ts";
import { learner } from "../../distill/learner.ts";
import { decaysAfter, lookaheadOf } from "./lookahead.ts";
import golden from "../lookahead.golden.json" with { type: "json" };
import type { TrainOptions } from "../options.ts";
import { rangesOf } from "../quantise/rounding.ts";
import { trainedParameters } from "../states.ts";
import { stepActs } from "../step.ts";
import { wholeSteps, withPasses } from "../steps.ts";
import { planPhases } from "../plan.ts";
import { train } from "../train.ts";

type Values = Readonly<Record<string, readonly number[]>>;
const engines = { reference: async () => referenceEngine(), wasm: () => wasmEngine({ threads: 2 }) };

test.each(Object.entries(engines))("%s: PyTorch's weights and running averages after each step", async (_, open) => {
  const engine = await open();
  const { images, labels, first, after, every } = golden;
  const module = sequential([conv2d(3, 4, 3, { padding: 1 }), batchNorm2d(4), relu(), flatten(), linear(64, 3)]);
  const model: Model = { name: "norm", module, inputShape: [3, 4, 4], classes: 3 };
  const states = namedStates(module);
  for (const [path, tensor] of states) await engine.write(tensor, Float32Array.from((first as Values)[path]!));
  const subject = learner(model, objective(methods.ce));
  const rule = sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }).attach(trainedParameters(subject));
  const steps = wholeSteps(stepActs(subject, rule), [{ from: 0, to: 6 }]);
  const lookahead = lookaheadOf(subject, { every, steps: after.length });
  const changed = new Set(steps.graphs.flatMap(({ updates }) => updates.map(({ state }) => state)));
  const whole = withPasses(steps, lookahead.passes(changed));
  expect([...lookahead.states.keys()].toSorted()).toEqual(
    Array.from(states.keys(), (name) => `lookahead ${name}`).toSorted(),
  );
  const programs = await whole.compile(engine);
  for (const [i, expected] of after.entries()) {
    const given = { images: Float32Array.from(images[i]!), labels: Int32Array.from(labels[i]!) };
    await programs.run(6, { ...given, ...scalarsAt(rule, i + 1) }, i + 1);
    for (const [path, tensor] of states) {
      const found = await engine.read(tensor);
      for (const [k, value] of (expected as Values)[path]!.entries())
        expect(found[k], `step ${i + 1} ${path}`).toBeCloseTo(value, 5);
    }
  }
  await engine.close();
});

test("slow weights follow every so many steps, and are taken after the last one", () => {
  const of = (step: number) => decaysAfter(step, { every: 5, steps: 20 });
  expect([1, 4, 6, 19].flatMap(of)).toEqual([]);
  expect(of(10)).toEqual([0.95 ** 5 / 8]);
  expect(of(20)).toEqual([0.95 ** 5, 1]);
  expect(decaysAfter(21, { every: 5, steps: 21 })).toEqual([1]);
});

const dataset = tinyDataset({ train: 22 });
const settings = { dataset, batchSize: 8, optimiser: sgd({ learningRate: 0.05, momentum: 0.9 }) };

/** A training's last values by name, and its checkpoints. */
async function trained(options: Partial<TrainOptions>, open = engines.reference) {
  const engine = await open();
  const model = tinyModel({ norm: true });
  const subject = learner(model, objective(methods.ce));
  const random = torchRandom(3);
  await begin(engine, subject, random);
  const saved: Checkpoint[] = [];
  const save = async (checkpoint: Checkpoint) =>
    void saved.push(await decodeCheckpoint(await encodeCheckpoint(checkpoint)));
  const given = typeof options.quantize === "object" ? { quantize: { epochs: 1, ranges: rangesOf(model, 127) } } : {};
  const work = { ...settings, epochs: 2.4, engine, learner: subject, random, checkpoints: { due: () => true, save } };
  await result(train({ ...work, ...options, ...given }));
  const values = new Map<string, readonly number[]>();
  for (const [name, tensor] of namedStates(model.module)) values.set(name, [...(await engine.read(tensor))]);
  await engine.close();
  return { values, saved };
}

describe("a training with lookahead that goes on after any step ends in the same bits", () => {
  const ways: Readonly<Record<string, Partial<TrainOptions>>> = {
    plainly: {},
    "in parts, with a freeze, for int8": {
      accumulate: 2,
      freeze: [{ parameters: "features.0.*", afterEpochs: 1 }],
      quantize: { epochs: 1, ranges: rangesOf(tinyModel(), 127) },
    },
  };
  test.each(Object.entries(ways))("%s", async (_, options) => {
    const whole = await trained({ lookahead: 3, ...options });
    expect(whole.values).not.toEqual((await trained(options)).values);
    for (const resume of whole.saved)
      expect((await trained({ lookahead: 3, ...options, resume })).values).toEqual(whole.values);
  });
});

test("every step is followed once, however many are in flight; the last weights are the slow ones", async () => {
  const [once, again] = [await trained({ lookahead: 3 }), await trained({ lookahead: 3 }, engines.wasm)];
  for (const [name, values] of again.values)
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(once.values.get(name)![i]!, 4);
  const last = once.saved.at(-1)!;
  for (const [name, { values }] of last.states)
    if (name.startsWith("lookahead ")) expect([...values]).toEqual(once.values.get(name.slice("lookahead ".length)));
});

test("auxiliary modules' parameters are followed, their memories and a pre-training are not", () => {
  const teacher = tinyModel({ channels: 8, name: "Teacher" });
  const subject = learner(tinyModel({ norm: true }), objective(everything), teacher, { images: 22 });
  const phases = planPhases({ ...settings, learner: subject, epochs: 2, lookahead: 5 });
  const [before, followed] = phases.map(({ features }) =>
    features.flatMap(({ states }) => [...(states?.keys() ?? [])]),
  );
  expect(before).toEqual([]);
  const some = ["features.0.weight", "features.1.running_mean", "head.0.weight"].map((name) => `lookahead ${name}`);
  expect(followed).toEqual(expect.arrayContaining(some));
  expect(followed!.filter((name) => /memory|connector/.test(name))).toEqual([]);
});

test.each([
  [{ lookahead: 0 }, /positive whole number of steps/],
  [{ lookahead: 2.5 }, /positive whole number of steps/],
  [{ lookahead: 5, emaDecay: 0.9 }, /both average the weights/],
])("%j is refused", (given, message) => {
  const options = { ...settings, learner: learner(tinyModel(), objective(methods.ce)), epochs: 3, ...given };
  expect(() => planPhases(options)).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(message) }),
  );
});
