/** @file The table of models. */
import { shown } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import { mobileNetV2 } from "./mobilenet-v2.ts";
import { airbench } from "./airbench.ts";
import type { Model, ModelEntry, ModelOptions, NetworkOptions, OwnModelEntry } from "./model.ts";
import { resolveOptions } from "./option.ts";
import { resnet } from "./resnet.ts";
import { resnet50 } from "./resnet50.ts";
import { shuffleNetV1 } from "./shufflenet-v1.ts";
import { shuffleNetV2 } from "./shufflenet-v2.ts";
import { mobileNetV2 as torchvisionMobileNetV2 } from "./torchvision/mobilenet-v2.ts";
import { basic, bottlenecks, resnet as torchvisionResnet } from "./torchvision/resnet.ts";
import { deepNN as tutorialTeacher, lightNN as tutorialStudent } from "./tutorial.ts";
import { vgg } from "./vgg.ts";
import { wideResnet } from "./wide-resnet.ts";

export { ensemble } from "./ensemble.ts";
export type { ModelOption } from "./option.ts";
export {
  aModel,
  architectureName,
  modelOptionsOf,
  nameWithOptions,
  optionsText,
  type Architecture,
  type DistilledArchitecture,
  type EnsembleArchitecture,
  type FeaturePlace,
  type ImageShape,
  type Model,
  type ModelEntry,
  type ModelOptions,
  type Network,
  type NetworkOptions,
  type OwnModelEntry,
  type TableArchitecture,
} from "./model.ts";

/** The images that torchvision's networks were made for. */
const large = { inputShape: [3, 224, 224] } as const satisfies NetworkOptions;

