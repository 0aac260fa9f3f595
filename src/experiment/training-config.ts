/** @file The part of a description that says how to train, and how it is settled: defaults from the preset, options by their own schemas. */
import { z } from "zod";
import { augmentOptions, type AugmentOptions } from "../data/augment.ts";
import {
  findSchedule,
  largestRate,
  optimisers,
  schedules,
  type OptimiserName,
  type ScheduleName,
} from "../optim/index.ts";
import { problemsOf } from "../schema-problems.ts";
import { mostEpochs } from "../train/options.ts";
import { recipes, type RecipeName } from "./recipes.ts";

const names = <Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] => Object.keys(table) as Name[];
const options = z.record(z.string(), z.unknown());

/** Keys of every experiment that trains. What is optional here without a word on its absence is the preset's. */
export const trainingSchema = {
  recipe: z.enum(names<RecipeName>(recipes)).default("tutorial").describe("preset of what follows"),
  epochs: z.int().positive().max(mostEpochs).optional().describe("passes over the training images"),
  batchSize: z.int().positive().optional().describe("images a step"),
  seed: z
    .int()
    .nonnegative()
    .default(42)
    .describe("of initial weights, orders, dropout, views and the validation images"),
  dropout: z.number().nonnegative().lt(1).default(0.1).describe("probability that dropout zeroes an element"),
  optimiser: z.enum(names<OptimiserName>(optimisers)).optional().describe("how gradients change parameters"),
  learningRate: z.number().positive().max(largestRate).optional().describe("the optimiser's largest step size"),
  optimiserOptions: options.default({}).describe("its other options"),
  schedule: z.enum(names<ScheduleName>(schedules)).optional().describe("how the step size goes over the training"),
  scheduleOptions: options.default({}).describe("options of the schedule"),
  warmUp: z
    .number()
    .nonnegative()
    .default(0)
    .describe("epochs in which the step size rises, before the schedule begins"),
  clip: z
    .number()
    .positive()
    .max(largestRate)
    .optional()
    .describe("largest length of the whole gradient; longer ones are shortened"),
  ema: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe("ship a running average of the weights that keeps so much of itself at each step"),
  augment: augmentOptions.optional().describe("how training images are varied"),
  validation: z.int().positive().optional().describe("training images held out, to classify after each epoch"),
  keep: z
    .enum(["last", "best"])
    .default("last")
    .describe("which epoch's weights to ship; best by the validation images"),
  teacherMemory: z
    .number()
    .nonnegative()
    .max(2 ** 30)
    .default(1024)
    .describe("MiB that a teacher's kept outputs may take; beyond, it runs in each step"),
};

/** A description whose settings are all there. */
export type WithSettled<C> = Flat<Omit<C, keyof Settled> & Settled>;
type Flat<T> = { [Key in keyof T]: T[Key] };

type Given = z.output<z.ZodObject<typeof trainingSchema>>;

/** What `settle` fills in. */
export interface Settled {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly optimiser: OptimiserName;
  readonly optimiserOptions: Readonly<Record<string, unknown>>;
  readonly schedule: ScheduleName;
  readonly scheduleOptions: Readonly<Record<string, unknown>>;
  readonly augment: AugmentOptions;
}

/**
 * A transformation of a parsed description: everything spelled out, so that it means the same after defaults change. A
 * preset's options of an optimiser or a schedule go with that one only; where the schedule sets the momentum, that is the one
 * recorded. Adds an issue for each option that is wrong.
 */
export function settle<C extends Given & { readonly dataset: string; readonly model?: string }>(
  config: C,
  context: z.core.$RefinementCtx<C>,
): WithSettled<C> {
  const entry = recipes[config.recipe];
  const epochs = config.epochs ?? entry.epochs(config.dataset);
  const preset = entry.settings(epochs, config.model);
  const { optimiser = preset.optimiser, schedule = preset.schedule, learningRate = preset.learningRate } = config;
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
  const given = {
    ...(optimiser === preset.optimiser && preset.optimiserOptions),
    ...config.optimiserOptions,
  };
  if ("learningRate" in given) issue(["optimiserOptions"], "give learningRate beside optimiserOptions, not in it");
  const scheduleOptions = parse("scheduleOptions", schedule, schedules[schedule].options, {
    ...(schedule === preset.schedule && preset.scheduleOptions),
    ...config.scheduleOptions,
  });
  const moved = findSchedule(schedule).momentum?.(scheduleOptions);
  const said = moved === undefined ? undefined : optimisers[optimiser].momentumOf(config.optimiserOptions);
  if (said && said.value !== moved) {
    issue(
      ["optimiserOptions", ...said.path],
      `${schedule} moves the momentum itself, ${moved} where the step size is largest; leave it out, ` +
        "or say baseMomentum and maxMomentum in scheduleOptions, or cycleMomentum=false there, got " +
        String(said.value),
    );
  }
  const { learningRate: _, ...optimiserOptions } = parse("optimiserOptions", optimiser, optimisers[optimiser].options, {
    ...(moved === undefined ? given : optimisers[optimiser].withMomentum(given, moved)),
    learningRate,
  });
  if (config.warmUp >= epochs) issue(["warmUp"], `should be less than the ${epochs} epochs of the training`);
  if (config.keep === "best" && config.validation === undefined) {
    issue(["keep"], "the best epoch is chosen on validation images; hold some out with validation");
  }
  return {
    ...config,
    epochs,
    batchSize: config.batchSize ?? preset.batchSize,
    optimiser,
    learningRate,
    optimiserOptions,
    schedule,
    scheduleOptions,
    augment: config.augment ?? augmentOptions.parse(preset.augment),
  };
}
