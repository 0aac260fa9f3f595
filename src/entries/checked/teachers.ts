/** @file Teachers and their outputs as they are published. */
import { checked, checkedAsync, checkedSteps } from "./checked.ts";
import { having, joined, listOf, oneOf } from "../../arguments.ts";
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
  "classNames?": listOf(is.aString),
  "features?": listOf(having("a place", { "output preActivation": is.aString })),
  "network?": is.aModel,
};
export const someOutputs: is.Kind = having(
  "a teacher's outputs",
  joined(described, { count: is.aNumber, read: is.aFunction }),
);
export const aTeacher: is.Kind = having(
  "a teacher",
  joined(described, { preprocessing: aPreprocessing, identity: is.aString, outputs: is.aFunction }),
);
export const learners: is.Kind = listOf(
  having("a learner", { model: is.aModel, objective: is.anObject, pairings: listOf(is.anObject) }),
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
  options: {
    engine: is.anEngine,
    outputs: someOutputs,
    "mirrored?": someOutputs,
    "views?": oneOf("image", "flip", "mean"),
    teacher: is.aModel,
    "signal?": is.anObject,
    "batchSize?": is.aNumber,
  },
  learners,
});

export const forClasses = checked("forClasses", teachers.forClasses, {
  outputs: someOutputs,
  classes: listOf(is.aString),
  "teacherLabels?": listOf(is.aString),
});

export const evaluatingOutputs = checkedSteps("evaluatingOutputs", teachers.evaluatingOutputs, {
  options: { outputs: someOutputs, labels: wholeLabels, "signal?": is.anObject },
});

export const networkTeacher = checkedAsync("networkTeacher", teachers.networkTeacher, {
  options: {
    engine: is.anEngine,
    model: is.aModel,
    preprocessing: aPreprocessing,
    "classNames?": listOf(is.aString),
    identity: is.aString,
  },
});

export const outputsNeeded = checked("outputsNeeded", teachers.outputsNeeded, {
  learners,
  teacher: is.aModel,
  outputs: someOutputs,
});

export const computedOutputs = checked("computedOutputs", teachers.computedOutputs, {
  teacher: aTeacher,
  images: having("images", { image: is.aFunction, count: is.aNumber }),
});

export const runtimeTeacher = checkedAsync("runtimeTeacher", teachers.runtimeTeacher, {
  options: {
    runtime: aRuntime,
    bytes: is.bytes,
    "source name identity": is.aString,
    preprocessing: aPreprocessing,
    "classNames? taps?": listOf(is.aString),
    "output? layout?": is.aString,
    "sessionOptions?": is.anObject,
  },
});

export const teacherPlaceholder = checked("teacherPlaceholder", teachers.teacherPlaceholder, {
  outputs: someOutputs,
  student: { inputShape: is.aShape, classes: is.aNumber },
});

export const storedLogits = checked("storedLogits", teachers.storedLogits, {
  bytes: is.bytes,
  options: { source: is.aString, count: is.aNumber, "fingerprint? split?": is.aString },
});

export const teacherView = checked("teacherView", teachers.teacherView, {
  picture: is.aPicture,
  preprocessing: aPreprocessing,
});
