/** @file Presets: what published trainings agree on. Whatever a configuration says itself goes before. */
import type { AugmentInput } from "../data/augment.ts";
import type { OptimiserName, ScheduleName } from "../optim/index.ts";

/** What a preset settles. */
export interface Recipe {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly optimiser: OptimiserName;
  readonly optimiserOptions: Readonly<Record<string, unknown>>;
  readonly schedule: ScheduleName;
  readonly scheduleOptions: Readonly<Record<string, unknown>>;
  readonly augment: AugmentInput;
}

export interface RecipeEntry {
  /** One line for people. */
  readonly summary: string;
  /** Epochs on this data set. */
  epochs(dataset: string): number;
  /** The settings of a training of so many epochs, of this network if one is named. */
  settings(epochs: number, model?: string): Recipe;
}

/** Networks that HobbitLong/RepDistiller starts at a lower step size. */
const startLower: ReadonlySet<string> = new Set(["MobileNetV2", "ShuffleV1", "ShuffleV2"]);

/** Every preset by name. */
export const recipes = {
  tutorial: {
    summary: "PyTorch's tutorial: Adam 0.001, batches of 128, 10 epochs (4 of shapes)",
    epochs: (dataset) => (dataset === "shapes" ? 4 : 10),
    settings: () => ({
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
      "the CIFAR-100 benchmark's: SGD 0.05 (0.01 for MobileNetV2 and the ShuffleNets), momentum 0.9, weight decay 0.0005, batches of 64, 240 epochs, a tenth of the step size after 150, 180 and 210, crop and flip",
    epochs: () => 240,
    settings: (epochs, model = "") => ({
      batchSize: 64,
      learningRate: startLower.has(model) ? 0.01 : 0.05,
      optimiser: "sgd",
      optimiserOptions: { momentum: 0.9, weightDecay: 5e-4 },
      schedule: "step",
      // 150, 180 and 210 of 240; a shorter training falls as often.
      scheduleOptions: { milestones: [5, 6, 7].map((eighths) => Math.max(1, Math.round((epochs * eighths) / 8))) },
      augment: { crop: {}, flip: {} },
    }),
  },
} as const satisfies Record<string, RecipeEntry>;

export type RecipeName = keyof typeof recipes;
