/** @file Networks from modules: layers with PyTorch's names, meanings and initial values. */
export {
  adaptiveAvgPool2d,
  avgPool2d,
  dropout,
  flatten,
  gelu,
  leakyRelu,
  maxPool2d,
  relu,
  relu6,
  sequential,
} from "./layers.ts";
export { batchNorm2d, type BatchNormOptions } from "./batch-norm.ts";
export { whiteningConv2d } from "./whitening.ts";
export { conv2d, convTranspose2d, linear, type Conv2dOptions } from "./conv.ts";
export { fitted, initialise, norm, redraw, type Redraw } from "./initialise.ts";
export { frozen, Pass, record, type Mask } from "./pass.ts";
export {
  aModule,
  buffer,
  module,
  parameter,
  type Buffer,
  type Callable,
  type Callables,
  type Module,
  type Modules,
  type Parameter,
  type Scope,
  type TrainingImages,
} from "./module.ts";
export { countMultiplyAdds, countParameters, namedBuffers, namedParameters, namedStates } from "./named.ts";
