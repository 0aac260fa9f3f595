/** @file Random networks, methods and places to compare: pairs that hold together, losses that are made of them, or an error with a code. */
import { failureOf } from "../../src/cli/failure.ts";
import { Stream } from "../../src/data/stream.ts";
import { methods, objectiveNamed, type PairedPaths, type Pairing } from "../../src/distill/index.ts";
import { createModel, type ImageShape, type Model, type ModelOptions } from "../../src/models/index.ts";
import { record } from "../../src/nn/index.ts";
import { recordBatch } from "../../src/train/batch.ts";
import { learner, type Learner } from "../../src/train/index.ts";
import { negativeSampler } from "../../src/train/negatives.ts";
import { probe } from "../../src/distill/observe.ts";
import type { Attack } from "./attack.ts";
import { pick } from "./mutate.ts";

const networks = ["LightNN", "DeepNN", "resnet8", "resnet8x4", "wrn_16_1", "vgg8", "MobileNetV2", "ShuffleV1"];
/** Of images whose sides the strides divide, or do not. */
const shapes: readonly ImageShape[] = [
  [3, 32, 32],
  [1, 40, 48],
  [3, 64, 64],
  [1, 9, 13],
  [4, 8, 8],
];
const comparing = Object.values(methods).filter((method) => "pairs" in method);

export const pairs: Attack = async ({ count, seed, onProgress }) => {
  const faults: string[] = [];
  for (let i = 0; i < count; i++) {
    const random = new Stream(seed, i, 0);
    const options = { inputShape: pick(random, shapes), classes: pick(random, [2, 10, 300]) };
    const [student, teacher] = [networkOf(random, options), networkOf(random, options)];
    const names = [pick(random, comparing).name, ...(random.below(4) === 0 ? [pick(random, comparing).name] : [])];
    const given = random.below(3) === 0 ? [] : pathsFor(random, student, teacher);
    const said = `${names.join("+")} of ${student.name} by ${teacher.name} on ${JSON.stringify(options)} with ${JSON.stringify(given)}`;
    const problem = outcome(names, student, teacher, given);
    if (problem !== undefined) faults.push(`seed ${seed}, try ${i}, ${said}: ${problem}`);
    if (i % 100 === 0) onProgress?.(i);
  }
  return { tried: count, faults };
};

/** Of twenty images of two classes. */
const negatives = negativeSampler({ labels: Uint8Array.from({ length: 20 }, (_, i) => i % 2), count: 20 }, 3);

function outcome(names: string[], student: Model, teacher: Model, given: PairedPaths[]): string | undefined {
  try {
    const options = given.length > 0 && names.some((name) => name !== "simkd") ? { pairs: given } : {};
    const taught = learner(student, objectiveNamed(names.join("+"), options), teacher, { images: 20 });
    const wrong = names.map((name) => wrongPairs(taught, name, given)).find((problem) => problem !== undefined);
    if (wrong !== undefined) return wrong;
    for (const pretraining of [...taught.objective.pretraining, undefined]) {
      const { batch } = recordBatch(taught, 2, { negatives, ...(pretraining && { pretraining }) });
      for (const [term, { shape }] of Object.entries((pretraining ?? taught.objective).losses(batch)))
        if (shape.length > 0) return `loss ${term} is no number`;
    }
    return undefined;
  } catch (error) {
    const { code, message } = failureOf(error);
    if (code === "UNEXPECTED") return `UNEXPECTED ${message}`;
    return message.length > 20 ? undefined : `${code} without a message`;
  }
}

/** What a method compares: what was given, in that order, or stages that rise in both networks, each once. */
function wrongPairs({ pairings }: Learner, name: string, given: readonly PairedPaths[]): string | undefined {
  const own = pairings.filter(({ method }) => method === name);
  if (own.length === 0) return `${name} compares nothing`;
  if (given.length > 0 && name !== "simkd") {
    const isGiven = own.every(({ teacher }, i) => teacher.output === given[i]?.teacher) && own.length === given.length;
    return isGiven ? undefined : `${name} compares other places than those given`;
  }
  const areas = (side: "student" | "teacher"): number[] =>
    own.map((pairing: Pairing) => pairing[side].shape.slice(1).reduce((area, length) => area * length, 1));
  for (const side of ["student", "teacher"] as const) {
    if (new Set(own.map((pairing) => pairing[side].output)).size < own.length) return `${name} compares a place twice`;
    if (areas(side).some((area, i) => area > areas(side)[Math.max(0, i - 1)]!))
      return `${name} goes back to larger maps`;
  }
  return undefined;
}

/** Up to three pairs of modules that are there, or nearly. */
function pathsFor(random: Stream, student: Model, teacher: Model): PairedPaths[] {
  return Array.from({ length: 1 + random.below(3) }, () => ({
    teacher: pathIn(random, teacher),
    student: pathIn(random, student),
  }));
}

function pathIn(random: Stream, model: Model): string {
  const modules = [...record(model.module, probe(model), { training: false }).outputs.keys()];
  const stages = (model.features ?? []).map(({ output }) => output);
  const path = pick(random, random.below(2) === 0 ? stages : modules);
  if (random.below(10) > 0) return path;
  return pick(random, ["", "=", "__proto__", "features.", `${path}x`, path.slice(1), "0".repeat(300)]);
}

function networkOf(random: Stream, options: ModelOptions): Model {
  return createModel(pick(random, networks), options);
}
