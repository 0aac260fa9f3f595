/** @file The description of an experiment: one schema a command, unknown keys refused. */
import { z } from "zod";
import { defaultEngine, engineNames } from "../engine/engines.ts";
import { parseWith } from "../parse-with.ts";
import { byMethod, byPreset, checkTeachers, force, settleMethod, taught } from "./teaching.ts";
import { settle, trainingSchema, type Settled } from "./training-config.ts";

const common = {
  dataset: z.string().default("shapes").describe("name of the data set: shapes, cifar10 or cifar100"),
  dataDir: z.string().min(1).optional().describe("folder with the data set's files; else they are downloaded once"),
  limit: z
    .int()
    .positive()
    .optional()
    .describe("use N training and N test images only: the first, or of images ordered by class as many of each"),
  engine: z.enum(engineNames).default(defaultEngine).describe("what computes"),
  threads: z.int().positive().max(256).optional().describe("threads of the wasm engine; all cores if not said"),
};

const trained = { ...common, ...trainingSchema };

/** Settings that every command which trains has. */
export const trainingKeys: readonly string[] = Object.keys(trained);

const schemas = {
  /** The five runs. */
  tutorial: z
    .strictObject({
      ...trained,
      teacher: z.string().min(1).optional().describe("safetensors file to use instead of training the teacher"),
      force,
    })
    .check(checkFolder)
    .transform(settle),
  /** One network on the labels. */
  train: z
    .strictObject({
      ...trained,
      model: z.string().default("LightNN").describe("name of the model"),
      method: z.string().default("ce").describe("name of a method without a teacher"),
      ...byMethod,
      ...byPreset,
    })
    .check(checkFolder)
    .transform(settle)
    .transform(settleMethod),
  /** One network taught by another. */
  distill: z
    .strictObject({
      ...trained,
      ...taught,
    })
    .check(checkFolder)
    .check(checkTeachers)
    .transform(settle)
    .transform(settleMethod),
  /** One network on the test images. */
  evaluate: z
    .strictObject({
      ...common,
      batchSize: z.int().positive().default(128).describe("images at a time"),
      dataset: z.string().optional().describe("name of the data set: the file's if not said, or shapes"),
      model: z.string().optional().describe("name of the model: the file's if not said, or LightNN"),
      method: z
        .string()
        .optional()
        .describe(
          "name of the method that made the network, if it makes one of its own, simkd, and the file does not say so",
        ),
      ...byMethod,
      teacherModel: z.string().optional().describe("name of the model that taught it, for such a method"),
      weights: z.string().min(1).describe("safetensors file of the model's weights"),
    })
    .check(checkFolder),
} as const;

/** Reports a folder of files beside the data set that has none: nothing would be read from it. */
function checkFolder({
  value,
  issues,
}: z.core.ParsePayload<{ dataset?: string | undefined; dataDir?: string | undefined }>): void {
  if (value.dataset !== "shapes" || value.dataDir === undefined) return;
  const message = "shapes is drawn and has no files; name the data set that lies in the folder as dataset";
  issues.push({ code: "custom", path: ["dataDir"], message, input: value.dataDir });
}

/** What is taken where neither the configuration nor a weights file says it. */
export const unsaid = { dataset: "shapes", model: "LightNN", teacherModel: "DeepNN" } as const;

export type Command = keyof typeof schemas;
/** What a person writes: everything that has a default may be left out. */
export type ConfigInput<C extends Command> = z.input<(typeof schemas)[C]>;
/** A whole configuration, defaults filled in. */
export type Config<C extends Command> = z.output<(typeof schemas)[C]>;
/** What every experiment that trains has. */
export type TrainingConfig = Pick<
  Config<"train">,
  "dataset" | "dropout" | keyof Settled | "seed" | "warmUp" | "keep" | "teacherMemory"
> &
  Pick<Partial<Config<"train">>, "clip" | "ema" | "validation"> &
  Pick<Partial<Config<"distill">>, "force">;

/** Checks a description and fills in the defaults. Throws CONFIG, listing every problem with its path; UNKNOWN_NAME, ARGUMENT for a method, its options or preset. */
export function parseConfig<C extends Command>(command: C, value: unknown): Config<C> {
  return parseWith(schemas[command] as unknown as z.ZodType<Config<C>>, value, "CONFIG", `configuration of ${command}`);
}
