/** @file What every method of the table has to keep to: one suite, into which a method falls by being in the table. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { methods, objective, optionsSchema, type AnyMethod, type PretrainingPhase } from "../../src/distill/index.ts";
import type { Engine, Inputs, Outputs } from "../../src/engine/contract.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { LimbeckError } from "../../src/errors.ts";
import { createModel } from "../../src/models/index.ts";
import { initialise, namedStates } from "../../src/nn/index.ts";
import { adam, sgd } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { add, analyse, gradients, mul, type Graph, type Tensor } from "../../src/tensor/index.ts";
import type { EpochEvent } from "../../src/train/events.ts";
import { recordBatch } from "../../src/train/batch.ts";
import { everyState, trainedParameters } from "../../src/train/states.ts";
import { learner, type Learner } from "../../src/distill/learner.ts";
import { negativeSampler } from "../../src/train/negatives.ts";
import { result } from "../../src/train/events.ts";
import { cacheTeacherOutputs } from "../../src/train/teacher-cache.ts";
import { trainingStep } from "../../src/train/step.ts";
import { train } from "../../src/train/train.ts";
import { averagedModel, fewImages, plainModel, smallStudent, smallTeacher, writeValues } from "./small.ts";

const table: readonly AnyMethod[] = Object.values(methods);
const dataset = fewImages();
const images = dataset.train.count;
const BATCH = 8;
const NEGATIVES = 5;
const negatives = negativeSampler(dataset.train, NEGATIVES);

const optionNames = (method: AnyMethod): string[] =>
  Object.keys(z.toJSONSchema(optionsSchema(method), { io: "input" }).properties ?? {});

/** The method with its pre-training and ramps so many epochs long. */
function brief(method: AnyMethod, more: object = {}, epochs = 1) {
  const short = Object.fromEntries(
    optionNames(method).flatMap((name) => (/epochs$/i.test(name) ? [[name, epochs]] : [])),
  );
  return objective(method, { ...short, ...more });
}

function smallLearner(method: AnyMethod, more: object = {}, epochs = 1): Learner {
  const teacher = method.needsTeacher ? smallTeacher() : undefined;
  return learner(smallStudent(), brief(method, more, epochs), teacher, { images });
}

// One of each for all: a learner's values live under its own tensors.
const reference = referenceEngine();
let wasm: Engine;
beforeAll(async () => void (wasm = await wasmEngine({ threads: 1 })));
afterAll(() => wasm.close());

/** The losses and the weighted total's gradients, as outputs of one graph. */
function lossGraph(subject: Learner, phase?: PretrainingPhase) {
  const { batch } = recordBatch(subject, BATCH, { negatives, ...(phase && { pretraining: phase }) });
  const { losses, weights } = phase ?? subject.objective;
  const terms = losses(batch);
  const valueOf = (name: string): number => {
    const weight = weights[name]!;
    return typeof weight === "number" ? weight : weight.value;
  };
  const total = Object.entries(terms)
    .map(([name, term]) => mul(term, valueOf(name)))
    .reduce((a, b) => add(a, b));
  const parameters = trainedParameters(subject, phase);
  const byParameter = gradients(
    total,
    [...parameters.values()].map(({ tensor }) => tensor),
  );
  const named = [...parameters.keys()].map((name, i) => [`gradient ${name}`, byParameter[i]!] as const);
  const outputs: Record<string, Tensor> = { ...terms, total, ...Object.fromEntries(named) };
  return { outputs, updates: [] };
}

const random = torchRandom(11);
const noise = random.normal(BATCH * 3072, 0, 1);
const kinds: Readonly<Record<string, Float32Array>> = {
  noise,
  "huge noise": noise.map((x) => 1e4 * x),
  zeros: new Float32Array(noise.length),
  "one colour": new Float32Array(noise.length).fill(3),
};
const others: Inputs = {
  labels: Int32Array.from({ length: BATCH }, (_, i) => i % 4),
  indices: Int32Array.from({ length: BATCH }, (_, i) => 2 * i),
  negatives: Int32Array.from({ length: BATCH * NEGATIVES }, (_, i) => (3 * i + 1) % images),
};

