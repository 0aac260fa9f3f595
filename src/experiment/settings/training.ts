/** @file How a network is trained. What is optional here, and not off by default, is the recipe's. */
import * as z from "zod/mini";
import { augmentOptions } from "../../data/augment-options.ts";
import {
  largestOption,
  largestRate,
  optimisers,
  schedules,
  type Freeze,
  type OptimiserName,
  type ParameterGroup,
  type ScheduleName,
} from "../../optim/index.ts";
import { balances, leastEpochs, mostEpochs } from "../../train/index.ts";
import { recipes, type RecipeName } from "../recipes.ts";
import type { Settings } from "./setting.ts";
import {
  appendTo,
  aShare,
  factorFor,
  fromZero,
  intoOptions,
  listed,
  namedValue,
  numberFor,
  optionWords,
  orNone,
  positive,
  probability,
  whole,
  wholeNumbers,
  wholeOrShare,
  writeValue,
} from "./values.ts";

const group = "Training";
const names = <Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] => Object.keys(table) as Name[];
const options = z._default(z.record(z.string(), z.unknown()), {});
const pattern = z.string().check(z.minLength(1));

/** A flag that sets one option by its own name: `--momentum 0.9`. */
const oneOption = (name: string) => (before: unknown, value: unknown) => intoOptions(before, { [name]: value });

/** Lists that `none` empties, whatever the recipe has. */
const ofGroups = (key: string) => (before: unknown, part: unknown) =>
  part === "none" ? [] : appendTo(before, renamed(part as ReturnType<typeof numberFor>, key));

function renamed({ parameters, value }: ReturnType<typeof numberFor>, key: string): Record<string, unknown> {
  return { parameters, [key]: value };
}

