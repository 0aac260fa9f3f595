/** @file A batch as symbols: what a method's losses are computed from. */
import {
  comparedStages,
  crossEntropy,
  smoothedCrossEntropy,
  type Batch,
  type PretrainingPhase,
  type StrongView,
  type Targets,
} from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import { namedBuffers, Pass, record } from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { weightInputs } from "./balance.ts";
import { isTrained } from "./states.ts";
import type { Feature } from "./feature.ts";
import type { KeptImages } from "./kept-images.ts";
import type { Learner } from "../distill/learner.ts";
import { negativesInput, type NegativeSampler } from "./negatives.ts";
import { observe, weightsOf, type ObservedPass } from "../distill/observe.ts";
import {
  cachedInput,
  epochInput,
  imagesInput,
  indicesInput,
  labelsInput,
  maskInput,
  strongImagesInput,
  type StepInput,
  type TeacherCache,
} from "./step-input.ts";

/** How a step's graph is to be made. */
export interface BatchOptions {
  /** The images that the engine keeps; else each step is given its batch. */
  readonly kept?: KeptImages | undefined;
  /** The teacher's outputs, if they are cached; else the teacher is part of the graph. */
  readonly teacherCache?: TeacherCache | undefined;
  /** Where each image's negatives come from, if it gets any. */
  readonly negatives?: NegativeSampler | undefined;
  /** The phase before the training proper, if this is one. */
  readonly pretraining?: PretrainingPhase | undefined;
  /** What the training does besides: one of them may record the student in a way of its own. */
  readonly features?: readonly Feature[] | undefined;
  /** Epochs of the phase that are done when the step is first made. */
  readonly epochsDone?: number | undefined;
  /** How much each class counts in the cross entropy with the labels, where they differ in that. */
  readonly classWeights?: Float32Array | undefined;
  /** What share of each label is spread over all classes. */
  readonly labelSmoothing?: number | undefined;
}

/** A batch, and what the networks want of a step that trains on it. */
export interface RecordedBatch {
  readonly batch: Batch;
  /** What it has to be given, in the order in which values are drawn. Complete once the losses are made, as are the following. */
  readonly inputs: () => readonly StepInput[];
  /** Symbols that say which of the training images these are. */
  readonly identifying: () => readonly Tensor[];
  readonly updates: () => Iterable<readonly [state: Tensor, value: Tensor]>;
  /** Whether any loss is the cross entropy with the labels. */
  readonly usesLabelsLoss: () => boolean;
}

/** Records the student on n images; what is trained runs in training mode. */
export function recordBatch(
  learner: Learner,
  n: number,
  {
    kept,
    teacherCache,
    negatives,
    pretraining,
    features = [],
    epochsDone = 0,
    labelSmoothing = 0,
    classWeights,
  }: BatchOptions,
): RecordedBatch {
  const { model, teacher, objective, pairings } = learner;
  const [labels, indices] = [labelsInput(n), indicesInput(n)];
  const { images, inputs: shown } = kept?.batch(indices.symbol) ?? givenImages(n, model.inputShape);
  const cached = Object.entries(teacherCache ?? {}).map(
    ([name, output]) => [name, cachedInput(n, name, output.shape)] as const,
  );
  let drawn: StepInput | undefined;
  let strong: RecordedStrongView | undefined;
  const byEpoch: StepInput[] = [];
  let usesLabelsLoss = false;
  const weighted = classWeights && weightInputs(classWeights);
  const see = (x: Tensor, after?: Pass): ObservedPass => {
    for (const feature of features) {
      const recorded = feature.record?.(x, epochsDone, after);
      if (recorded) return recorded;
    }
    return observe(model, x, isTrained(learner, "student", pretraining), after);
  };
  const student = see(images);
  const weights = weightsOf(teacher, objective.name);
  const { pass: auxiliaryPass, ...auxiliaries } = recordAuxiliaries(learner, pretraining);
  const targetsOf = (x: Tensor) =>
    teacher ? objective.targets(observe(teacher, x, false), weights, student, pairings) : {};
  const targets = teacherCache
    ? Object.fromEntries(cached.map(([name, { symbol }]) => [name, symbol]))
    : targetsOf(images);
  const batch: Batch = {
    images,
    student,
    compared: comparedStages(student, pairings, targets),
    targets,
    labels: labels.symbol,
    teacher: weights,
    indices: indices.symbol,
    get negatives() {
      drawn ??= negativesInput(n, negatives ?? noNegatives(objective.name));
      return drawn.symbol;
    },
    get strong() {
      strong ??= recordStrong(learner, n, (x) => see(x, student.pass), targetsOf);
      return strong.view;
    },
    labelsLoss(logits) {
      usesLabelsLoss = true;
      return labelSmoothing === 0
        ? crossEntropy(logits, labels.symbol, weighted?.weights)
        : smoothedCrossEntropy(logits, labels.symbol, labelSmoothing, weighted?.weights);
    },
    classWeights: weighted?.weights,
    ...auxiliaries,
    byEpoch(name, at) {
      const made = epochInput(name, at);
      byEpoch.push(made);
      return made.symbol;
    },
  };
  return {
    batch,
    inputs: () => [
      ...[...student.pass.masks, ...auxiliaryPass.masks].map(maskInput),
      ...shown,
      labels,
      indices,
      ...(weighted?.inputs ?? []),
      ...(drawn ? [drawn] : []),
      ...(strong ? [strong.input] : []),
      ...byEpoch,
      ...cached.map(([, each]) => each),
    ],
    identifying: () => [indices, drawn, strong?.input].flatMap((each) => each?.symbol ?? []),
    updates: () => [...student.pass.updates, ...auxiliaryPass.updates],
    usesLabelsLoss: () => usesLabelsLoss,
  };
}

