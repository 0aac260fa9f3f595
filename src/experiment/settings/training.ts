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
    help: "preset of training settings",
    details: "it names the network too, if you do not; limbeck list recipes lists them",
    flags: [{ usage: "--recipe <name>", isCommon: true }],
    names: { kind: "recipe", table: recipes },
  },
  epochs: {
    schema: z.optional(z.number().check(z.gte(leastEpochs), z.lte(mostEpochs))),
    group,
    help: "passes over the training images",
    details: "9.9 ends within the tenth; the recipe tutorial has 10, or 4 for shapes",
    byDefault: "the recipe's",
    flags: [{ usage: "--epochs <n>", parse: positive, isCommon: true }],
    isResumable: true,
  },
  batchSize: {
    schema: z.optional(z.int().check(z.positive())),
    group,
    help: "images per step",
    byDefault: "the recipe's, or 128",
    flags: [{ usage: "--batch-size <n>", parse: whole(1), isCommon: true }],
  },
  dropLast: {
    schema: z.optional(z.boolean()),
    group,
    help: "skip the images that fill no whole batch, others in each epoch",
    flags: [
      { usage: "--drop-last" },
      { usage: "--no-drop-last", value: false, help: "train on incomplete batches too, whatever the recipe" },
    ],
  },
  accumulate: {
    schema: z._default(z.int().check(z.positive()), 1),
    group,
    help: "compute each batch in n parts and update once, to save memory",
    flags: [{ usage: "--accumulate <n>", parse: whole(1) }],
  },
  seed: {
    schema: z._default(z.int().check(z.nonnegative()), 42),
    group,
    help: "random seed",
    details: "for initial weights, image order, dropout, augmentation and validation images",
    flags: [{ usage: "--seed <n>", parse: whole(0) }],
  },
  dropout: {
    schema: z._default(z.number().check(z.nonnegative(), z.lt(1)), 0.1),
    group,
    help: "dropout probability",
    flags: [{ usage: "--dropout <p>", parse: probability }],
  },
  optimiser: {
    schema: z.optional(z.enum(names<OptimiserName>(optimisers))),
    group: "Optimiser",
    help: "adam, adamw, sgd or muon",
    details: "limbeck list optimisers lists them",
    byDefault: "adam",
    flags: [{ usage: "--optimiser <name>" }],
    names: { kind: "optimiser", table: optimisers },
  },
  learningRate: {
    schema: z.optional(z.number().check(z.positive(), z.lte(largestRate))),
    group: "Optimiser",
    help: "largest learning rate",
    byDefault: "the recipe's, or 0.001",
    flags: [{ usage: "--learning-rate <x>", parse: positive }],
  },
  optimiserOptions: {
    schema: options,
    group: "Optimiser",
    help: "another option of the optimiser; repeatable",
    flags: [
      {
        usage: "--momentum <x>",
        help: "momentum of sgd (default: 0) or muon (default: 0.95)",
        parse: probability,
        join: oneOption("momentum"),
      },
      {
        usage: "--weight-decay <x>",
        help: "weight decay (default: 0; adamw: 0.01)",
        parse: fromZero,
        join: oneOption("weightDecay"),
      },
      { usage: "--nesterov", help: "use Nesterov momentum with sgd", join: oneOption("nesterov") },
      { usage: "--optimiser-option <name=x>", parse: namedValue, join: intoOptions },
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
    group: "Optimiser",
    help: "learning rate factors and weight decays of parameters by name; the last match counts",
    byDefault: "the recipe's",
    flags: [
      {
        usage: "--learning-rate-for <pattern=x>",
        help: "multiply the learning rate of matching parameters: '*.bias=64x'; repeatable; use `none` to clear the recipe's groups",
        parse: orNone(factorFor),
        join: ofGroups("learningRateFactor"),
      },
      {
        usage: "--weight-decay-for <pattern=x>",
        help: "weight decay of matching parameters: '*norm*=0'; repeatable; use `none` to clear the recipe's groups",
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
    group: "Optimiser",
    help: "decay all parameters, or only weights, not biases and norms: all or weights",
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
    help: "train matching parameters only in the first epochs: 'conv1.*=3'; repeatable; use `none` to clear the recipe's",
    byDefault: "the recipe's",
    flags: [{ usage: "--freeze <pattern=epochs>", parse: orNone(numberFor), join: ofGroups("afterEpochs") }],
    words: (freeze: readonly Freeze[]) =>
      freeze.length === 0
        ? ["--freeze", "none"]
        : freeze.flatMap(({ parameters, afterEpochs }) => ["--freeze", `${parameters}=${afterEpochs}`]),
  },
  schedule: {
    schema: z.optional(z.enum(names<ScheduleName>(schedules))),
    group: "Optimiser",
    help: "learning rate schedule: constant, step, cosine, linear, piecewise or one-cycle",
    details: "limbeck list schedules lists them",
    byDefault: "constant",
    flags: [{ usage: "--schedule <name>" }],
    names: { kind: "schedule", table: schedules },
  },
  scheduleOptions: {
    schema: options,
    group: "Optimiser",
    help: "another option of the schedule; repeatable",
    flags: [
      {
        usage: "--milestones <epochs>",
        help: "epochs after which the schedule step lowers the learning rate: 150,180,210",
        parse: wholeNumbers,
        join: oneOption("milestones"),
      },
      { usage: "--schedule-option <name=x>", parse: namedValue, join: intoOptions },
    ],
    words: optionWords("--schedule-option"),
    belongsTo: ["schedule"],
  },
  warmUp: {
    schema: z._default(z.number().check(z.nonnegative()), 0),
    group: "Optimiser",
    help: "epochs of linear warm-up before the schedule",
    flags: [{ usage: "--warm-up <epochs>", parse: fromZero }],
  },
  labelSmoothing: {
    schema: z.optional(z.number().check(z.gte(0), z.lt(1))),
    group,
    help: "share of each label spread over all classes",
    byDefault: "0",
    flags: [{ usage: "--label-smoothing <share>", parse: probability }],
  },
  balance: {
    schema: z._default(z.enum(balances), "none"),
    group,
    help: "for unequal classes: weights, sampler or none",
    details:
      "weights multiplies a label's loss by the inverse frequency of its class, sampler draws each class equally often",
    flags: [{ usage: "--balance <how>", choices: balances }],
  },
  clip: {
    schema: z.optional(z.number().check(z.positive(), z.lte(largestRate))),
    group: "Optimiser",
    help: "largest norm of the gradient; a longer one is scaled down",
    flags: [{ usage: "--clip <norm>", parse: positive }],
  },
  lookahead: {
    schema: z.optional(z.int().check(z.nonnegative(), z.lte(1e9))),
    group: "Optimiser",
    help: "every n steps, reset the weights to slow ones that follow them; 0 turns it off",
    flags: [{ usage: "--lookahead <steps>", parse: whole(0) }],
  },
  ema: {
    schema: z.optional(z.number().check(z.gt(0), z.lt(1))),
    group,
    help: "test and save a moving average of the weights with this decay: 0.999",
    flags: [{ usage: "--ema <decay>", parse: probability }],
  },
  quantize: {
    schema: z.optional(z.enum(["int8"])),
    group,
    help: "simulate int8 in the last epochs, so that an int8 export loses less",
    flags: [{ usage: "--quantize <precision>", choices: ["int8"] }],
  },
  quantizeEpochs: {
    schema: z.optional(z.int().check(z.positive(), z.lte(mostEpochs))),
    group,
    help: "last epochs to simulate int8 in",
    byDefault: "a fifth, at least one",
    flags: [{ usage: "--quantize-epochs <n>", parse: whole(1) }],
  },
  quantizeFor: {
    schema: z.optional(z.enum(["web", "onnx"])),
    group,
    help: "export format to simulate: web (7-bit activations) or onnx (7-bit weights)",
    byDefault: "web",
    flags: [{ usage: "--quantize-for <format>", choices: ["web", "onnx"] }],
  },
  augment: {
    schema: z.optional(augmentOptions),
    group,
    help: "such as crop,flip,cutout",
    details: "also resizedCrop, colourJitter, erasing, mixup and cutmix",
    byDefault: "none",
    flags: [
      {
        usage: "--augment <names>",
        isCommon: true,
        parse: listed,
        join: (before, listed) => {
          const chosen = (listed as readonly string[]).filter((name) => name !== "none");
          return intoOptions(before, Object.fromEntries(chosen.map((name) => [name, {}])));
        },
      },
      {
        usage: "--augment-option <name=x>",
        help: "an option of an augmentation: crop.padding=2; repeatable",
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
    help: "training images held out for validation: 500 or 10%",
    details: "measured after each epoch",
    flags: [{ usage: "--validation <n|p%>", parse: wholeOrShare, isCommon: true }],
  },
  keep: {
    schema: z._default(z.enum(["last", "best"]), "last"),
    group,
    help: "epoch whose weights are saved: last, or best on the validation images",
    flags: [{ usage: "--keep <which>", choices: ["best", "last"] }],
  },
  tested: {
    schema: z._default(z.boolean(), true),
    group: "Evaluation",
    help: "test on the test images; if false, on the validation images, and records say so",
    flags: [
      {
        usage: "--no-test",
        value: false,
        help: "test on the validation images (--validation) and never read the test images",
      },
    ],
  },
  trainAccuracy: {
    schema: z._default(z.boolean(), false),
    group: "Evaluation",
    help: "also report the accuracy on the training images, without augmentation",
    flags: [{ usage: "--train-accuracy" }],
  },
  tta: {
    schema: z._default(z.enum(["none", "flip", "flip+shift"]), "none"),
    group: "Evaluation",
    help: "test-time augmentation: flip (2 passes per image), flip+shift (6) or none",
    details: "reported next to the single-pass accuracy; everything else uses one pass",
    flags: [{ usage: "--tta <views>", choices: ["none", "flip", "flip+shift"] }],
  },
  teacherViews: {
    schema: z._default(z.enum(["view", "flip", "mean", "image"]), "view"),
    group: "Teacher",
    help: "what the teacher answers for augmented images: view, flip, mean or image",
    details:
      "view runs it on the student's view in each step; the others cache its answers: for the original (image), for the original mirrored as the view is (flip), or the mean of both sides (mean)",
    flags: [{ usage: "--teacher-views <what>", choices: ["view", "flip", "mean", "image"] }],
  },
  teacherMemory: {
    schema: z._default(z.number().check(z.nonnegative(), z.lte(2 ** 30)), 1024),
    group: "Teacher",
    help: "MiB for cached teacher outputs; if they need more, the teacher runs in each step",
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
