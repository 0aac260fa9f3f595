/** @file What recipes came to, as records hold it. NOTE: apart from the recipes, so that a page which trains does not load it. */
import type { RecipeName } from "./recipes.ts";

/** A result that a record holds. */
export interface RecipeResult {
  /** `LightNN alone` */
  readonly what: string;
  /** Its name in the record. */
  readonly run: string;
  readonly dataset: string;
  /** Percent of the test images: the mean over `n` seeds, and its deviation where there are several. */
  readonly accuracy: number;
  readonly deviation?: number;
  readonly n: number;
  /** The same by test-time augmentation. */
  readonly augmented?: { readonly accuracy: number; readonly deviation?: number };
  /** The mean training time of a run, and where it was taken. */
  readonly seconds: number;
  readonly machine: string;
  /** The file that says so. */
  readonly record: string;
}

/** By the recipe; none where nothing was measured yet. */
export const recipeResults: { readonly [Name in RecipeName]?: readonly RecipeResult[] } = {
  tutorial: [
    {
      what: "LightNN alone",
      run: "student-ce",
      dataset: "cifar10",
      accuracy: 68.77,
      deviation: 0.89,
      n: 5,
      seconds: 59,
      machine: "2 cores of an AMD EPYC",
      record: "bench/records/cifar10-seeds.json",
    },
  ],
  airbench94: [
    {
      what: "airbench94",
      run: "model",
      dataset: "cifar10",
      accuracy: 89.92,
      deviation: 0.22,
      augmented: { accuracy: 90.69, deviation: 0.23 },
      n: 3,
      seconds: 1213,
      machine: "2 cores of an AMD EPYC",
      record: "bench/records/airbench94.json",
    },
  ],
  "light-10": [
    {
      what: "LightNN taught by airbench94",
      run: "student",
      dataset: "cifar10",
      accuracy: 78.36,
      deviation: 0.32,
      n: 5,
      seconds: 197,
      machine: "1 core of an AMD EPYC",
      record: "bench/records/light-10.json",
    },
  ],
  "light-30": [
    {
      what: "LightNN taught by airbench94",
      run: "student",
      dataset: "cifar10",
      accuracy: 79.52,
      deviation: 0.27,
      n: 5,
      seconds: 567,
      machine: "1 core of an AMD EPYC",
      record: "bench/records/light-30.json",
    },
  ],
  best: [
    {
      what: "LightNN taught by dist, in the tutorial's comparison",
      run: "student-dist",
      dataset: "cifar10",
      accuracy: 78.23,
      n: 1,
      seconds: 189,
      machine: "1 core of an AMD EPYC",
      record: "bench/records/tutorial-best.json",
    },
  ],
  "small-40": [
    {
      what: "airbench (widths 64,80,88) taught by airbench94",
      run: "student",
      dataset: "cifar10",
      accuracy: 89.23,
      augmented: { accuracy: 90.02 },
      n: 1,
      seconds: 2620,
      machine: "2 cores of an AMD EPYC",
      record: "bench/records/small-40.json",
    },
  ],
};
