/** @file The table of models. */
import { aNumber, checkArguments, having, optional, shown } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import { deepNN as createDeepNN } from "./deep-nn.ts";
import { lightNN as createLightNN } from "./light-nn.ts";
import { mobileNetV2 } from "./mobilenet-v2.ts";
import type { Model, ModelOptions } from "./model.ts";
import { resnet } from "./resnet.ts";
import { resnet50 } from "./resnet50.ts";
import { shuffleNetV1 } from "./shufflenet-v1.ts";
import { shuffleNetV2 } from "./shufflenet-v2.ts";
import { vgg } from "./vgg.ts";
import { wideResnet } from "./wide-resnet.ts";

export {
  architectureName,
  type Architecture,
  type EnsembleArchitecture,
  type TableArchitecture,
  type TaughtArchitecture,
} from "./architecture.ts";
export { ensemble } from "./ensemble.ts";
export { aModel, type FeaturePlace, type Model, type ModelOptions } from "./model.ts";

/** A row of the table. */
export interface ModelEntry {
  /** One line for people: what it is made of. What it costs is counted (`countParameters`, `countMultiplyAdds`). */
  readonly summary: string;
  readonly create: (options?: ModelOptions) => Model;
}

/** Every model by name. */
export const models = {
  DeepNN: { summary: "the tutorial's teacher: 4 convolutions, 2 linear layers", create: createDeepNN },
  LightNN: { summary: "the tutorial's student: 2 convolutions, 2 linear layers", create: createLightNN },
  resnet8: {
    summary: "residual network of 8 layers",
    create: resnet("resnet8", 8, [16, 16, 32, 64]),
  },
  resnet14: {
    summary: "residual network of 14 layers",
    create: resnet("resnet14", 14, [16, 16, 32, 64]),
  },
  resnet20: {
    summary: "residual network of 20 layers",
    create: resnet("resnet20", 20, [16, 16, 32, 64]),
  },
  resnet32: {
    summary: "residual network of 32 layers",
    create: resnet("resnet32", 32, [16, 16, 32, 64]),
  },
  resnet44: {
    summary: "residual network of 44 layers",
    create: resnet("resnet44", 44, [16, 16, 32, 64]),
  },
  resnet56: {
    summary: "residual network of 56 layers",
    create: resnet("resnet56", 56, [16, 16, 32, 64]),
  },
  resnet110: {
    summary: "residual network of 110 layers",
    create: resnet("resnet110", 110, [16, 16, 32, 64]),
  },
  resnet8x4: {
    summary: "residual network of 8 layers, 4 times as wide",
    create: resnet("resnet8x4", 8, [32, 64, 128, 256]),
  },
  resnet32x4: {
    summary: "residual network of 32 layers, 4 times as wide",
    create: resnet("resnet32x4", 32, [32, 64, 128, 256]),
  },
  ResNet50: { summary: "residual network of 50 layers, of bottlenecks", create: resnet50 },
  wrn_16_1: { summary: "wide residual network of 16 layers", create: wideResnet("wrn_16_1", 16, 1) },
  wrn_16_2: {
    summary: "wide residual network of 16 layers, twice as wide",
    create: wideResnet("wrn_16_2", 16, 2),
  },
  wrn_40_1: { summary: "wide residual network of 40 layers", create: wideResnet("wrn_40_1", 40, 1) },
  wrn_40_2: {
    summary: "wide residual network of 40 layers, twice as wide",
    create: wideResnet("wrn_40_2", 40, 2),
  },
  vgg8: { summary: "stack of 5 convolutions", create: vgg("vgg8", [1, 1, 1, 1, 1]) },
  vgg11: { summary: "stack of 8 convolutions", create: vgg("vgg11", [1, 1, 2, 2, 2]) },
  vgg13: { summary: "stack of 10 convolutions", create: vgg("vgg13", [2, 2, 2, 2, 2]) },
  vgg16: { summary: "stack of 13 convolutions", create: vgg("vgg16", [2, 2, 3, 3, 3]) },
  vgg19: { summary: "stack of 16 convolutions", create: vgg("vgg19", [2, 2, 4, 4, 4]) },
  MobileNetV2: {
    summary: "inverted residuals of depthwise convolutions at half width",
    create: mobileNetV2,
  },
  ShuffleV1: {
    summary: "grouped 1x1 and depthwise convolutions, channels shuffled in between",
    create: shuffleNetV1,
  },
  ShuffleV2: {
    summary: "depthwise convolutions on half of the channels, then shuffled",
    create: shuffleNetV2,
  },
} as const satisfies Record<string, ModelEntry>;

export type ModelName = keyof typeof models;

/**
 * A new network of the table, its parameters not yet drawn.
 *
 * Throws UNKNOWN_NAME, with the nearest known name; ARGUMENT for fewer than two classes, or a dropout outside [0, 1).
 */
export function createModel(name: string, options: ModelOptions = {}): Model {
  if (!isModelName(name)) unknownName("model", name, Object.keys(models));
  checkArguments("createModel", { options: [options, having("an object", { dropout: optional(aNumber) })] });
  const { classes = 10, dropout } = options;
  if (!Number.isInteger(classes) || classes < 2) {
    throw new LimbeckError("ARGUMENT", `${name}: classes should be a whole number from 2, got ${shown(classes)}`);
  }
  return {
    ...models[name].create(options),
    architecture: { kind: "model", name, classes, ...(dropout !== undefined && { dropout }) },
    anew: () => createModel(name, options),
  };
}

/** The tutorial's teacher, DeepNN: `createModel("DeepNN", options)`. */
export function deepNN(options: ModelOptions = {}): Model {
  return createModel("DeepNN", options);
}

/** The tutorial's student, LightNN: `createModel("LightNN", options)`. */
export function lightNN(options: ModelOptions = {}): Model {
  return createModel("LightNN", options);
}

function isModelName(name: string): name is ModelName {
  return typeof name === "string" && Object.hasOwn(models, name);
}