/** Every model by name. */
export const models = {
  DeepNN: {
    summary: "the tutorial's teacher: 4 convolutions, 2 linear layers",
    ...tutorialTeacher,
    leastSide: 4,
  },
  LightNN: {
    summary: "the tutorial's student: 2 convolutions, 2 linear layers",
    ...tutorialStudent,
    leastSide: 4,
  },
  resnet8: {
    summary: "residual network of 8 layers",
    ...resnet(8, [16, 16, 32, 64]),
  },
  resnet14: {
    summary: "residual network of 14 layers",
    ...resnet(14, [16, 16, 32, 64]),
  },
  resnet20: {
    summary: "residual network of 20 layers",
    ...resnet(20, [16, 16, 32, 64]),
  },
  resnet32: {
    summary: "residual network of 32 layers",
    ...resnet(32, [16, 16, 32, 64]),
  },
  resnet44: {
    summary: "residual network of 44 layers",
    ...resnet(44, [16, 16, 32, 64]),
  },
  resnet56: {
    summary: "residual network of 56 layers",
    ...resnet(56, [16, 16, 32, 64]),
  },
  resnet110: {
    summary: "residual network of 110 layers",
    ...resnet(110, [16, 16, 32, 64]),
  },
  resnet8x4: {
    summary: "residual network of 8 layers, 4 times as wide",
    ...resnet(8, [32, 64, 128, 256]),
  },
  resnet32x4: {
    summary: "residual network of 32 layers, 4 times as wide",
    ...resnet(32, [32, 64, 128, 256]),
  },
  ResNet50: {
    summary: "residual network of 50 layers, of bottlenecks, for small images (for large ones: resnet50)",
    create: resnet50,
  },
  wrn_16_1: { summary: "wide residual network of 16 layers", ...wideResnet(16, 1) },
  wrn_16_2: {
    summary: "wide residual network of 16 layers, twice as wide",
    ...wideResnet(16, 2),
  },
  wrn_40_1: { summary: "wide residual network of 40 layers", ...wideResnet(40, 1) },
  wrn_40_2: {
    summary: "wide residual network of 40 layers, twice as wide",
    ...wideResnet(40, 2),
  },
  vgg8: { summary: "stack of 5 convolutions", ...vgg([1, 1, 1, 1, 1]), leastSide: 8 },
  vgg11: { summary: "stack of 8 convolutions", ...vgg([1, 1, 2, 2, 2]), leastSide: 8 },
  vgg13: { summary: "stack of 10 convolutions", ...vgg([2, 2, 2, 2, 2]), leastSide: 8 },
  vgg16: { summary: "stack of 13 convolutions", ...vgg([2, 2, 3, 3, 3]), leastSide: 8 },
  vgg19: { summary: "stack of 16 convolutions", ...vgg([2, 2, 4, 4, 4]), leastSide: 8 },
  MobileNetV2: {
    summary:
      "inverted residuals of depthwise convolutions at half width, for small images (for large ones: mobilenet_v2)",
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
  airbench94: {
    summary: "whitened patches, three stages of two convolutions: 94 % of CIFAR-10 by few steps",
    ...airbench([64, 256, 256]),
    leastSide: 9,
  },
  airbench93: {
    summary: "the same, half as wide in its later stages",
    ...airbench([64, 128, 128]),
    leastSide: 9,
  },
  airbench_small: {
    summary: "the same, a quarter as wide",
    ...airbench([32, 64, 64]),
    leastSide: 9,
  },
  resnet18: {
    summary: "torchvision's residual network of 18 layers, for large images: 224x224 by default",
    create: torchvisionResnet(basic, [2, 2, 2, 2]),
    defaults: large,
  },
  resnet34: {
    summary: "torchvision's residual network of 34 layers, for large images",
    create: torchvisionResnet(basic, [3, 4, 6, 3]),
    defaults: large,
  },
  resnet50: {
    summary: "torchvision's residual network of 50 layers, of bottlenecks, for large images (for small ones: ResNet50)",
    create: torchvisionResnet(bottlenecks, [3, 4, 6, 3]),
    defaults: large,
  },
  mobilenet_v2: {
    summary: "torchvision's inverted residuals at full width, for large images (for small ones: MobileNetV2)",
    create: torchvisionMobileNetV2,
    defaults: { ...large, dropout: 0.2 },
  },
} as const satisfies Record<string, ModelEntry>;

export type ModelName = keyof typeof models;

/** What classes, channels and sides of images are limited to. */
const most = 65_535;

/**
 * A new network of the table by its name, or of your own row; its parameters are not yet drawn.
 *
 * Throws UNKNOWN_NAME, with the nearest known name; ARGUMENT for a number of classes or an image shape out of range, images
 * smaller than the network can halve, a dropout outside [0, 1), or an option that the network does not have, with the nearest, or of a
 * wrong value.
 */
export function createModel(model: string | OwnModelEntry, options: ModelOptions = {}): Model {
  const entry: OwnModelEntry = typeof model === "object" ? model : inTable(model);
  const { name, create, leastSide = 1, defaults = {}, from } = entry;
  const { classes = 10, inputShape = defaults.inputShape ?? [3, 32, 32], dropout = defaults.dropout ?? 0.1 } = options;
  const refuse = (what: string, expected: string, got: string): never => {
    throw new LimbeckError("ARGUMENT", `${name}: ${what} should be ${expected}, got ${got}`);
  };
  if (!Array.isArray(inputShape) || inputShape.length !== 3 || !inputShape.every((size) => isWhole(size, 1))) {
    const got = Array.isArray(inputShape) ? `[${inputShape.slice(0, 5).map(shown).join(", ")}]` : shown(inputShape);
    refuse("inputShape", `[channels, height, width], whole numbers from 1 to ${most}`, got);
  }
  if (!isWhole(classes, 2)) refuse("classes", `a whole number from 2 to ${most}`, shown(classes));
  if (!(dropout >= 0 && dropout < 1)) refuse("dropout", "a probability of at least 0 and less than 1", String(dropout));
  const [, height, width] = inputShape;
  if (Math.min(height, width) < leastSide) {
    refuse("images", `at least ${leastSide}x${leastSide}, because its pools halve them`, `${height}x${width}`);
  }
  const own = resolveOptions(name, entry.options ?? {}, options.options ?? {});
  return {
    name,
    ...create({ classes, inputShape, dropout }, own),
    inputShape,
    classes,
    ...((from || typeof model === "string") && {
      architecture: {
        kind: "model",
        name,
        classes,
        inputShape,
        dropout: options.dropout,
        options: options.options && Object.keys(options.options).length > 0 ? options.options : undefined,
        from,
      },
    }),
    recreate: (others) => createModel(model, { ...options, ...others }),
  };
}

/** Throws as `createModel` for options that the network does not have, or of wrong values; UNKNOWN_NAME. */
export function checkModelOptions(model: string | OwnModelEntry, given: ModelOptions["options"]): void {
  const { name, options = {} } = typeof model === "object" ? model : inTable(model);
  resolveOptions(name, options, given ?? {});
}

function inTable(name: string): OwnModelEntry {
  if (!isModelName(name)) unknownName("model", name, Object.keys(models));
  return { name, ...models[name] };
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
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
