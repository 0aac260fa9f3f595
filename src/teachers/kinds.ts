/** @file What teachers and their outputs have to be, for `checkArguments`. */
import { aFunction, aMap, anObject, aNumber, aString, having, listOf, optional, type Kind } from "../arguments.ts";
import { aModel } from "../models/model.ts";
import { aPreprocessing } from "./preprocessing.ts";

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

const places: Kind = listOf(having("a place", { output: aString, preActivation: aString }));

export const someOutputs: Kind = having("a teacher's outputs", {
  name: aString,
  count: aNumber,
  shapes,
  read: aFunction,
  classNames: optional(listOf(aString)),
  features: optional(places),
  network: optional(aModel),
});

export const aTeacher: Kind = having("a teacher", {
  name: aString,
  shapes,
  preprocessing: aPreprocessing,
  identity: aString,
  outputs: aFunction,
  classNames: optional(listOf(aString)),
  features: optional(places),
  network: optional(aModel),
});

/** Images by their places. */
export const someImages: Kind = having("images", { image: aFunction, count: aNumber });

export const learners: Kind = listOf(
  having("a learner", { model: aModel, objective: anObject, pairings: listOf(anObject) }),
);
