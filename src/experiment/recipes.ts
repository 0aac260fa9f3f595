/** @file Recipes: what published trainings agree on. Settings of a configuration override those of its recipe. */
import { augmentOptions, type AugmentOptions } from "../data/augment-options.ts";
import type { MethodName } from "../distill/index.ts";
import type { ModelName } from "../models/index.ts";
import type { Freeze } from "../optim/index.ts";
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
  readonly batchSize?: number | undefined;
}

/** A teacher, its student alone, and the same student taught in several ways. The recipe's settings are the students'. */
export interface Comparison {
  /** How the teacher is trained, as `limbeck train` would: for no more epochs than its students. */
  readonly teacher: {
    readonly recipe: "airbench94" | "airbench93";
    readonly model: ModelName;
    readonly modelOptions?: Readonly<Record<string, unknown>>;
    readonly epochs: number;
    /** Fewer where that were more than a 32nd of the images. */
    readonly batchSize: number;
  };
  readonly student: ModelName;
  readonly methods: readonly MethodName[];
}

export interface Recipe {
  /** One line for people. */
  readonly summary: string;
  settings(input: RecipeInput): RecipeSettings;
  /** What else it sets of a command's settings, its network and method say, where they are not given. */
  readonly also?: { readonly [Command in "train" | "distill" | "tutorial"]?: Readonly<Record<string, unknown>> };
  /** What it sets besides for `limbeck tutorial` on the embedded images, so that a first look takes seconds. */
  readonly firstLook?: Readonly<Record<string, unknown>>;
  /** What `limbeck tutorial` compares by it, in place of PyTorch's five runs. */
  readonly comparison?: Comparison;
  /** The recipe for students of a network that it trains, where its own is not for those. */
  readonly students?: string;
}

/** Networks that HobbitLong/RepDistiller starts at a lower learning rate. */
const startLower: ReadonlySet<string> = new Set(["MobileNetV2", "ShuffleV1", "ShuffleV2"]);

/**
 * airbench's settings, for losses that are means over the batch, where its own are sums; norms' biases decay as slowly as all else.
 * https://github.com/KellerJordan/cifar10-airbench
 */
function airbench(ownEpochs: number): Recipe["settings"] {
  return ({ epochs = ownEpochs, batchSize = 1024 }) => {
    const momentum = 0.85;
    // The published rate is for 1024 images, and free of what Nesterov's momentum makes of a step.
    const learningRate = (11.5 * batchSize) / 1024 / (1 + 1 / (1 - momentum));
    const weightDecay = 0.0153 / 11.5;
    const biasFactor = 64;
    return {
      ...plain,
      epochs,
      batchSize,
      dropLast: true,
      learningRate,
      optimiser: "sgd",
      optimiserOptions: { momentum, nesterov: true, weightDecay },
      parameterGroups: [
        { parameters: "*norm*.bias", learningRateFactor: biasFactor, weightDecay: weightDecay / biasFactor },
      ],
      schedule: "piecewise",
      scheduleOptions: { at: [0, 0.23, 1], factors: [0.2, 1, 0.07] },
      freeze: [{ parameters: "0.bias", afterEpochs: 3 }],
      lookahead: 5,
      labelSmoothing: 0.2,
      augment: augmentOptions.parse({ crop: { padding: 2 }, flip: { alternating: true } }),
    };
  };
}

/** How fast Muon is, for filters, and the factor for all other parameters. */
interface MuonRates {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly othersFactor: number;
}

/**
 * A small student's short training by Muon: the learning rate rises for a quarter of it, and falls in a straight line. Chosen on validation
 * images, bench/records/light-validation.json.
 */
function light(ownEpochs: number, { batchSize: ownBatch, learningRate, othersFactor }: MuonRates): Recipe["settings"] {
  return ({ epochs = ownEpochs, batchSize = ownBatch, model = "LightNN" }) => ({
    ...plain,
    epochs,
    batchSize,
    learningRate,
    optimiser: "muon",
    // LightNN's hidden layer; other networks' filters are what counts.
    optimiserOptions: { othersFactor, matrices: model === "LightNN" ? ["classifier.0.weight"] : [] },
    schedule: "piecewise",
    scheduleOptions: { at: [0, 0.25, 1], factors: [0.04, 1, 0.002] },
    augment: augmentOptions.parse({ crop: { padding: 2 }, flip: {} }),
  });
}

const forLightNN = { batchSize: 64, learningRate: 0.01, othersFactor: 0.3 } as const;

