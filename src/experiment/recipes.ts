/** @file Recipes: what published trainings agree on. Settings of a configuration override those of its recipe. */
import { augmentOptions, type AugmentOptions } from "../data/augment-options.ts";
import type { Freeze } from "../train/stages.ts";
import type { DecayOn, OptimiserName, ParameterGroup, ScheduleName } from "../optim/index.ts";

/** How to train: what a recipe sets. */
export interface RecipeSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly optimiser: OptimiserName;
  readonly optimiserOptions: Readonly<Record<string, unknown>>;
  readonly schedule: ScheduleName;
  readonly scheduleOptions: Readonly<Record<string, unknown>>;
  readonly augment: AugmentOptions;
  readonly dropLast: boolean;
  readonly labelSmoothing: number;
  readonly parameterGroups: readonly ParameterGroup[];
  readonly decayOn: DecayOn;
  readonly freeze: readonly Freeze[];
  readonly lookahead?: number | undefined;
}

/** What most recipes leave as it is. */
const plain = {
  dropLast: false,
  labelSmoothing: 0,
  parameterGroups: [],
  decayOn: "all",
  freeze: [],
} as const satisfies Partial<RecipeSettings>;

/** What a recipe depends on. */
export interface RecipeInput {
  readonly dataset: string;
  /** The network that is trained, if it is only one. */
  readonly model?: string | undefined;
  /** If they are not the recipe's. */
  readonly epochs?: number | undefined;
}

export interface Recipe {
  /** One line for people. */
  readonly summary: string;
  settings(input: RecipeInput): RecipeSettings;
}

/** Networks that HobbitLong/RepDistiller starts at a lower learning rate. */
const startLower: ReadonlySet<string> = new Set(["MobileNetV2", "ShuffleV1", "ShuffleV2"]);

/** Every recipe by name. */
export const recipes = {
  tutorial: {
    summary: "PyTorch's tutorial: Adam 0.001, batches of 128, 10 epochs (4 of shapes)",
    settings: ({ dataset, epochs = dataset === "shapes" ? 4 : 10 }) => ({
      ...plain,
      epochs,
      batchSize: 128,
      learningRate: 1e-3,
      optimiser: "adam",
      optimiserOptions: {},
      schedule: "constant",
      scheduleOptions: {},
      augment: {},
    }),
  },
  benchmark: {
    summary:
      "the CIFAR-100 benchmark's: SGD 0.05 (0.01 for MobileNetV2 and the ShuffleNets), momentum 0.9, weight decay 0.0005, batches of 64, 240 epochs, a tenth of the learning rate after 150, 180 and 210, crop and flip",
    settings: ({ model = "", epochs = 240 }) => ({
      ...plain,
      epochs,
      batchSize: 64,
      learningRate: startLower.has(model) ? 0.01 : 0.05,
      optimiser: "sgd",
      optimiserOptions: { momentum: 0.9, weightDecay: 5e-4 },
      schedule: "step",
      // 150, 180 and 210 of 240; of other numbers of epochs, the same shares.
      scheduleOptions: { milestones: [5, 6, 7].map((eighths) => Math.max(1, Math.round((epochs * eighths) / 8))) },
      augment: augmentOptions.parse({ crop: { border: "black" }, flip: {} }),
    }),
  },
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof recipes;
