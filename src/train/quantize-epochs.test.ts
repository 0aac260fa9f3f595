/** @file Trainings whose last epochs expect int8. */
import { describe, expect, test } from "vitest";
import { shapes } from "../data/shapes.ts";
import { holdOut } from "../data/subsets.ts";
import { methods, objective, type MethodName } from "../distill/index.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { createModel } from "../models/index.ts";
import { initialise, namedStates } from "../nn/index.ts";
import { adam } from "../optim/index.ts";
import { torchRandom } from "../random/index.ts";
import { topologicalOrder, type Graph } from "../tensor/index.ts";
import { ops } from "../tensor/ops/index.ts";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { result } from "./events.ts";
import { learner } from "../distill/learner.ts";
import type { TrainOptions } from "./options.ts";
import { readRanges } from "./quantise/ranges.ts";
import { rangesOf } from "./quantise/rounding.ts";
import { planPhases } from "./plan.ts";
import { train } from "./train.ts";

const dataset = shapes({ train: 40, test: 10 });
const settings = { dataset, epochs: 3, batchSize: 16 };

/** Trains a resnet8 from the seed's weights: its last values, and checkpoints after each step. `resume`: where to go on. */
async function trained(quantizeEpochs: number, resume?: Checkpoint) {
  const engine = await wasmEngine({ threads: 1 });
  const random = torchRandom(1);
  const model = createModel("resnet8");
  for (const [tensor, values] of initialise(model.module, random)) await engine.write(tensor, values);
  const saved: Uint8Array[] = [];
  const checkpoints = {
    due: () => true,
    save: async (checkpoint: Checkpoint) => void saved.push(await encodeCheckpoint(checkpoint)),
  };
  const options = { ...settings, engine, random, optimiser: adam(), learner: learner(model, objective(methods.ce)) };
  const ranges = rangesOf(model, 127);
  const quantize = quantizeEpochs > 0 ? { quantize: { epochs: quantizeEpochs, ranges } } : {};
  const losses: number[] = [];
  for await (const event of train({ ...options, ...quantize, checkpoints, ...(resume && { resume }) })) {
    if (event.kind === "step") losses.push(event.loss);
  }
  const values = new Map<string, Float32Array>();
  for (const [path, tensor] of namedStates(model.module)) values.set(path, await engine.read(tensor));
  const learnt = await readRanges(engine, ranges);
  await engine.close();
  return { values, losses, saved, learnt };
}

test("the first epochs are as without, the last ones not, and there the norms keep their statistics", async () => {
  const [plain, quantised] = [await trained(0), await trained(1)];
  expect(quantised.losses.slice(0, 6)).toEqual(plain.losses.slice(0, 6));
  for (const at of [6, 7, 8]) expect(quantised.losses[at]).not.toBe(plain.losses[at]);
  const before = await decodeCheckpoint(quantised.saved.at(-4)!, "checkpoint");
  for (const [path, values] of quantised.values) {
    const then = before.states.get(`${path.includes("running") ? "buffer" : "parameter"} ${path}`)!;
    expect([path, values.every((value, i) => value === then.values[i])]).toEqual([path, path.includes("running")]);
  }
});

test("a training that goes on after any step ends in the same bits", { timeout: 120_000 }, async () => {
  const whole = await trained(2);
  expect(whole.learnt.ranges.every(({ least, most }) => least < most)).toBe(true);
  // At the end of the last epoch that is as without, within the one after, and where ranges stay.
  for (const at of [2, 4, 6]) {
    const resumed = await trained(2, await decodeCheckpoint(whole.saved[at]!, "checkpoint"));
    expect(resumed.values).toEqual(whole.values);
    expect(resumed.learnt).toEqual(whole.learnt);
  }
});

test("the best of epochs is one of those that expect int8", async () => {
  const held = holdOut(dataset, 10, 1);
  const kept = async (more: Pick<TrainOptions, "keep" | "epochs">) => {
    const engine = await wasmEngine({ threads: 1 });
    const random = torchRandom(1);
    const model = createModel("LightNN");
    for (const [tensor, values] of initialise(model.module, random)) await engine.write(tensor, values);
    const ranges = rangesOf(model, 255);
    const options = {
      dataset: held,
      batchSize: 16,
      optimiser: adam({ learningRate: 0.05 }),
      quantize: { epochs: 1, ranges },
    };
    const student = learner(model, objective(methods.ce));
    const epochs = await result(train({ ...options, ...more, engine, random, learner: student }));
    const learnt = await readRanges(engine, ranges);
    const [weight] = namedStates(model.module).values();
    const values = await engine.read(weight!);
    await engine.close();
    return { learnt, values, accuracies: epochs.map(({ validationAccuracy }) => validationAccuracy!) };
  };
  const [best, last] = [await kept({ keep: "best", epochs: 4 }), await kept({ keep: "last", epochs: 4 })];
  // Were it any epoch, it would be an earlier one.
  expect(Math.max(...best.accuracies.slice(0, -1))).toBeGreaterThanOrEqual(best.accuracies.at(-1)!);
  expect(best).toEqual(last);
});

describe("every method's student is rounded, and its losses reach it", () => {
  const [teacher, images] = [createModel("resnet14"), dataset.train.count];
  const studentOf = (name: MethodName) =>
    learner(createModel("resnet8"), objective(methods[name]), teacher, { images });
  // Its student takes the sums of maps, which no int8 file has.
  const refused: MethodName = "simkd";
  test(`${refused} is refused before it trains, as its export would be`, () => {
    expect(() => rangesOf(studentOf(refused).model, 127)).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED",
        message: expect.stringMatching(/^resnet8 cannot be computed in whole numbers: sum of .*leave quantize out/),
      }),
    );
  });
  test.each((Object.keys(methods) as MethodName[]).filter((name) => name !== refused))("%s", (name) => {
    const student = studentOf(name);
    const quantize = { epochs: 1, ranges: rangesOf(student.model, 127) };
    const phase = planPhases({ ...settings, learner: student, optimiser: adam(), quantize }).at(-1)!;
    const [plain, quantised] = phase.segments;
    expect(quantised!.from).toBe(2);
    const roundedIn = ({ outputs, updates }: Graph): number =>
      topologicalOrder([...Object.values(outputs), ...updates.map(({ value }) => value)]).filter(
        ({ op }) => op === ops.round,
      ).length;
    expect(plain.steps.graphs.map(roundedIn)).toEqual([0, 0]);
    for (const graph of quantised!.steps.graphs) expect(roundedIn(graph)).toBeGreaterThan(20);
  });
});

test.each([-1, 0, 4, 1.5, NaN])("%d quantised epochs of 3 are refused", (epochs) => {
  const model = createModel("LightNN");
  const options = { ...settings, learner: learner(model, objective(methods.ce)), optimiser: adam() };
  expect(() => planPhases({ ...options, quantize: { epochs, ranges: rangesOf(model, 127) } })).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(/from 1 to the 3 epochs/) }),
  );
});
