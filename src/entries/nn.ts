/** @file Published as `limbeck/nn`: networks of your own. Layers with PyTorch's names, meanings and initial values, and weights under its names. */
import {
  aBoolean,
  aFunction,
  aNumber,
  anObject,
  aShape,
  aString,
  byName,
  each,
  floats,
  having,
  listOf,
  optional,
} from "../arguments.ts";
import * as inner from "../nn/index.ts";
import { checked } from "./checked/checked.ts";
import {
  aModule,
  anyShape,
  aPair,
  aRandom,
  aTensor,
  convOptions,
  convTransposeOptions,
  geluOptions,
  poolOptions,
} from "./checked/kinds.ts";

export type { Random, RandomState } from "../random/index.ts";
export type { StoredTensor, StoredTensors } from "../weights/index.ts";
export type {
  Architecture,
  EnsembleArchitecture,
  FeaturePlace,
  ModelEntry,
  ModelOption,
  TableArchitecture,
  DistilledArchitecture,
  ImageShape,
  Network,
  NetworkOptions,
  OwnModelEntry,
} from "../models/index.ts";
export type {
  BatchNormOptions,
  Buffer,
  Callable,
  Callables,
  Conv2dOptions,
  Mask,
  Module,
  Modules,
  Parameter,
  Pass,
  Redraw,
  Scope,
  TrainingImages,
} from "../nn/index.ts";
export { fitWeights, readSafetensors, weightsFileBytes, writeSafetensors } from "./checked/weights.ts";
export { deepNN, lightNN } from "./checked/networks.ts";
// Nothing is checked of them: they have no arguments, or say themselves what a wrong one is.
export { flatten, module, relu, relu6 } from "../nn/index.ts";
export { torchRandom } from "../random/index.ts";

const convolution = { ...each(aNumber, "inputs", "outputs"), kernel: aPair };
const learned = { bias: optional(aBoolean) };
const images = having("images", { count: aNumber, shape: aShape, image: aFunction });

export const adaptiveAvgPool2d = checked("adaptiveAvgPool2d", inner.adaptiveAvgPool2d, { size: aPair });
export const avgPool2d = checked("avgPool2d", inner.avgPool2d, { kernel: aPair, options: poolOptions });
export const maxPool2d = checked("maxPool2d", inner.maxPool2d, { kernel: aPair, options: poolOptions });
export const batchNorm2d = checked("batchNorm2d", inner.batchNorm2d, {
  channels: aNumber,
  options: optional(
    having("an object", {
      ...each(optional(aNumber), "eps", "momentum"),
      ...each(optional(aBoolean), "scale", "bias"),
    }),
  ),
});
export const conv2d = checked("conv2d", inner.conv2d, {
  ...convolution,
  options: optional(having("an object", { ...convOptions, ...learned, dirac: optional(aBoolean) })),
});
export const convTranspose2d = checked("convTranspose2d", inner.convTranspose2d, {
  ...convolution,
  options: optional(having("an object", { ...convTransposeOptions, ...learned })),
});
export const dropout = checked("dropout", inner.dropout, { probability: aNumber });
export const gelu = checked("gelu", inner.gelu, { options: geluOptions });
export const leakyRelu = checked("leakyRelu", inner.leakyRelu, { slope: aNumber });
export const linear = checked("linear", inner.linear, {
  ...each(aNumber, "inputs", "outputs"),
  options: optional(having("an object", learned)),
});
export const sequential = checked("sequential", inner.sequential, { modules: byName("modules", () => aModule) });
export const whiteningConv2d = checked("whiteningConv2d", inner.whiteningConv2d, each(aNumber, "inputs", "kernel"));
export const parameter = checked("parameter", inner.parameter, { name: aString, shape: anyShape, initial: aFunction });
export const buffer = checked("buffer", inner.buffer, {
  name: aString,
  shape: anyShape,
  initial: { expected: "a function or a number", is: (value) => aFunction.is(value) || aNumber.is(value) },
});
export const countParameters = checked("countParameters", inner.countParameters, { module: aModule });
export const frozen = checked("frozen", inner.frozen, { module: aModule });
export const namedBuffers = checked("namedBuffers", inner.namedBuffers, { module: aModule });
export const namedParameters = checked("namedParameters", inner.namedParameters, { module: aModule });
export const namedStates = checked("namedStates", inner.namedStates, { module: aModule });
export const countMultiplyAdds = checked("countMultiplyAdds", inner.countMultiplyAdds, {
  module: aModule,
  inputShape: aShape,
});
export const fitted = checked("fitted", inner.fitted, { network: aModule, images });
export const initialise = checked("initialise", inner.initialise, {
  network: aModule,
  random: aRandom,
  auxiliaries: optional(listOf(having("an object", { module: aModule, builtAfter: optional(aString) }))),
});
export const norm = checked("norm", inner.norm, { values: floats });
export const record = checked("record", inner.record, { module: aModule, x: aTensor, options: anObject });
export const redraw = checked("redraw", inner.redraw, {
  children: byName("modules by name", () => aModule),
  random: aRandom,
  options: having("an object", { convolution: aFunction, linear: optional(aNumber), zeroBias: optional(aBoolean) }),
});
