/** @file Published as `limbeck/nn`: networks of your own. Layers with PyTorch's names, meanings and initial values, and weights under its names. */
import { checked } from "./checked/checked.ts";
import { byName, having, joined, listOf, object } from "../arguments.ts";
import * as is from "./checked/kinds.ts";
import * as inner from "../nn/index.ts";

export { fitWeights, readSafetensors, weightsFileBytes, writeSafetensors } from "./checked/weights.ts";
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
export { deepNN, lightNN } from "./checked/networks.ts";
// Nothing is checked of them: they have no arguments, or say themselves what a wrong one is.
export { flatten, module, relu, relu6 } from "../nn/index.ts";
export { torchRandom } from "../random/index.ts";

const convolution = { "inputs outputs": is.aNumber, kernel: is.aPair };
const learned = { "bias?": is.aBoolean };
const images = having("images", { count: is.aNumber, shape: is.aShape, image: is.aFunction });

export const adaptiveAvgPool2d = checked("adaptiveAvgPool2d", inner.adaptiveAvgPool2d, { size: is.aPair });
export const avgPool2d = checked("avgPool2d", inner.avgPool2d, { kernel: is.aPair, options: is.poolOptions });
export const maxPool2d = checked("maxPool2d", inner.maxPool2d, { kernel: is.aPair, options: is.poolOptions });
export const batchNorm2d = checked("batchNorm2d", inner.batchNorm2d, {
  channels: is.aNumber,
  "options?": { "eps? momentum?": is.aNumber, "scale? bias?": is.aBoolean },
});
export const conv2d = checked(
  "conv2d",
  inner.conv2d,
  joined(convolution, { "options?": joined(is.convOptions, learned, { "dirac?": is.aBoolean }) }),
);
export const convTranspose2d = checked(
  "convTranspose2d",
  inner.convTranspose2d,
  joined(convolution, { "options?": joined(is.convTransposeOptions, learned) }),
);
export const dropout = checked("dropout", inner.dropout, { probability: is.aNumber });
export const gelu = checked("gelu", inner.gelu, { options: is.geluOptions });
export const leakyRelu = checked("leakyRelu", inner.leakyRelu, { slope: is.aNumber });
export const linear = checked("linear", inner.linear, { "inputs outputs": is.aNumber, "options?": learned });
export const sequential = checked("sequential", inner.sequential, { modules: byName("modules", () => is.aModule) });
export const whiteningConv2d = checked("whiteningConv2d", inner.whiteningConv2d, { "inputs kernel": is.aNumber });
export const parameter = checked("parameter", inner.parameter, {
  name: is.aString,
  shape: is.anyShape,
  initial: is.aFunction,
});
export const buffer = checked("buffer", inner.buffer, {
  name: is.aString,
  shape: is.anyShape,
  initial: {
    expected: "a function or a number",
    is: (value: unknown) => is.aFunction.is(value) || is.aNumber.is(value),
  },
});
export const countParameters = checked("countParameters", inner.countParameters, { module: is.aModule });
export const frozen = checked("frozen", inner.frozen, { module: is.aModule });
export const namedBuffers = checked("namedBuffers", inner.namedBuffers, { module: is.aModule });
export const namedParameters = checked("namedParameters", inner.namedParameters, { module: is.aModule });
export const namedStates = checked("namedStates", inner.namedStates, { module: is.aModule });
export const countMultiplyAdds = checked("countMultiplyAdds", inner.countMultiplyAdds, {
  module: is.aModule,
  inputShape: is.aShape,
});
export const fitted = checked("fitted", inner.fitted, { network: is.aModule, images });
export const initialise = checked("initialise", inner.initialise, {
  network: is.aModule,
  random: is.aRandom,
  "auxiliaries?": listOf(object({ module: is.aModule, "builtAfter?": is.aString })),
});
export const norm = checked("norm", inner.norm, { values: is.floats });
export const record = checked("record", inner.record, { module: is.aModule, x: is.aTensor, options: is.anObject });
export const redraw = checked("redraw", inner.redraw, {
  children: byName("modules by name", () => is.aModule),
  random: is.aRandom,
  options: { convolution: is.aFunction, "linear?": is.aNumber, "zeroBias?": is.aBoolean },
});
