/** @file Networks from modules: layers with PyTorch's names, meanings and initial values. */
export { relu } from "./activation.ts";
export { conv2d, type Conv2dOptions } from "./conv.ts";
export { dropout } from "./dropout.ts";
export { norm } from "./euclidean-norm.ts";
export { flatten } from "./flatten.ts";
export { initialise, type Beside } from "./initialise.ts";
export { linear } from "./linear.ts";
export {
  countParameters,
  namedParameters,
  parameter,
  Pass,
  record,
  type Mask,
  type Module,
  type Parameter,
} from "./module.ts";
export { avgPool2d, maxPool2d } from "./pool.ts";
export { sequential } from "./sequential.ts";
