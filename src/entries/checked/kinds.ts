/** @file What arguments of published functions have to be: `import * as is`, so that a kind reads `is.optional(is.aNumber)`. */
import {
  aFunction,
  aMap,
  aNumber,
  anObject,
  aString,
  each,
  having,
  object,
  oneOf,
  optional,
  options,
  type Kind,
  type Kinds,
} from "../../arguments.ts";
import { aDataset, aSplit, someLabels } from "../../data/dataset.ts";
import { anEngine } from "../../engine/contract.ts";
import { aModel } from "../../models/model.ts";
import { aModule } from "../../nn/module.ts";
import { aTensor } from "../../tensor/index.ts";

export * from "../../arguments.ts";
export { aDataset, aModel, aModule, anEngine, aSplit, aTensor, someLabels };

/** A shape, of which the tensor that has it says what is wrong. */
export const anyShape: Kind = { expected: "a shape", is: () => true };

export const aPair: Kind = {
  expected: "a number, or two of height and width",
  is: (value) => aNumber.is(value) || (Array.isArray(value) && value.length === 2 && value.every(aNumber.is)),
};
export const convOptions: Kinds = {
  ...each(optional(aPair), "stride", "padding", "dilation"),
  groups: optional(aNumber),
};
export const convTransposeOptions: Kinds = { ...convOptions, outputPadding: optional(aPair) };
export const poolOptions: Kind = options(each(optional(aPair), "stride", "padding"));
export const geluOptions: Kind = options({ approximate: optional(oneOf("none", "tanh")) });

export const aRandom: Kind = having(
  "a random stream",
  each(aFunction, "uniform", "normal", "int64", "permutation", "bernoulli", "multinomial"),
);
/** Anything that has a length, of numbers. */
export const indices: Kind = having("indices", { length: aNumber });
export const aRange: Kind = having("a range", { from: aNumber, to: aNumber });
/** Classes of images; the function that takes them says which there are. */
export const labels: Kind = {
  expected: "a list of classes",
  is: (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value),
};
export const aNetwork: Kind = having("a network", { model: aModel, values: aMap });

/** What every pass over images is given. */
export const inference: Kinds = {
  engine: anEngine,
  model: aModel,
  dataset: aDataset,
  batchSize: optional(aNumber),
  signal: optional(anObject),
};
export const evaluateOptions: Kind = object({
  ...inference,
  split: aSplit,
  random: optional(aRandom),
  tta: optional(aString),
});

/** What a network of the table is made with. */
export const modelOptions: Kinds = {
  options: options({ dropout: optional(aNumber), options: optional(anObject) }),
};
/** What `adam` gives, say. */
export const anOptimiser: Kind = having("an optimiser", each(aFunction, "attach", "withConstantRate"));
