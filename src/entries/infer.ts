/**
 * @file Published as `limbeck/infer`: what it takes to use a trained network, in Node and in browsers. No training, no methods and
 * no schema library come with it. It is enough by itself, so what it shares with `limbeck` is here too.
 */
import { checked, checkedAsync } from "./checked/checked.ts";
import * as is from "./checked/kinds.ts";
import * as decoding from "../images/decode-web.ts";
import * as preparing from "../images/preparation.ts";

export { loadModel } from "./checked/files.ts";
export { createModel } from "./checked/networks.ts";
export {
  predict,
  type ClassifyOptions,
  type Encoded,
  type LoadedModel,
  type LoadModelOptions,
  type ModelDescription,
  type Normalisation,
  type PictureInput,
  type PixelLayout,
  type Pixels,
  type Planes,
  type PredictedClass,
  type Prediction,
  type PredictOptions,
  type ReadOptions,
} from "../model-file/index.ts";
export type { Tta } from "../data/test-views.ts";
export { wasmEngine, type WasmEngine, type WasmEngineOptions } from "../engine/wasm/index.ts";
export { webGpuEngine, type WebGpuEngineOptions } from "../engine/webgpu/index.ts";
export type { Model, ModelName, ModelOptions } from "../models/index.ts";
export type { WebDecodeOptions } from "../images/decode-web.ts";
export type { Drawable } from "../images/drawn.ts";
export type { Picture } from "../images/picture.ts";
export type { Preparation } from "../images/preparation.ts";
export type { Engine } from "../engine/contract.ts";
export { LimbeckError, type ErrorCode } from "../errors.ts";
// oxlint-disable-next-line import/no-unassigned-import -- types that the declarations name where neither the DOM nor Node has them
import "../platform-types.ts";

export const decodePictureWeb = checkedAsync("decodePictureWeb", decoding.decodePictureWeb, {
  name: is.aString,
  bytes: is.bytes,
  "options?": is.anObject,
});
export const preparedPicture = checked("preparedPicture", preparing.preparedPicture, {
  picture: is.aPicture,
  inputShape: is.aShape,
  "preparation?": { "resize?": is.aNumber },
});