function inputsFor(graph: Graph, batch: Float32Array): Inputs {
  const needed = analyse(graph).inputs;
  // What goes by the epoch is as in the middle of a training.
  const byEpoch = [...needed.keys()].filter((name) => name.startsWith("by epoch "));
  const scalars = Object.fromEntries(byEpoch.map((name) => [name, Float32Array.of(0.5)]));
  // The strong view of an image is the image mirrored in its bytes.
  const given: Inputs = { images: batch, "strong images": batch.toReversed(), ...others, ...scalars };
  return Object.fromEntries(Object.entries(given).filter(([name]) => needed.has(name)));
}

/** NOTE: a bias before a norm has no gradient but for rounding, so gradients are measured by the largest of all. */
function expectAlike(found: Outputs, wanted: Outputs): void {
  const isGradient = (name: string): boolean => name.startsWith("gradient ");
  const scale = Math.max(
    ...Object.keys(wanted)
      .filter(isGradient)
      .map((name) => largest(wanted[name]!)),
  );
  for (const [name, values] of Object.entries(wanted)) {
    const [bound, size] = isGradient(name) ? [5e-3, scale] : [1e-4, Math.max(1e-3, largest(values))];
    expect(largest(values.map((x, i) => x - found[name]![i]!)) / size, name).toBeLessThan(bound);
  }
}

const largest = (values: Float32Array): number => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Losses that ask for the label's class, whatever the teacher says. */
const fromLabels: ReadonlySet<string> = new Set(["ce", "strongCe", "target", "confidence"]);

/** Losses whose least value is no zero: cross entropies with what the teacher expects. */
const entropies: ReadonlySet<string> = new Set(["nkd others", "wsld soft"]);

/** Methods that weigh their losses by the labels, and fall only together with the cross entropy. */
const withLabels: ReadonlySet<string> = new Set(["wsld"]);

/** Methods that cut the maps whose means the classifier sees. */
const ofAverages: ReadonlySet<string> = new Set(["sdd", "catkd"]);

/** Options under which the best student is the teacher itself, where the defaults want a softer one. */
const unsoftened: Readonly<Record<string, object>> = { ttm: { power: 1 }, wttm: { power: 1 } };