interface RecordedStrongView {
  readonly input: StepInput;
  readonly view: StrongView;
}

/** NOTE: another view each time, so that the teacher sees it in the step, whether its outputs for the images are cached or not. */
function recordStrong(
  { model, teacher, objective }: Learner,
  n: number,
  see: (x: Tensor) => ObservedPass,
  targetsOf: (x: Tensor) => Targets,
): RecordedStrongView {
  if (!objective.needs.strongView) throw noStrongView(objective.name);
  if (teacher?.external) throw noTeacherForView(objective.name, teacher.name);
  const input = strongImagesInput(n, model.inputShape);
  const images = input.symbol;
  return { input, view: { images, student: see(images), targets: targetsOf(images) } };
}

function givenImages(n: number, shape: readonly number[]): ReturnType<KeptImages["batch"]> {
  const given = imagesInput(n, shape);
  return { images: given.symbol, inputs: [given] };
}

/** What a method can do with auxiliary modules, and what those that are trained want of the step: their masks and updates. */
function recordAuxiliaries(
  learner: Learner,
  pretraining: PretrainingPhase | undefined,
): Pick<Batch, "auxiliary" | "buffer" | "update"> & { readonly pass: Pass } {
  const { model, objective, auxiliaries } = learner;
  const pass = new Pass(true);
  const buffers = new Map<string, Tensor>(
    Object.entries(auxiliaries).flatMap(([name, { module }]) =>
      [...namedBuffers(module)].map(([path, { tensor }]) => [`${name}.${path}`, tensor] as const),
    ),
  );
  return {
    pass,
    auxiliary(name, x) {
      const { module } =
        auxiliaries[name] ?? unknownName(`auxiliary module of ${model.name}`, name, Object.keys(auxiliaries));
      return isTrained(learner, name, pretraining)
        ? pass.run(name, module, x)
        : record(module, x, { training: false }).output;
    },
    buffer: (path) => buffers.get(path) ?? unknownName(`auxiliary buffer of ${model.name}`, path, [...buffers.keys()]),
    update(buffer, value) {
      if (![...buffers.values()].includes(buffer)) throw notABuffer(objective.name);
      pass.updates.set(buffer, value);
    },
  };
}

function noNegatives(method: string): never {
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method} uses negatives without asking for them; return their count from needs()`,
  );
}

function noStrongView(method: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `method ${method} uses a strong view without asking for it; return strongView from needs()`,
  );
}

function noTeacherForView(method: string, teacher: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `method ${method} shows the teacher another view of each image in every step, but the outputs of ${teacher} are computed beforehand; ` +
      "choose another method, or a teacher of the student's image size that runs in each step",
  );
}

function notABuffer(method: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `method ${method} should update a buffer of its auxiliary modules, as buffer() gives it, got another tensor`,
  );
}
