/** @file The part of a configuration that says how to train, and how it is resolved: defaults from the recipe, options by their own schemas. */
import * as z from "zod/mini";
import { augmentOptions } from "../data/augment-options.ts";
import {
  findSchedule,
  largestOption,
  largestRate,
  optimisers,
  schedules,
  type OptimiserName,
  type ScheduleName,
} from "../optim/index.ts";
import { problemsOf } from "../parse-with.ts";
import { leastEpochs, mostEpochs } from "../train/options.ts";
import { isInTable, share } from "./picture-config.ts";
import { recipes, type RecipeName, type RecipeSettings } from "./recipes.ts";

const names = <Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] => Object.keys(table) as Name[];
const options = z.record(z.string(), z.unknown());

/** Keys of every experiment that trains. What is optional here, and not said to be off by default, is the recipe's. */
export const trainingSchema = {
  /** Preset of the settings below. */
  recipe: z._default(z.enum(names<RecipeName>(recipes)), "tutorial"),
  /** Passes over the training images; 9.9 ends within the tenth. */
  epochs: z.optional(z.number().check(z.gte(leastEpochs), z.lte(mostEpochs))),
  /** Images a step. */
  batchSize: z.optional(z.int().check(z.positive())),
  /** Whether an epoch leaves out the images that fill no whole batch. */
  dropLast: z.optional(z.boolean()),
  /** In how many parts a step's images are computed, which takes the memory of one. */
  accumulate: z._default(z.int().check(z.positive()), 1),
  /** Seed of initial weights, order of images, dropout, augmentation and validation images. */
  seed: z._default(z.int().check(z.nonnegative()), 42),
  /** Probability that dropout zeroes an element. */
  dropout: z._default(z.number().check(z.nonnegative(), z.lt(1)), 0.1),
  /** How gradients change parameters. */
  optimiser: z.optional(z.enum(names<OptimiserName>(optimisers))),
  /** The largest learning rate of the training. */
  learningRate: z.optional(z.number().check(z.positive(), z.lte(largestRate))),
  /** Its other options. */
  optimiserOptions: z._default(options, {}),
  /** Parameters, by their names, with a learning rate or a weight decay of their own; the last that fits counts. */
  parameterGroups: z.optional(
    z.array(
      z
        .strictObject({
          /** Name of parameters; * stands for any characters. */
          parameters: z.string().check(z.minLength(1)),
          /** Times the learning rate. */
          learningRateFactor: z.optional(z.number().check(z.nonnegative(), z.lte(largestOption))),
          /** In place of the optimiser's. */
          weightDecay: z.optional(z.number().check(z.nonnegative(), z.lte(largestOption))),
        })
        .check(
          z.refine(
            ({ learningRateFactor, weightDecay }) => learningRateFactor !== undefined || weightDecay !== undefined,
            {
              message: "should have a learningRateFactor, a weightDecay or both",
            },
          ),
        ),
    ),
  ),
  /** What weight decay is for: all parameters, or weights alone: neither biases nor norms. */
  decayOn: z.optional(z.enum(["all", "weights"])),
  /** Parameters, by their names, that are trained in the first epochs alone. */
  freeze: z.optional(
    z.array(
      z.strictObject({
        /** Name of parameters; * stands for any characters. */
        parameters: z.string().check(z.minLength(1)),
        /** Epochs in which they are trained. */
        afterEpochs: z.int().check(z.nonnegative(), z.lte(mostEpochs)),
      }),
    ),
  ),
  /** How the learning rate changes over the training. */
  schedule: z.optional(z.enum(names<ScheduleName>(schedules))),
  /** Options of the schedule. */
  scheduleOptions: z._default(options, {}),
  /** Epochs of linear warm-up, before the schedule begins. */
  warmUp: z._default(z.number().check(z.nonnegative()), 0),
  /** Share of each label that is spread over all classes. */
  labelSmoothing: z.optional(z.number().check(z.gte(0), z.lt(1))),
  /** Largest norm of the whole gradient; a longer one is scaled down to it. */
  clip: z.optional(z.number().check(z.positive(), z.lte(largestRate))),
  /** Steps after which the weights are set back to slow ones that follow them, again and again; 0: never. */
  lookahead: z.optional(z.int().check(z.nonnegative(), z.lte(1e9))),
  /** Decay of a running average of the weights (EMA), which is tested and saved in their place. */
  ema: z.optional(z.number().check(z.gt(0), z.lt(1))),
  /** Train the last epochs as whole numbers of 8 bits will compute, so that exporting int8 loses less. */
  quantize: z.optional(z.enum(["int8"])),
  /** The format that it will be exported as: activations have 7 bits on the web (the default), 8 in an ONNX file. */
  quantizeFor: z.optional(z.enum(["web", "onnx"])),
  /** How many of the last epochs that are (default: a fifth of them, at least one). */
  quantizeEpochs: z.optional(z.int().check(z.positive(), z.lte(mostEpochs))),
  /** How training images are varied. */
  augment: z.optional(augmentOptions),
  /** Training images held out for validation after each epoch: how many, or a share such as 20%. */
  validation: z.optional(z.union([z.int().check(z.positive()), share()])),
  /** Which epoch's weights to save: the last, or the best on the validation images. */
  keep: z._default(z.enum(["last", "best"]), "last"),
  /** Whether the test images are looked at; if not (--no-test), networks are measured on the validation images in their place, and records say so. */
  tested: z._default(z.boolean(), true),
  /** Classify the training images too, as they are, when a training is over: one more pass over them. */
  trainAccuracy: z._default(z.boolean(), false),
  /** Test-time augmentation: test images are also classified by the mean of both sides, or of six views, told apart. */
  tta: z._default(z.enum(["none", "flip", "flip+shift"]), "none"),
  /** What a teacher sees of images that are varied: each view; or the image before that, so that its outputs are kept: on the view's side (flip), the mean of both sides, or the image as it is. */
  teacherSees: z._default(z.enum(["view", "flip", "mean", "image"]), "view"),
  /** MiB that a teacher's cached outputs may take; beyond, it runs in each step. */
  teacherMemory: z._default(z.number().check(z.nonnegative(), z.lte(2 ** 30)), 1024),
};

