/** @file Teachers and their outputs as they are published. */
import { checked, checkedAsync, checkedSteps } from "./checked.ts";
import * as is from "./kinds.ts";
import type { OnnxRuntime } from "../../onnx/index.ts";
import * as teachers from "../../teachers/index.ts";
import { aPreprocessing } from "../../teachers/preprocessing.ts";

const shapes: is.Kind = {
  expected: "a Map of shapes by name",
  is: (value) =>
    is.aMap.is(value) &&
    [...(value as Map<unknown, unknown>)].every(
      ([name, shape]) =>
        typeof name === "string" &&
        Array.isArray(shape) &&
        shape.every((size) => Number.isSafeInteger(size) && size > 0),
    ),
};
const described = {
  name: is.aString,
  shapes,
  classNames: is.optional(is.listOf(is.aString)),
  features: is.optional(is.listOf(is.having("a place", is.each(is.aString, "output", "preActivation")))),
  network: is.optional(is.aModel),
};
export const someOutputs: is.Kind = is.having("a teacher's outputs", {
  ...described,
  count: is.aNumber,
  read: is.aFunction,
});
export const aTeacher: is.Kind = is.having("a teacher", {
  ...described,
  preprocessing: aPreprocessing,
  identity: is.aString,
  outputs: is.aFunction,
});
export const learners: is.Kind = is.listOf(
  is.having("a learner", { model: is.aModel, objective: is.anObject, pairings: is.listOf(is.anObject) }),
);

const aRuntime: is.Kind = {
  expected: "ONNX Runtime",
  is: (value) => {
    const { InferenceSession, Tensor } = (value ?? {}) as Partial<OnnxRuntime>;
    return typeof Tensor === "function" && typeof InferenceSession?.create === "function";
  },
};

const wholeLabels: is.Kind = {
  ...is.labels,
  is: (value) =>
    is.labels.is(value) &&
    Array.from(value as ArrayLike<unknown>).every((label) => Number.isSafeInteger(label) && (label as number) >= 0),
};

export const cacheTargets = checkedSteps("cacheTargets", teachers.cacheTargets, {
  options: is.object({
    engine: is.anEngine,
    outputs: someOutputs,
    mirrored: is.optional(someOutputs),
    sees: is.optional(is.oneOf("image", "flip", "mean")),
    teacher: is.aModel,
    signal: is.optional(is.anObject),
    batchSize: is.optional(is.aNumber),
  }),
  learners,
});

export const forClasses = checked("forClasses", teachers.forClasses, {
  outputs: someOutputs,
  ...is.each(is.listOf(is.aString), "classes"),
  teacherLabels: is.optional(is.listOf(is.aString)),
});

export const evaluatingOutputs = checkedSteps("evaluatingOutputs", teachers.evaluatingOutputs, {
  options: is.object({ outputs: someOutputs, labels: wholeLabels, signal: is.optional(is.anObject) }),
});

export const networkTeacher = checkedAsync("networkTeacher", teachers.networkTeacher, {
  options: is.object({
    engine: is.anEngine,
    model: is.aModel,
    preprocessing: aPreprocessing,
    classNames: is.optional(is.listOf(is.aString)),
    identity: is.aString,
  }),
});

export const outputsNeeded = checked("outputsNeeded", teachers.outputsNeeded, {
  learners,
  teacher: is.aModel,
  outputs: someOutputs,
});

export const computedOutputs = checked("computedOutputs", teachers.computedOutputs, {
  teacher: aTeacher,
  images: is.having("images", { image: is.aFunction, count: is.aNumber }),
});

export const runtimeTeacher = checkedAsync("runtimeTeacher", teachers.runtimeTeacher, {
  options: is.object({
    runtime: aRuntime,
    bytes: is.bytes,
    ...is.each(is.aString, "source", "name", "identity"),
    preprocessing: aPreprocessing,
    ...is.each(is.optional(is.listOf(is.aString)), "classNames", "taps"),
    ...is.each(is.optional(is.aString), "output", "layout"),
    sessionOptions: is.optional(is.anObject),
  }),
});

export const teacherPlaceholder = checked("teacherPlaceholder", teachers.teacherPlaceholder, {
  outputs: someOutputs,
  student: is.object({ inputShape: is.aShape, classes: is.aNumber }),
});

export const storedLogits = checked("storedLogits", teachers.storedLogits, {
  bytes: is.bytes,
  options: is.object({
    source: is.aString,
    count: is.aNumber,
    ...is.each(is.optional(is.aString), "fingerprint", "split"),
  }),
});

export const teacherView = checked("teacherView", teachers.teacherView, {
  picture: is.having("a picture", { ...is.each(is.aNumber, "channels", "height", "width"), pixels: is.bytes }),
  preprocessing: aPreprocessing,
});
