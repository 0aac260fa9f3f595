/** @file How a trainer is told to train: the settings of `limbeck train` under the same names, with the same defaults. */
import * as z from "zod/mini";
import { parseWith } from "../parse-with.ts";
import { withRecipe } from "./recipes.ts";
import { shapeOf } from "./settings/setting.ts";
import { trainingSettings } from "./settings/training.ts";
import { resolveTraining } from "./training-config.ts";

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