/** A configuration with all of its settings resolved. */
export type Resolved<C> = Flat<Omit<C, keyof RecipeSettings> & RecipeSettings>;
type Flat<T> = { [Key in keyof T]: T[Key] };

type Parsed = z.output<z.ZodMiniObject<typeof trainingSchema>>;

/**
 * A transformation of a parsed configuration: every setting spelled out, so that it means the same after defaults change. A
 * recipe's options of an optimiser or a schedule go with that one only; where the schedule sets the momentum, that is the one
 * recorded. Adds an issue for each option that is wrong.
 */
export function resolveTraining<
  C extends Parsed & { readonly dataset: string; readonly model?: string; readonly student?: string },
>(config: C, { issues }: Pick<z.core.ParsePayload, "issues">): Resolved<C> {
  const recipe: RecipeSettings = recipes[config.recipe].settings({
    ...config,
    model: config.model ?? config.student,
  });
  const { epochs } = recipe;
  const { optimiser = recipe.optimiser, schedule = recipe.schedule, learningRate = recipe.learningRate } = config;
  const issue = (path: readonly PropertyKey[], message: string): void => {
    issues.push({ code: "custom", path: [...path], message, input: config });
  };
  const parse = (key: string, of: string, schema: z.ZodMiniType, value: object): Record<string, unknown> => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data as Record<string, unknown>;
    for (const { path, message } of problemsOf(schema, value, parsed.error)) {
      issue([key, ...path], path.length === 0 ? `${of}: ${message}` : message);
    }
    return {};
  };
  const scheduleOptions = parse("scheduleOptions", schedule, schedules[schedule].options, {
    ...(schedule === recipe.schedule && recipe.scheduleOptions),
    ...config.scheduleOptions,
  });
  const momentum = findSchedule(schedule).momentum?.(scheduleOptions);
  const ownMomentum = momentum === undefined ? undefined : optimisers[optimiser].momentumOf(config.optimiserOptions);
  if (ownMomentum && ownMomentum.value !== momentum) {
    issue(
      ["optimiserOptions", ...ownMomentum.path],
      `${schedule} sets the momentum itself, ${momentum} where the learning rate is largest; leave it out, ` +
        "or give baseMomentum and maxMomentum in scheduleOptions, or cycleMomentum=false there, got " +
        String(ownMomentum.value),
    );
  }
  const ownOptions = { ...(optimiser === recipe.optimiser && recipe.optimiserOptions), ...config.optimiserOptions };
  if ("learningRate" in ownOptions) issue(["optimiserOptions"], "give learningRate beside optimiserOptions, not in it");
  const { learningRate: _, ...optimiserOptions } = parse("optimiserOptions", optimiser, optimisers[optimiser].options, {
    ...(momentum === undefined ? ownOptions : optimisers[optimiser].withMomentum(ownOptions, momentum)),
    learningRate,
  });
  // An average that is asked for takes the place of the recipe's.
  const lookahead = config.lookahead ?? (config.ema === undefined ? recipe.lookahead : undefined);
  if (config.lookahead && config.ema !== undefined) {
    issue(["lookahead"], "averages the weights, as ema does; leave one of them out");
  }
  if (config.warmUp >= epochs) issue(["warmUp"], `should be less than the ${epochs} epochs of the training`);
  if (config.quantizeEpochs !== undefined && !config.quantize) {
    issue(["quantizeEpochs"], "says how many epochs quantize is for; give that too (--quantize int8)");
  }
  if (config.quantizeFor !== undefined && !config.quantize) {
    issue(["quantizeFor"], "says which format quantize is for; give that too (--quantize int8)");
  }
  if ((config.quantizeEpochs ?? 1) > Math.ceil(epochs)) {
    issue(["quantizeEpochs"], `should be at most the ${epochs} epochs of the training`);
  }
  // Pictures in files may have such images of their own.
  if (config.keep === "best" && config.validation === undefined && isInTable(config.dataset)) {
    issue(["keep"], "the best epoch is chosen on validation images; hold some out with validation");
  }
  if (!config.tested && config.validation === undefined && isInTable(config.dataset)) {
    issue(
      ["tested"],
      "without the test images (--no-test), networks are measured on validation images; hold some out with validation",
    );
  }
  const batchSize = config.batchSize ?? recipe.batchSize;
  if (config.accumulate > batchSize) issue(["accumulate"], `should be at most the ${batchSize} images of a batch`);
  return {
    ...config,
    epochs,
    batchSize,
    dropLast: config.dropLast ?? recipe.dropLast,
    optimiser,
    learningRate,
    optimiserOptions,
    schedule,
    scheduleOptions,
    augment: config.augment ?? recipe.augment,
    labelSmoothing: config.labelSmoothing ?? recipe.labelSmoothing,
    parameterGroups: config.parameterGroups ?? recipe.parameterGroups,
    decayOn: config.decayOn ?? recipe.decayOn,
    freeze: config.freeze ?? recipe.freeze,
    ...(lookahead !== undefined && { lookahead }),
    ...(config.quantize && {
      quantizeEpochs: config.quantizeEpochs ?? Math.max(1, Math.round(epochs / 5)),
      quantizeFor: config.quantizeFor ?? "web",
    }),
  };
}
