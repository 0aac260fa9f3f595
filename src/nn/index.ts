/** @file Networks from modules: layers with PyTorch's names, meanings and initial values. */
export { leakyRelu, relu } from "./activation.ts";
export { batchNorm2d, type BatchNormOptions } from "./batch-norm.ts";
export { conv2d, convTranspose2d, type Conv2dOptions } from "./conv.ts";
export { dropout } from "./dropout.ts";
export { norm } from "./euclidean-norm.ts";
export { flatten } from "./flatten.ts";
export { frozen } from "./frozen.ts";
export { initialise, type Auxiliary } from "./initialise.ts";
export { redraw, type Redraw } from "./redraw.ts";
export { linear } from "./linear.ts";
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
} from "./module.ts";
export { countMultiplyAdds } from "./multiply-adds.ts";
export { countParameters, namedBuffers, namedParameters, namedStates } from "./named.ts";
export { Pass, record, type Mask } from "./pass.ts";
export { adaptiveAvgPool2d, avgPool2d, maxPool2d } from "./pool.ts";
export { sequential } from "./sequential.ts";