/** Taught by the relations of the teacher's predictions, which are kept: the mean of both sides of each image. */
const byRelations = { method: "dist", options: { temperature: 8 }, teacherViews: "mean" } as const;

const lightNetworks = {
  train: { model: "LightNN", dropout: 0 },
  distill: { student: "LightNN", dropout: 0, ...byRelations },
} as const satisfies Recipe["also"];

/** 288,792 parameters, and half as many multiplications again as 32, 96, 96. */
const smallWidths = { widths: [64, 80, 88] } as const;

/** Every recipe by name. */
export const recipes = {
  tutorial: {
    summary: "PyTorch's tutorial: Adam 0.001, batches of 128, 10 epochs (4 of shapes)",
    // Over ten seeds (42 to 51): teacher 71.8 %, student alone 64.1 %, soft targets 63.7 %, cosine loss 60.2 %, regressor 65.3 %.
    firstLook: { limit: 2400, epochs: 2, batchSize: 16 },
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
  airbench94: {
    summary:
      "a strong teacher by few steps: airbench94 as published in 2024 (94 % of CIFAR-10 there), Nesterov SGD on batches of 1024, norms' biases 64 times as fast, lookahead, tested by six views too, 9.9 epochs",
    settings: airbench(9.9),
    also: { train: { model: "airbench94", tta: "flip+shift" }, distill: { student: "airbench94" } },
    students: "light-10",
  },
  airbench93: {
    summary: "the same for the network half as wide (93 % of CIFAR-10 as published), 11 epochs",
    settings: airbench(11),
    also: { train: { model: "airbench93", tta: "flip+shift" }, distill: { student: "airbench93" } },
    students: "light-10",
  },
  "light-10": {
    summary:
      "the best we know for LightNN in 10 epochs: Muon 0.01, up and down in straight lines, batches of 64, shifts by 2 pixels and flips, no dropout; taught by dist, the teacher's outputs kept",
    settings: light(10, forLightNN),
    also: lightNetworks,
  },
  "light-30": {
    summary: "the same in 30 epochs",
    settings: light(30, forLightNN),
    also: lightNetworks,
  },
  best: {
    summary:
      "light-10, and as a tutorial the comparison with the best we know: a small airbench network in 10 epochs (or as few as its students) teaches LightNN in three ways; options are the students'",
    settings: light(10, forLightNN),
    also: { ...lightNetworks, tutorial: { dropout: 0, teacherViews: "mean" } },
    comparison: {
      teacher: {
        recipe: "airbench93",
        model: "airbench_small",
        modelOptions: { widths: [32, 128, 128] },
        epochs: 10,
        batchSize: 1024,
      },
      student: "LightNN",
      methods: ["kd", "dkd", "dist"],
    },
  },
  "small-40": {
    summary:
      "the best we know of up to 300,000 parameters: an airbench network in 40 epochs: Muon 0.02, up and down in straight lines, batches of 128, shifts by 2 pixels and alternating flips; taught by dist, the teacher's outputs kept, tested by six views too",
    settings: (input) => ({
      ...light(40, { batchSize: 128, learningRate: 0.02, othersFactor: 0.15 })(input),
      augment: augmentOptions.parse({ crop: { padding: 2 }, flip: { alternating: true } }),
    }),
    also: {
      train: { model: "airbench_small", modelOptions: smallWidths, tta: "flip+shift" },
      distill: { student: "airbench_small", studentOptions: smallWidths, tta: "flip+shift", ...byRelations },
    },
    students: "light-10",
  },
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof recipes;

/** What belongs to what another setting names: a recipe's goes with its own only. */
const belongs = { modelOptions: "model", studentOptions: "student", options: "method", preset: "method" } as const;

/** Settings of a command with what else their recipe sets, where they do not say it. What is no settings, or of no recipe, stays as it is. */
export function withRecipe(command: string, settings: unknown): unknown {
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) return settings;
  const given = settings as Readonly<Record<string, unknown>>;
  const { recipe: name = "tutorial", dataset = "shapes" } = given;
  if (typeof name !== "string" || !Object.hasOwn(recipes, name)) return settings;
  const { also = {}, firstLook }: Recipe = recipes[name as RecipeName];
  const isFirstLook = command === "tutorial" && dataset === "shapes";
  const others = { ...(also as Readonly<Record<string, object>>)[command], ...(isFirstLook && firstLook) };
  const set = Object.entries(others).filter(([key]) => {
    const owner = Object.hasOwn(belongs, key) ? belongs[key as keyof typeof belongs] : key;
    return given[owner] === undefined && given[key] === undefined;
  });
  return { ...Object.fromEntries(set), ...given };
}
