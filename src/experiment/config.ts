/** @file The description of an experiment: one schema a command, unknown keys refused. */
import { z } from "zod";
import { parseWith } from "../parse-with.ts";
import { byMethod, checkTeachers, taught } from "./teaching.ts";

const common = {
  dataset: z.string().default("shapes").describe("name of the data set: shapes or cifar10"),
  dataDir: z.string().min(1).optional().describe("folder with the data set's files; else they are downloaded once"),
  limit: z.int().positive().optional().describe("use only the first N training and the first N test images"),
  batchSize: z.int().positive().default(128).describe("images a step"),
  engine: z.enum(["wasm", "reference"]).default("wasm").describe("what computes"),
  threads: z.int().positive().max(256).optional().describe("threads of the wasm engine; all cores if not said"),
};

const trained = {
  ...common,
  epochs: z.int().positive().optional().describe("passes over the training images; 4 for shapes, 10 for others"),
  seed: z.int().nonnegative().default(42).describe("of initial weights, orders and dropout"),
  dropout: z.number().nonnegative().lt(1).default(0.1).describe("probability that dropout zeroes an element"),
  learningRate: z.number().positive().default(1e-3).describe("Adam's step size"),
};

const schemas = {
  /** The five runs. */
  tutorial: z
    .strictObject({
      ...trained,
      teacher: z.string().min(1).optional().describe("safetensors file to use instead of training the teacher"),
    })
    .transform(withEpochs),
  /** One network on the labels. */
  train: z
    .strictObject({
      ...trained,
      model: z.string().default("LightNN").describe("name of the model"),
      method: z.string().default("ce").describe("name of a method without a teacher"),
      ...byMethod,
    })
    .transform(withEpochs),
  /** One network taught by another. */
  distill: z
    .strictObject({
      ...trained,
      ...taught,
    })
    .check(checkTeachers)
    .transform(withEpochs),
  /** One network on the test images. */
  evaluate: z.strictObject({
    ...common,
    model: z.string().default("LightNN").describe("name of the model"),
    weights: z.string().min(1).describe("safetensors file of the model's weights"),
  }),
} as const;

export type Command = keyof typeof schemas;
/** What a person writes: everything that has a default may be left out. */
export type ConfigInput<C extends Command> = z.input<(typeof schemas)[C]>;
/** A whole configuration, defaults filled in. */
export type Config<C extends Command> = z.output<(typeof schemas)[C]>;
/** What every experiment that trains has. */
export type TrainingConfig = Pick<
  Config<"train">,
  "dataset" | "epochs" | "batchSize" | "seed" | "dropout" | "learningRate"
>;

/** Checks a description and fills in the defaults. Throws CONFIG, listing every problem with its path. */
export function parseConfig<C extends Command>(command: C, value: unknown): Config<C> {
  return parseWith(schemas[command] as unknown as z.ZodType<Config<C>>, value, "CONFIG", `configuration of ${command}`);
}

function withEpochs<C extends { readonly dataset: string; readonly epochs?: number | undefined }>(
  config: C,
): C & { readonly epochs: number } {
  return { ...config, epochs: config.epochs ?? (config.dataset === "shapes" ? 4 : 10) };
}
