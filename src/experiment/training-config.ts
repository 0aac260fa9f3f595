/** @file The part of a configuration that says how to train, and how it is resolved: defaults from the recipe, options by their own schemas. */
import { z } from "zod";
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
  recipe: z.enum(names<RecipeName>(recipes)).default("tutorial").describe("preset of the settings below"),
  epochs: z
    .number()
    .min(leastEpochs)
    .max(mostEpochs)
    .optional()
    .describe("passes over the training images; 9.9 ends within the tenth"),
  batchSize: z.int().positive().optional().describe("images a step"),
  dropLast: z.boolean().optional().describe("whether an epoch leaves out the images that fill no whole batch"),
  accumulate: z
    .int()
    .positive()
    .default(1)
    .describe("in how many parts a step's images are computed, which takes the memory of one"),
  seed: z
    .int()
    .nonnegative()
    .default(42)
    .describe("seed of initial weights, order of images, dropout, augmentation and validation images"),
  dropout: z.number().nonnegative().lt(1).default(0.1).describe("probability that dropout zeroes an element"),
  optimiser: z.enum(names<OptimiserName>(optimisers)).optional().describe("how gradients change parameters"),
  learningRate: z.number().positive().max(largestRate).optional().describe("the largest learning rate of the training"),
  optimiserOptions: options.default({}).describe("its other options"),
  parameterGroups: z
    .array(
      z
        .strictObject({
          parameters: z.string().min(1).describe("name of parameters; * stands for any characters"),
          learningRateFactor: z
            .number()
            .nonnegative()
            .max(largestOption)
            .optional()
            .describe("times the learning rate"),
          weightDecay: z.number().nonnegative().max(largestOption).optional().describe("in place of the optimiser's"),
        })
        .refine(
          ({ learningRateFactor, weightDecay }) => learningRateFactor !== undefined || weightDecay !== undefined,
          {
            message: "should have a learningRateFactor, a weightDecay or both",
          },
        ),
    )
    .optional()
    .describe(
      "parameters, by their names, with a learning rate or a weight decay of their own; the last that fits counts",
    ),
  decayOn: z
    .enum(["all", "weights"])
    .optional()
    .describe("what weight decay is for: all parameters, or weights alone: neither biases nor norms"),
  freeze: z
    .array(
      z.strictObject({
        parameters: z.string().min(1).describe("name of parameters; * stands for any characters"),
        afterEpochs: z.int().nonnegative().max(mostEpochs).describe("epochs in which they are trained"),
      }),
    )
    .optional()
    .describe("parameters, by their names, that are trained in the first epochs alone"),
  schedule: z
    .enum(names<ScheduleName>(schedules))
    .optional()
    .describe("how the learning rate changes over the training"),
  scheduleOptions: options.default({}).describe("options of the schedule"),
  warmUp: z.number().nonnegative().default(0).describe("epochs of linear warm-up, before the schedule begins"),
  labelSmoothing: z.number().min(0).lt(1).optional().describe("share of each label that is spread over all classes"),
  clip: z
    .number()
    .positive()
    .max(largestRate)
    .optional()
    .describe("largest norm of the whole gradient; a longer one is scaled down to it"),
  lookahead: z
    .int()
    .nonnegative()
    .max(1e9)
    .optional()
    .describe("steps after which the weights are set back to slow ones that follow them, again and again; 0: never"),
  ema: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe("decay of a running average of the weights (EMA), which is tested and saved in their place"),
  quantize: z
    .enum(["int8"])
    .optional()
    .describe("train the last epochs as whole numbers of 8 bits will compute, so that exporting int8 loses less"),
  quantizeFor: z
    .enum(["web", "onnx"])
    .optional()
    .describe(
      "the format that it will be exported as: activations have 7 bits on the web (the default), 8 in an ONNX file",
    ),
  quantizeEpochs: z
    .int()
    .positive()
    .max(mostEpochs)
    .optional()
    .describe("how many of the last epochs that are (default: a fifth of them, at least one)"),
  augment: augmentOptions.optional().describe("how training images are varied"),
  validation: z
    .union([z.int().positive(), share()])
    .optional()
    .describe("training images held out for validation after each epoch: how many, or a share such as 20%"),
  keep: z
    .enum(["last", "best"])
    .default("last")
    .describe("which epoch's weights to save: the last, or the best on the validation images"),
  tested: z
    .boolean()
    .default(true)
    .describe(
      "whether the test images are looked at; if not (--no-test), networks are measured on the validation images in their place, and records say so",
    ),
  trainAccuracy: z
    .boolean()
    .default(false)
    .describe("classify the training images too, as they are, when a training is over: one more pass over them"),
  tta: z
    .enum(["none", "flip", "flip+shift"])
    .default("none")
    .describe(
      "test-time augmentation: test images are also classified by the mean of both sides, or of six views, told apart",
    ),
  teacherSees: z
    .enum(["view", "flip", "mean", "image"])
    .default("view")
    .describe(
      "what a teacher sees of images that are varied: each view; or the image before that, so that its outputs are kept: on the view's side (flip), the mean of both sides, or the image as it is",
    ),
  teacherMemory: z
    .number()
    .nonnegative()
    .max(2 ** 30)
    .default(1024)
    .describe("MiB that a teacher's cached outputs may take; beyond, it runs in each step"),
};

/** A configuration with all of its settings resolved. */
export type Resolved<C> = Flat<Omit<C, keyof RecipeSettings> & RecipeSettings>;
type Flat<T> = { [Key in keyof T]: T[Key] };

type Parsed = z.output<z.ZodObject<typeof trainingSchema>>;

/**
 * A transformation of a parsed configuration: every setting spelled out, so that it means the same after defaults change. A
 * recipe's options of an optimiser or a schedule go with that one only; where the schedule sets the momentum, that is the one
 * recorded. Adds an issue for each option that is wrong.
 */
export function resolveTraining<
  C extends Parsed & { readonly dataset: string; readonly model?: string; readonly student?: string },
>(config: C, context: z.core.$RefinementCtx<C>): Resolved<C> {
  const recipe: RecipeSettings = recipes[config.recipe].settings({
    ...config,
    model: config.model ?? config.student,
  });
  const { epochs } = recipe;
  const { optimiser = recipe.optimiser, schedule = recipe.schedule, learningRate = recipe.learningRate } = config;
  const issue = (path: readonly PropertyKey[], message: string): void => {
    context.issues.push({ code: "custom", path: [...path], message, input: config });
  };
  const parse = (key: string, of: string, schema: z.ZodType, value: object): Record<string, unknown> => {
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