export const trainingSettings = {
  recipe: {
    schema: z._default(z.enum(names<RecipeName>(recipes)), "tutorial"),
    group,
    help: "preset of the settings below, and of the network where none is named; see limbeck list recipes",
    flags: [{ usage: "--recipe <name>" }],
    names: { kind: "recipe", table: recipes },
  },
  epochs: {
    schema: z.optional(z.number().check(z.gte(leastEpochs), z.lte(mostEpochs))),
    group,
    help: "passes over the training images; 9.9 ends within the tenth",
    byDefault: "the recipe's; 4 for shapes, else 10",
    flags: [{ usage: "--epochs <n>", parse: positive }],
    isResumable: true,
  },
  batchSize: {
    schema: z.optional(z.int().check(z.positive())),
    group: "Data and engine",
    help: "images a step",
    byDefault: "the recipe's; 128",
    flags: [{ usage: "--batch-size <n>", parse: whole(1) }],
  },
  dropLast: {
    schema: z.optional(z.boolean()),
    group,
    help: "leave out the images that fill no whole batch, others in each epoch",
    flags: [
      { usage: "--drop-last" },
      { usage: "--no-drop-last", value: false, help: "take them, whatever the recipe" },
    ],
  },
  accumulate: {
    schema: z._default(z.int().check(z.positive()), 1),
    group,
    help: "compute each batch in n parts, one after the other, and update once: a large batch in the memory of a part",
    flags: [{ usage: "--accumulate <n>", parse: whole(1) }],
  },
  seed: {
    schema: z._default(z.int().check(z.nonnegative()), 42),
    group,
    help: "seed of initial weights, order of images, dropout, augmentation and validation images",
    flags: [{ usage: "--seed <s>", parse: whole(0) }],
  },
  dropout: {
    schema: z._default(z.number().check(z.nonnegative(), z.lt(1)), 0.1),
    group,
    help: "probability that dropout zeroes an element",
    flags: [{ usage: "--dropout <p>", parse: probability }],
  },
  optimiser: {
    schema: z.optional(z.enum(names<OptimiserName>(optimisers))),
    group,
    help: "adam, adamw, sgd or muon; see limbeck list optimisers",
    byDefault: "adam",
    flags: [{ usage: "--optimiser <name>" }],
    names: { kind: "optimiser", table: optimisers },
  },
  learningRate: {
    schema: z.optional(z.number().check(z.positive(), z.lte(largestRate))),
    group,
    help: "the largest learning rate",
    byDefault: "0.001",
    flags: [{ usage: "--learning-rate <x>", parse: positive }],
  },
  optimiserOptions: {
    schema: options,
    group,
    help: "any other option of the optimiser, repeatable",
    flags: [
      {
        usage: "--momentum <x>",
        help: "sgd's momentum (default: 0), or muon's (default: 0.95)",
        parse: probability,
        join: oneOption("momentum"),
      },
      {
        usage: "--weight-decay <x>",
        help: "weight decay (default: 0; adamw: 0.01)",
        parse: fromZero,
        join: oneOption("weightDecay"),
      },
      { usage: "--nesterov", help: "Nesterov momentum, for sgd", join: oneOption("nesterov") },
      { usage: "--optimiser-option <name=value>", parse: namedValue, join: intoOptions },
    ],
    words: optionWords("--optimiser-option"),
    belongsTo: ["optimiser"],
  },
  parameterGroups: {
    schema: z.optional(
      z.array(
        z
          .strictObject({
            /** Name of parameters; * stands for any characters. */
            parameters: pattern,
            /** Times the learning rate. */
            learningRateFactor: z.optional(z.number().check(z.nonnegative(), z.lte(largestOption))),
            /** In place of the optimiser's. */
            weightDecay: z.optional(z.number().check(z.nonnegative(), z.lte(largestOption))),
          })
          .check(
            z.refine(
              ({ learningRateFactor, weightDecay }) => learningRateFactor !== undefined || weightDecay !== undefined,
              { message: "should have a learningRateFactor, a weightDecay or both" },
            ),
          ),
      ),
    ),
    group,
    help: "parameters, by their names, with a learning rate or a weight decay of their own; the last that fits counts",
    byDefault: "the recipe's",
    flags: [
      {
        usage: "--learning-rate-for <pattern=factor>",
        help: "multiply the learning rate of parameters that fit: '*.bias=64x', repeatable; use `none` to clear the recipe's groups",
        parse: orNone(factorFor),
        join: ofGroups("learningRateFactor"),
      },
      {
        usage: "--weight-decay-for <pattern=x>",
        help: "weight decay of parameters that fit: '*norm*=0', repeatable; use `none` to clear the recipe's groups",
        parse: orNone(numberFor),
        join: ofGroups("weightDecay"),
      },
    ],
    words: (groups: readonly ParameterGroup[]) =>
      groups.length === 0
        ? ["--learning-rate-for", "none"]
        : groups.flatMap(({ parameters, learningRateFactor, weightDecay }) => [
            ...(learningRateFactor === undefined
              ? []
              : ["--learning-rate-for", `${parameters}=${learningRateFactor}x`]),
            ...(weightDecay === undefined ? [] : ["--weight-decay-for", `${parameters}=${weightDecay}`]),
          ]),
  },
  decayOn: {
    schema: z.optional(z.enum(["all", "weights"])),
    group,
    help: "what weight decay is for: all parameters, or weights alone, neither biases nor norms",
    byDefault: "all",
    flags: [{ usage: "--decay-on <what>", choices: ["all", "weights"] }],
  },
  freeze: {
    schema: z.optional(
      z.array(
        z.strictObject({
          /** Name of parameters; * stands for any characters. */
          parameters: pattern,
          /** Epochs in which they are trained. */
          afterEpochs: z.int().check(z.nonnegative(), z.lte(mostEpochs)),
        }),
      ),
    ),
    group,
    help: "train parameters in the first epochs alone: 'conv1.*=3', repeatable; use `none` to clear the recipe's",
    byDefault: "the recipe's",
    flags: [{ usage: "--freeze <pattern=epochs>", parse: orNone(numberFor), join: ofGroups("afterEpochs") }],
    words: (freeze: readonly Freeze[]) =>
      freeze.length === 0
        ? ["--freeze", "none"]
        : freeze.flatMap(({ parameters, afterEpochs }) => ["--freeze", `${parameters}=${afterEpochs}`]),
  },
  schedule: {
    schema: z.optional(z.enum(names<ScheduleName>(schedules))),
    group,
    help: "how the learning rate changes: constant, step, cosine, linear, piecewise or one-cycle; see limbeck list schedules",
    byDefault: "constant",
    flags: [{ usage: "--schedule <name>" }],
    names: { kind: "schedule", table: schedules },
  },
  scheduleOptions: {
    schema: options,
    group,
    help: "any other option of the schedule, repeatable",
    flags: [
      {
        usage: "--milestones <epochs>",
        help: "epochs after which schedule step lowers the learning rate: 150,180,210",
        parse: wholeNumbers,
        join: oneOption("milestones"),
      },
      { usage: "--schedule-option <name=value>", parse: namedValue, join: intoOptions },
    ],
    words: optionWords("--schedule-option"),
    belongsTo: ["schedule"],
  },
  warmUp: {
    schema: z._default(z.number().check(z.nonnegative()), 0),
    group,
    help: "epochs of linear warm-up of the learning rate, before the schedule begins",
    flags: [{ usage: "--warm-up <epochs>", parse: fromZero }],
  },
  labelSmoothing: {
    schema: z.optional(z.number().check(z.gte(0), z.lt(1))),
    group,
    help: "share of each label that is spread over all classes",
    byDefault: "0",
    flags: [{ usage: "--label-smoothing <share>", parse: probability }],
  },
  balance: {
    schema: z._default(z.enum(balances), "none"),
    group,
    help: "of unequal classes, weigh each in the labels' loss by its inverse frequency (weights), or draw images so that each class is seen as often as any other (sampler)",
    flags: [{ usage: "--balance <how>", choices: balances }],
  },
  clip: {
    schema: z.optional(z.number().check(z.positive(), z.lte(largestRate))),
    group,
    help: "largest norm of the whole gradient; a longer one is scaled down to it",
    flags: [{ usage: "--clip <norm>", parse: positive }],
  },
  lookahead: {
    schema: z.optional(z.int().check(z.nonnegative(), z.lte(1e9))),
    group,
    help: "every n steps, set the weights back to slow ones that follow them; 0: never, whatever the recipe",
    flags: [{ usage: "--lookahead <steps>", parse: whole(0) }],
  },
  ema: {
    schema: z.optional(z.number().check(z.gt(0), z.lt(1))),
    group,
    help: "test and save an exponential moving average of the weights with this decay, such as 0.999",
    flags: [{ usage: "--ema <decay>", parse: probability }],
  },
  quantize: {
    schema: z.optional(z.enum(["int8"])),
    group,
    help: "train the last epochs as whole numbers of 8 bits will compute, so that exporting int8 loses less",
    flags: [{ usage: "--quantize <precision>", choices: ["int8"] }],
  },
  quantizeEpochs: {
    schema: z.optional(z.int().check(z.positive(), z.lte(mostEpochs))),
    group,
    help: "how many of the last epochs that is for",
    byDefault: "a fifth, at least one",
    flags: [{ usage: "--quantize-epochs <n>", parse: whole(1) }],
  },
  quantizeFor: {
    schema: z.optional(z.enum(["web", "onnx"])),
    group,
    help: "the format that it will be exported as: activations have 7 bits on the web, 8 in an ONNX file",
    byDefault: "web",
    flags: [{ usage: "--quantize-for <format>", choices: ["web", "onnx"] }],
  },
  augment: {
    schema: z.optional(augmentOptions),
    group,
    help: "augmentations: resizedCrop,colourJitter,crop,flip,cutout,erasing,mixup,cutmix, or none",
    byDefault: "none",
    flags: [
      {
        usage: "--augment <names>",
        parse: listed,
        join: (before, listed) => {
          const chosen = (listed as readonly string[]).filter((name) => name !== "none");
          return intoOptions(before, Object.fromEntries(chosen.map((name) => [name, {}])));
        },
      },
      {
        usage: "--augment-option <name=value>",
        help: "an option of one, such as crop.padding=2, repeatable",
        parse: namedValue,
        join: withNested,
      },
    ],
    words: (augment: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => [
      "--augment",
      Object.keys(augment).join(",") || "none",
      ...Object.entries(augment).flatMap(([name, of]) =>
        Object.entries(of).flatMap(([key, value]) => ["--augment-option", `${name}.${key}=${writeValue(value)}`]),
      ),
    ],
    names: { kind: "augmentation", table: augmentOptions.shape },
  },
  validation: {
    schema: z.optional(z.union([z.int().check(z.positive()), aShare()])),
    group,
    help: "hold out n training images, or a share such as 10%, for validation after each epoch",
    flags: [{ usage: "--validation <n|p%>", parse: wholeOrShare }],
  },
  keep: {
    schema: z._default(z.enum(["last", "best"]), "last"),
    group,
    help: "weights to save: those of the last epoch, or of the best on the validation images",
    flags: [{ usage: "--keep <which>", choices: ["best", "last"] }],
  },
  tested: {
    schema: z._default(z.boolean(), true),
    group,
    help: "whether the test images are looked at; if not, networks are measured on the validation images in their place, and records say so",
    flags: [
      {
        usage: "--no-test",
        value: false,
        help: "never look at the test images: the validation images (--validation) are measured in their place",
      },
    ],
  },
  trainAccuracy: {
    schema: z._default(z.boolean(), false),
    group,
    help: "classify the training images too, as they are, when a training is over",
    flags: [{ usage: "--train-accuracy" }],
  },
  tta: {
    schema: z._default(z.enum(["none", "flip", "flip+shift"]), "none"),
    group,
    help: "test-time augmentation: test images are classified as they are and also by the mean of both sides (flip, 2 passes an image) or of six views (flip+shift)",
    flags: [{ usage: "--tta <views>", choices: ["none", "flip", "flip+shift"] }],
  },
  teacherSees: {
    schema: z._default(z.enum(["view", "flip", "mean", "image"]), "view"),
    group,
    help: "of augmented images, a teacher sees each view, in every step; or the image before that, once: on the view's side (flip), both sides for their mean, or the image as it is",
    flags: [{ usage: "--teacher-sees <what>", choices: ["view", "flip", "mean", "image"] }],
  },
  teacherMemory: {
    schema: z._default(z.number().check(z.nonnegative(), z.lte(2 ** 30)), 1024),
    group,
    help: "MiB for a teacher's cached outputs; beyond, it runs in each step",
    flags: [{ usage: "--teacher-memory <mib>", parse: fromZero }],
  },
} as const satisfies Settings;

/** `{"crop.padding": 2}` into `{crop: {}}` is `{crop: {padding: 2}}`. */
function withNested(before: unknown, part: unknown): unknown {
  // NOTE: maps, because a name such as `__proto__` is no key of an object like others.
  const found = new Map(Object.entries((before ?? {}) as Record<string, object>));
  for (const [path, value] of Object.entries(part as object)) {
    const [name = "", option = ""] = path.split(/\.(.*)/s);
    found.set(name, Object.fromEntries([...Object.entries(found.get(name) ?? {}), [option, value]]));
  }
  return Object.fromEntries(found);
}