describe.each(table.map((method) => ({ name: method.name, method })))("$name", ({ method }) => {
  const phases = (subject: Learner) => [...subject.objective.pretraining, undefined];

  test("losses and gradients are finite, whatever the images, and the same on both engines", async () => {
    const subject = smallLearner(method);
    for (const engine of [reference, wasm]) await writeValues(engine, subject);
    for (const phase of phases(subject)) {
      const graph = lossGraph(subject, phase);
      const programs = [await reference.compile(graph), await wasm.compile(graph)] as const;
      for (const [kind, batch] of Object.entries(kinds)) {
        const outputs = await programs[1].run(inputsFor(graph, batch));
        for (const [name, values] of Object.entries(outputs)) {
          expect(values.every(Number.isFinite), `${name} on ${kind}, ${phase?.name ?? "training"}`).toBe(true);
        }
        if (kind === "noise") expectAlike(outputs, await programs[0].run(inputsFor(graph, batch)));
      }
      for (const program of programs) program.close();
    }
  });

  test("alone, its loss falls; its auxiliary modules move and are not shipped; the teacher stays", async () => {
    const isAlone = method.needsTeacher && optionNames(method).includes("ceWeight") && !withLabels.has(method.name);
    const alone = isAlone ? { ceWeight: 0 } : {};
    const subject = smallLearner(method, alone, 3);
    const engine = wasm;
    await writeValues(engine, subject);
    const read = async (tensors: ReadonlyMap<string, Tensor>) =>
      Object.fromEntries(
        await Promise.all([...tensors].map(async ([name, x]) => [name, await engine.read(x)] as const)),
      );
    const teacher = subject.teacher ? namedStates(subject.teacher.module) : new Map<string, Tensor>();
    const { parameters } = everyState(subject);
    const auxiliary = new Map(
      [...parameters].flatMap(([name, { tensor }]) =>
        Object.keys(subject.auxiliaries).some((auxiliary) => name.startsWith(`${auxiliary}.`))
          ? [[name, tensor] as const]
          : [],
      ),
    );
    const before = { teacher: await read(teacher), auxiliary: await read(auxiliary) };
    const work = train({
      engine,
      learner: subject,
      dataset,
      optimiser: adam({ learningRate: 3e-3 }),
      epochs: 8,
      batchSize: images,
      random: torchRandom(7),
    });
    const epochs = await result(work);
    // A ramp makes the weighted loss grow at first, so each term counts by its own; a method may teach in its pre-training alone.
    for (const phase of phases(subject)) {
      const own = epochs.filter((epoch) => epoch.phase === phase?.name);
      const weights = Object.entries((phase ?? subject.objective).weights).filter(([, weight]) => weight !== 0);
      const sum = ({ terms }: EpochEvent): number =>
        weights.reduce((total, [name, w]) => total + (typeof w === "number" ? w : w.value) * terms[name]!, 0);
      if (weights.length > 0) expect(sum(own.at(-1)!), phase?.name ?? "training").toBeLessThan(sum(own[0]!));
    }
    const after = { teacher: await read(teacher), auxiliary: await read(auxiliary) };
    expect(after.teacher).toEqual(before.teacher);
    for (const name of auxiliary.keys())
      expect(after.auxiliary[name], `${name} should move`).not.toEqual(before.auxiliary[name]);
    const shipped = new Set(namedStates(subject.model.module).values());
    for (const tensor of auxiliary.values()) expect(shipped.has(tensor)).toBe(false);
  });

  // Auxiliary modules see to it that there is something to learn.
  const needsNothing =
    method.needsTeacher &&
    !method.student &&
    !method.pretraining &&
    Object.keys(learner(smallStudent(), brief(method), smallStudent(), { images }).auxiliaries).length === 0;
  if (needsNothing) {
    test("a student that is the teacher has nothing to learn", async () => {
      const plain = ofAverages.has(method.name) ? averagedModel : plainModel;
      const [teacher, student] = [plain(), plain()];
      const subject = learner(student, brief(method, unsoftened[method.name]), teacher, { images });
      const { batch } = recordBatch(subject, BATCH, { negatives });
      const parameters = [...trainedParameters(subject).values()].map(({ tensor }) => tensor);
      const terms = Object.entries(subject.objective.losses(batch)).filter(([name]) => !fromLabels.has(name));
      const slopes = terms.flatMap(([name, term]) =>
        gradients(term, parameters).map((gradient, i) => [`${name}, gradient ${i}`, gradient] as const),
      );
      const graph = { outputs: Object.fromEntries([...terms, ...slopes]), updates: [] };
      const program = await reference.compile(graph);
      const sizes = async (seed: number) => {
        for (const [model, own] of [
          [teacher, 1],
          [student, seed],
        ] as const) {
          for (const [tensor, first] of initialise(model.module, torchRandom(own)))
            await reference.write(tensor, first);
        }
        const given = inputsFor(graph, noise);
        // Whether a student sees two views alike is its own matter, so that here both are the same.
        const outputs = await program.run({ ...given, ...("strong images" in given && { "strong images": noise }) });
        return Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, largest(values)]));
      };
      const [same, other] = [await sizes(1), await sizes(2)];
      for (const [name, size] of Object.entries(same)) {
        if (!entropies.has(`${method.name} ${name}`)) expect(size, name).toBeLessThanOrEqual(1e-3 * other[name]!);
      }
    });
  }

  test("the teacher's parameters and averages are no part of what a step changes", () => {
    const subject = smallLearner(method);
    const frozen = new Set(subject.teacher ? namedStates(subject.teacher.module).values() : []);
    for (const phase of phases(subject)) {
      const optimiser = sgd({ learningRate: 0.1 }).attach(trainedParameters(subject, phase));
      const { graph } = trainingStep(subject, BATCH, optimiser, { negatives, ...(phase && { pretraining: phase }) });
      for (const { state } of graph.updates) expect(frozen.has(state)).toBe(false);
    }
  });

  test.runIf(method.needsTeacher)("cached outputs give the bits of asking the teacher", async () => {
    const ends: unknown[] = [];
    for (const isCached of [false, true]) {
      const subject = smallLearner(method);
      const engine = wasm;
      await writeValues(engine, subject);
      const teacher = { engine, model: subject.teacher!, dataset, batchSize: 6 };
      const [teacherCache] = isCached ? await result(cacheTeacherOutputs(teacher, [subject])) : [];
      const optimiser = sgd({ learningRate: 0.01 });
      const given = {
        engine,
        learner: subject,
        dataset,
        optimiser,
        epochs: 1,
        batchSize: BATCH,
        random: torchRandom(7),
      };
      const epochs = await result(train({ ...given, ...(teacherCache && { teacherCache }) }));
      const { parameters } = everyState(subject);
      const values = await Promise.all([...parameters.values()].map(({ tensor }) => engine.read(tensor)));
      ends.push({ values, terms: epochs.map(({ terms }) => terms) });
    }
    expect(ends[1]).toEqual(ends[0]);
  });

  test("it takes the networks that people pair, or says what does not fit and what to do", () => {
    const pair = (student: string, teacher: string) => {
      const subject = learner(createModel(student), brief(method), createModel(teacher), { images });
      for (const phase of phases(subject)) {
        (phase ?? subject.objective).losses(
          recordBatch(subject, 2, { negatives, ...(phase && { pretraining: phase }) }).batch,
        );
      }
    };
    for (const [student, teacher] of [
      ["resnet8", "resnet20"],
      ["resnet8x4", "resnet32x4"],
      ["wrn_16_2", "wrn_40_2"],
    ] as const) {
      expect(() => pair(student, teacher), `${student} by ${teacher}`).not.toThrow();
    }
    for (const [student, teacher] of [
      ["LightNN", "DeepNN"],
      ["MobileNetV2", "vgg13"],
      ["ShuffleV1", "resnet32x4"],
      ["LightNN", "wrn_40_2"],
    ] as const) {
      try {
        pair(student, teacher);
      } catch (error) {
        expect(error).toBeInstanceOf(LimbeckError);
        expect(["SHAPE", "ARGUMENT"]).toContain((error as LimbeckError).code);
        expect((error as LimbeckError).message).toMatch(new RegExp(`^${method.name}\\b.*; (choose|take) `, "s"));
      }
    }
  });

  test("it says what it cannot do without, and lists wrong options", () => {
    if (method.needsTeacher) {
      expect(() => learner(smallStudent(), brief(method), undefined, { images })).toThrow(/needs a teacher/);
    }
    const { features: _, ...plain } = smallStudent();
    try {
      learner(plain, brief(method), smallTeacher(), { images });
    } catch (error) {
      expect((error as LimbeckError).message).toMatch(/declares no stages|unknown module/);
    }
    expect(() => objective(method, { nonsense: 1 })).toThrow(
      expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(/nonsense/) }),
    );
  });

  test("it tells what it is, and each option with its default", () => {
    const { title, summary, paper } = method;
    expect([title, summary].every((text) => /^[A-Z].*\w/.test(text))).toBe(true);
    expect(summary).toMatch(/\.$/);
    if (method.name !== "ce") expect(paper).toMatch(/^.+: .+, (19|20)\d\d\. https:\/\/\S+$/);
    for (const [name, schema] of Object.entries(
      z.toJSONSchema(optionsSchema(method), { io: "input" }).properties ?? {},
    )) {
      expect(schema, name).toMatchObject({ description: expect.stringMatching(/./), default: expect.anything() });
    }
  });
});
