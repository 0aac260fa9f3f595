/** @file What teachers and their outputs have to be. */
import {
  aFunction,
  aMap,
  aNumber,
  anObject,
  aString,
  each,
  having,
  listOf,
  optional,
  type Kind,
} from "../../arguments.ts";
import { aPreprocessing } from "../../teachers/preprocessing.ts";
import { aModel } from "./kinds.ts";

export { aPreprocessing };

const shapes: Kind = {
  expected: "a Map of shapes by name",
  is: (value) =>
    aMap.is(value) &&
    [...(value as Map<unknown, unknown>)].every(
      ([name, shape]) =>
        typeof name === "string" &&
        Array.isArray(shape) &&
        shape.every((size) => Number.isSafeInteger(size) && size > 0),
    ),
};
const described = {
  name: aString,
  shapes,
  classNames: optional(listOf(aString)),
  features: optional(listOf(having("a place", each(aString, "output", "preActivation")))),
  network: optional(aModel),
};
export const someOutputs: Kind = having("a teacher's outputs", { ...described, count: aNumber, read: aFunction });
export const aTeacher: Kind = having("a teacher", {
  ...described,
  preprocessing: aPreprocessing,
  identity: aString,
  outputs: aFunction,
});
export const learners: Kind = listOf(
  having("a learner", { model: aModel, objective: anObject, pairings: listOf(anObject) }),
);
