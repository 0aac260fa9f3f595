/** @file What arguments of published functions have to be: `import * as is`, so that a kind reads `is.optional(is.aNumber)`. */
import {
  aFunction,
  aMap,
  aNumber,
  anObject,
  bytes,
  aString,
  having,
  joined,
  object,
  oneOf,
  optional,
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
  "stride? padding? dilation?": aPair,
  "groups?": aNumber,
};
export const convTransposeOptions: Kinds = joined(convOptions, { "outputPadding?": aPair });
export const poolOptions: Kind = optional(object({ "stride? padding?": aPair }));
export const geluOptions: Kind = optional(object({ "approximate?": oneOf("none", "tanh") }));

export const aRandom: Kind = having("a random stream", {
  "uniform normal int64 permutation bernoulli multinomial": aFunction,
});
/** Anything that has a length, of numbers. */
export const indices: Kind = having("indices", { length: aNumber });
export const aRange: Kind = having("a range", { from: aNumber, to: aNumber });
/** Classes of images; the function that takes them says which there are. */
export const labels: Kind = {
  expected: "a list of classes",
  is: (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value),
};
export const aPicture: Kind = having("a picture", { "channels height width": aNumber, pixels: bytes });
export const aNetwork: Kind = having("a network", { model: aModel, values: aMap });

/** What every pass over images is given. */
export const inference: Kinds = {
  engine: anEngine,
  model: aModel,
  dataset: aDataset,
  "batchSize?": aNumber,
  "signal?": anObject,
};
export const evaluateOptions: Kind = object(
  joined(inference, {
    split: aSplit,
    "random?": aRandom,
    "tta?": aString,
  }),
);

/** What a network of the table is made with. */
export const modelOptions: Kinds = {
  "dropout?": aNumber,
  "options?": anObject,
};
/** What `adam` gives, say. */
export const anOptimiser: Kind = having("an optimiser", { "attach withConstantRate": aFunction });
