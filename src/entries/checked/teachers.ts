/** @file Teachers and their outputs as they are published. */
import {
  aFunction,
  aNumber,
  anObject,
  aShape,
  aString,
  bytes,
  having,
  listOf,
  oneOf,
  optional,
  type Kind,
  each,
} from "../../arguments.ts";
import type { OnnxRuntime } from "../../onnx/index.ts";
import * as teachers from "../../teachers/index.ts";
import { checked, checkedAsync, checkedSteps } from "./checked.ts";
import { aModel, anEngine, labels } from "./kinds.ts";
import { aPreprocessing, aTeacher, learners, someOutputs } from "./teacher-kinds.ts";

const aRuntime: Kind = {
  expected: "ONNX Runtime",
  is: (value) => {
    const { InferenceSession, Tensor } = (value ?? {}) as Partial<OnnxRuntime>;
    return typeof Tensor === "function" && typeof InferenceSession?.create === "function";
  },
};

const wholeLabels: Kind = {
  ...labels,
  is: (value) =>
    labels.is(value) &&
    Array.from(value as ArrayLike<unknown>).every((label) => Number.isSafeInteger(label) && (label as number) >= 0),
};

export const cacheTargets = checkedSteps("cacheTargets", teachers.cacheTargets, {
  options: having("an object", {
    engine: anEngine,
    outputs: someOutputs,
    mirrored: optional(someOutputs),
    sees: optional(oneOf("image", "flip", "mean")),
    teacher: aModel,
    signal: optional(anObject),
    batchSize: optional(aNumber),
  }),
  learners,
});

export const forClasses = checked("forClasses", teachers.forClasses, {
  outputs: someOutputs,
  ...each(listOf(aString), "classes"),
  teacherLabels: optional(listOf(aString)),
});

export const evaluatingOutputs = checkedSteps("evaluatingOutputs", teachers.evaluatingOutputs, {
  options: having("an object", { outputs: someOutputs, labels: wholeLabels, signal: optional(anObject) }),
});

export const networkTeacher = checkedAsync("networkTeacher", teachers.networkTeacher, {
  options: having("an object", {
    engine: anEngine,
    model: aModel,
    preprocessing: aPreprocessing,
    classNames: optional(listOf(aString)),
    identity: aString,
  }),
});

export const outputsNeeded = checked("outputsNeeded", teachers.outputsNeeded, {
  learners,
  teacher: aModel,
  outputs: someOutputs,
});

export const computedOutputs = checked("computedOutputs", teachers.computedOutputs, {
  teacher: aTeacher,
  images: having("images", { image: aFunction, count: aNumber }),
});

export const runtimeTeacher = checkedAsync("runtimeTeacher", teachers.runtimeTeacher, {
  options: having("an object", {
    runtime: aRuntime,
    bytes,
    ...each(aString, "source", "name", "identity"),
    preprocessing: aPreprocessing,
    ...each(optional(listOf(aString)), "classNames", "taps"),
    ...each(optional(aString), "output", "layout"),
    sessionOptions: optional(anObject),
  }),
});

export const teacherPlaceholder = checked("teacherPlaceholder", teachers.teacherPlaceholder, {
  outputs: someOutputs,
  student: having("an object", { inputShape: aShape, classes: aNumber }),
});

export const storedLogits = checked("storedLogits", teachers.storedLogits, {
  bytes,
  options: having("an object", { source: aString, count: aNumber, ...each(optional(aString), "fingerprint", "split") }),
});

export const teacherView = checked("teacherView", teachers.teacherView, {
  picture: having("a picture", { ...each(aNumber, "channels", "height", "width"), pixels: bytes }),
  preprocessing: aPreprocessing,
});
