/** @file A batch as symbols: what a method's losses are computed from. */
import { comparedStages, type Batch, type Targets, type TeachingStage } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import { namedBuffers, Pass, record, type Mask } from "../nn/index.ts";
import { input, type Tensor } from "../tensor/index.ts";
import { isTrained, type Learner } from "./learner.ts";
import { observe, weightsOf } from "./observe.ts";
import type { KeptTargets } from "./targets.ts";

/** How a step's graph is to be made. */
export interface BatchOptions {
  /** The teacher's targets, if they are kept; else the teacher is part of the graph. */
  readonly kept?: KeptTargets;
  /** How many negatives each image gets, if any. */
  readonly negatives?: number;
  /** The stage before the training proper, if this is one. */
  readonly stage?: TeachingStage;
}

/** A batch, and what the networks want of a step that trains on it. */
export interface RecordedBatch {
  readonly batch: Batch;
  /** Complete once the losses are made. */
  readonly masks: () => readonly Mask[];
  readonly updates: () => Iterable<readonly [state: Tensor, value: Tensor]>;
}

/** Records the student on n images; what is trained runs in training mode. */
export function recordBatch(learner: Learner, n: number, { kept, negatives, stage }: BatchOptions): RecordedBatch {
  const { model, teacher, objective, extras, pairings } = learner;
  const images = input("images", [n, ...model.inputShape]);
  const student = observe(model, images, isTrained(learner, "student", stage));
  const weights = weightsOf(teacher, objective.name);
  const beside = new Pass(true);
  const buffers = new Map<string, Tensor>(
    Object.entries(extras).flatMap(([name, { module }]) =>
      [...namedBuffers(module)].map(([path, { tensor }]) => [`${name}.${path}`, tensor] as const),
    ),
  );
  const extraNamed = (name: string) =>
    extras[name] ?? unknownName(`module beside ${model.name}`, name, Object.keys(extras));
  const targets = kept
    ? keptInputs(kept, n)
    : teacher
      ? objective.targets(observe(teacher, images, false), weights, student, pairings)
      : {};
  const batch: Batch = {
    images,
    student,
    compared: comparedStages(student, pairings, targets),
    targets,
    labels: input("labels", [n], "int32"),
    teacher: weights,
    indices: input("indices", [n], "int32"),
    get negatives() {
      return (negativesInput ??= input("negatives", [n, negatives ?? noNegatives(objective.name)], "int32"));
    },
    extra: (name, x) =>
      isTrained(learner, name, stage)
        ? beside.run(name, extraNamed(name).module, x)
        : record(extraNamed(name).module, x, { training: false }).output,
    buffer: (path) => buffers.get(path) ?? unknownName(`buffer beside ${model.name}`, path, [...buffers.keys()]),
    update(buffer, value) {
      if (![...buffers.values()].includes(buffer)) throw notABuffer(objective.name);
      beside.updates.set(buffer, value);
    },
  };
  let negativesInput: Tensor | undefined;
  return {
    batch,
    masks: () => [...student.pass.masks, ...beside.masks],
    updates: () => [...student.pass.updates, ...beside.updates],
  };
}

function keptInputs(kept: KeptTargets, n: number): Targets {
  return Object.fromEntries(
    Object.entries(kept).map(([name, { shape }]) => [name, input(`target ${name}`, [n, ...shape])]),
  );
}

function noNegatives(method: string): never {
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method} uses negatives without asking for them; return their count from needs()`,
  );
}

function notABuffer(method: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `method ${method} should update a buffer of its extra modules, as buffer() gives it, got another tensor`,
  );
}
