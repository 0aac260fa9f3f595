/** @file An imported network as a teacher of every method. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WasmEngine } from "../../src/engine/wasm/index.ts";
import { evaluate, importOnnx, LimbeckError, wasmEngine, type ImportedModel } from "../../src/entries/index.ts";
import { methods, objective, optionsSchema, type AnyMethod } from "../../src/distill/index.ts";
import { initialise, namedStates } from "../../src/nn/index.ts";
import { sgd } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { cacheTeacherOutputs, learner, result, train, type EpochEvent, type Learner } from "../../src/train/index.ts";
import * as z from "zod/mini";
import { fewImages, smallStudent } from "../distill/small.ts";

const dataset = fewImages(8);
let engine: WasmEngine;
let teacher: ImportedModel;
beforeAll(async () => {
  engine = await wasmEngine({ threads: 1 });
  teacher = await networkOf("resnet-norms");
  for (const [tensor, values] of teacher.values) await engine.write(tensor, values);
});
afterAll(() => engine.close());

/** A network of PyTorch's; see src/onnx/import.golden.py. */
async function networkOf(name: string): Promise<ImportedModel> {
  return importOnnx(await readFile(new URL(`../../src/onnx/golden/${name}.onnx`, import.meta.url)), {
    source: `${name}.onnx`,
  });
}

/** Of equal height and width, which the last maps have not: 1x1 and 8x8. */
const equalMaps = { pairs: [{ teacher: "/layer1/layer1.0/relu_1/Relu_output_0", student: "layer3" }] };
const more: Readonly<Record<string, object>> = { cosine: equalMaps, regressor: equalMaps };

/** The method with its pre-training an epoch long. */
function brief(method: AnyMethod) {
  const names = Object.keys(z.toJSONSchema(optionsSchema(method), { io: "input" }).properties ?? {});
  const epochs = names.filter((name) => /epochs$/i.test(name)).map((name) => [name, 1] as const);
  return objective(method, { ...Object.fromEntries(epochs), ...more[method.name] });
}

interface Taught {
  readonly subject: Learner;
  readonly epochs: readonly EpochEvent[];
}

async function taughtBy(method: AnyMethod, by: ImportedModel, count = 1): Promise<Taught> {
  const subject = learner(smallStudent(), brief(method), by.model, { images: dataset.train.count });
  const first = initialise(subject.model.module, torchRandom(3), Object.values(subject.auxiliaries));
  for (const [tensor, values] of first) await engine.write(tensor, values);
  const [teacherCache] = await result(
    cacheTeacherOutputs({ engine, model: by.model, dataset, batchSize: 8 }, [subject]),
  );
  const epochs = await result(
    train({
      engine,
      learner: subject,
      dataset,
      optimiser: sgd({ learningRate: 0.01 }),
      epochs: count,
      batchSize: 8,
      random: torchRandom(4),
      teacherCache: teacherCache!,
    }),
  );
  return { subject, epochs };
}

describe("taught by an imported network", () => {
  const taught = Object.values<AnyMethod>(methods).filter(({ needsTeacher }) => needsTeacher);

  test.each(taught.map((method) => [method.name, method] as const))("%s", async (_, method) => {
    const before = await Promise.all([...teacher.values.keys()].map((tensor) => engine.read(tensor)));
    const { epochs } = await taughtBy(method, teacher);
    const { loss } = epochs.at(-1)!;
    expect(Number.isFinite(loss)).toBe(true);
    expect(loss).not.toBe(0);
    const after = await Promise.all([...teacher.values.keys()].map((tensor) => engine.read(tensor)));
    expect(after).toEqual(before);
  });

  test.each(
    [methods.fitnet, methods.at, methods.crd, methods.srrl, methods.reviewkd].map(
      (method) => [method.name, method as AnyMethod] as const,
    ),
  )("%s: a ResNet-18's losses fall", async (_, method) => {
    const resnet18 = await networkOf("resnet-18");
    for (const [tensor, values] of resnet18.values) await engine.write(tensor, values);
    const { epochs } = await taughtBy(method, resnet18, 30);
    const [first, last] = [epochs[0]!, epochs.at(-1)!];
    expect(last.loss).toBeLessThan(0.9 * first.loss);
    const own = Object.keys(first.terms).filter((name) => name !== "ce");
    expect(own).not.toEqual([]);
    for (const name of own) expect(last.terms[name], name).toBeLessThan(first.terms[name]!);
  });

  test("feature methods compare its stages", () => {
    const { pairings } = learner(smallStudent(), brief(methods.at), teacher.model);
    expect(pairings.map((pairing) => pairing.teacher.output)).toEqual([
      "/layer1/layer1.0/relu_1/Relu_output_0",
      "/layer2/layer2.0/relu_1/Relu_output_0",
      "/layer3/layer3.0/relu_1/Relu_output_0",
    ]);
    expect(pairings[0]!.teacher.norm).toBe("layer1.0.bn2");
  });

  test("the student of simkd keeps its classifier", async () => {
    const { subject } = await taughtBy(methods.simkd, teacher);
    const kept = await engine.read(namedStates(subject.model.module).get("classifier.weight")!);
    expect(kept).toEqual(
      [...teacher.values].find(([tensor]) => (tensor.attributes as { name: string }).name === "fc.weight")![1],
    );
  });

  test("norms that were folded into convolutions cannot tell margins", async () => {
    const folded = await networkOf("vgg");
    expect(() => learner({ ...smallStudent(), classes: 10 }, brief(methods.ofd), folded.model)).toThrow(LimbeckError);
  });
});

test("an imported network is evaluated as ours", async () => {
  const { count, correct } = await evaluate({ engine, model: teacher.model, dataset, split: dataset.test });
  expect(count).toBe(8);
  expect(correct).toBeLessThanOrEqual(8);
});
