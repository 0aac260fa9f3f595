/** @file How the settings of a training are resolved: defaults from the recipe, options by their own schemas. */
import * as z from "zod/mini";
import { findSchedule, optimisers, schedules } from "../optim/index.ts";
import { problemsOf, parseWith } from "../parse-with.ts";
import { isInTable } from "./settings/values.ts";
import { recipes, type RecipeSettings, withRecipe } from "./recipes.ts";
import { type ShapeOf, shapeOf } from "./settings/setting.ts";
import { trainingSettings } from "./settings/training.ts";

/** A configuration with all of its settings resolved. */
export type Resolved<C> = Flat<Omit<C, keyof RecipeSettings> & RecipeSettings>;
type Flat<T> = { [Key in keyof T]: T[Key] };

type Parsed = z.output<z.ZodMiniObject<ShapeOf<typeof trainingSettings>>>;

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
    lookahead,
    ...(config.quantize && {
      quantizeEpochs: config.quantizeEpochs ?? Math.max(1, Math.round(epochs / 5)),
      quantizeFor: config.quantizeFor ?? "web",
    }),
  };
}

const schema = z.pipe(
  z.strictObject({ ...shapeOf(trainingSettings), dataset: z.string(), model: z.string() }),
  z.transform(resolveTraining),
);

/** How to train: the command line's options under the same names, with the same defaults. */
export type TrainingSettings = Omit<z.input<typeof schema>, "dataset" | "model" | "validation">;

/** The settings with every default filled in. */
export type TrainerConfig = z.output<typeof schema>;

/** What is trained on what, by name, and how many validation images there are. */
export interface Trained {
  readonly dataset: string;
  readonly model: string;
  readonly validation: number | undefined;
}

/** Throws CONFIG, listing every problem. */
export function trainerConfig(settings: TrainingSettings, trained: Trained): TrainerConfig {
  return parseWith(schema, withRecipe("train", { ...settings, ...trained }), "CONFIG", "settings of the training");
}
