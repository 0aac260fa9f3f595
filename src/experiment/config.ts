/** @file The configuration of an experiment: a schema for each command, unknown keys refused. */
import { z } from "zod";
import { defaultEngine, engineNames } from "../engine/engines.ts";
import { LimbeckError } from "../errors.ts";
import { checkModelOptions } from "../models/index.ts";
import { nothingOwn, type Own } from "../model-file/index.ts";
import { parseWith } from "../parse-with.ts";
import { isModulePath, objectiveOf, type MethodConfig } from "./names.ts";
import { checkPictures, isInTable, pictureSchema } from "./picture-config.ts";
import { withRecipe, type RecipeSettings } from "./recipes.ts";
import { checkTeachers, isOnnx, listOf, teacherSchema } from "./teacher-config.ts";
import { resolveTraining, trainingSchema } from "./training-config.ts";

const common = {
  dataset: z
    .string()
    .default("shapes")
    .describe(
      "name of the data set, shapes, cifar10 or cifar100, or the path of pictures (a folder, table, Parquet file or tar shard) or of a module",
    ),
  dataDir: z
    .string()
    .min(1)
    .optional()
    .describe("folder with the data set's files, which are otherwise downloaded once"),
  limit: z
    .int()
    .positive()
    .optional()
    .describe(
      "use only so many training and test images: the first, or, where images are ordered by class, as many of each",
    ),
  engine: z
    .enum(["auto", ...engineNames])
    .default(defaultEngine)
    .describe("the engine that computes; auto takes the faster one here"),
  threads: z
    .int()
    .positive()
    .max(256)
    .optional()
    .describe("threads of the wasm engine (default: all cores; for long trainings, all or half of them, by timing)"),
  modules: z
    .record(z.string(), z.string().regex(/^[\da-f]{64}$/, "expected a SHA-256"))
    .optional()
    .describe(
      "SHA-256 of the modules that give models, methods or the data set, by their paths; written, not to be given",
    ),
};

const trained = { ...common, ...pictureSchema, ...trainingSchema };

/** Settings that every command which trains has. */
export const trainingKeys: readonly string[] = Object.keys(trained);

const options = z.record(z.string(), z.unknown()).default({}).describe("options of the method");
const preset = z.string().optional().describe("published settings of the method, which its options override");
const ofModel = z.record(z.string(), z.unknown()).optional();
const modelOptions = ofModel.describe("options of the model's own, such as {widths: [32, 64, 64]}");
const weights = z
  .string()
  .min(1)
  .optional()
  .describe("safetensors file of weights that the training starts from; a head for other classes is initialised again");

/** Who teaches the student, and how. */
const distilled = {
  ...teacherSchema,
  assistants: listOf(z.string(), 0)
    .default([])
    .describe(
      "models, by name or a module's path, of assistants between teacher and student, each distilled from the one before",
    ),
  student: z.string().default("LightNN").describe("name of the student's model, or a module's path"),
  studentOptions: ofModel.describe("options of the student's model of its own"),
  weights,
  method: z.string().default("kd").describe("name of the distillation method, or a module's path, or several as kd+at"),
  options,
  preset,
};

const schemas = {
  /** The five runs. */
  tutorial: z
    .strictObject({
      ...trained,
      teacher: z
        .string()
        .min(1)
        .refine((path) => !isOnnx(path), "expected safetensors weights; limbeck distill takes ONNX files")
        .optional()
        .describe("safetensors file to use instead of training the teacher"),
      force: teacherSchema.force,
    })
    .check(checkFolder)
    .check(checkPictures)
    .transform(resolveTraining),
  /** One network on the labels. */
  train: z
    .strictObject({
      ...trained,
      force: teacherSchema.force,
      model: z.string().default("LightNN").describe("name of the model, or a module's path"),
      modelOptions,
      weights,
      method: z.string().default("ce").describe("name of a method without a teacher, or a module's path"),
      options,
      preset,
    })
    .check(checkFolder)
    .check(checkPictures)
    .transform(resolveTraining),
  /** One network with the help of another. */
  distill: z
    .strictObject({ ...trained, ...distilled })
    .check(checkFolder)
    .check(checkPictures)
    .check(checkTeachers)
    .transform(resolveTraining),
  /** One network on the test images. */
  evaluate: z
    .strictObject({
      ...common,
      batchSize: z.int().positive().default(128).describe("images at a time"),
      tta: trainingSchema.tta,
      dataset: z
        .string()
        .optional()
        .describe(
          "name of the data set, or the path of labelled pictures or of a module (default: what it was tested on, or shapes)",
        ),
      skipBroken: z.boolean().optional().describe("leave out pictures that cannot be read"),
      force: z.boolean().optional().describe("take a module that has changed since the weights were made"),
      model: z.string().optional().describe("name of the model, or a module's path (default: the file's, or LightNN)"),
      modelOptions,
      method: z
        .string()
        .optional()
        .describe(
          "name of the method that trained it, or a module's path, where that makes a network of its own (simkd) and the file does not say so",
        ),
      options,
      teacherModel: z
        .string()
        .optional()
        .describe("name of its teacher's model, or a module's path, for such a method"),
      teacherModelOptions: ofModel.describe("options of that model of its own"),
      weights: z.string().min(1).describe("safetensors file of the model's weights"),
    })
    .check(checkFolder),
} as const;

/** Reports a folder of files beside the data set that has none: nothing would be read from it. */
function checkFolder({
  value,
  issues,
}: z.core.ParsePayload<{ dataset?: string | undefined; dataDir?: string | undefined }>): void {
  const { dataset, dataDir } = value;
  if (dataDir === undefined || dataset === undefined || isModulePath(dataset)) return;
  if (isInTable(dataset) && dataset !== "shapes") return;
  const message =
    dataset === "shapes"
      ? "shapes is drawn and has no files; name the data set that lies in the folder as dataset"
      : "the data set is a path itself; leave the folder out";
  issues.push({ code: "custom", path: ["dataDir"], message, input: value.dataDir });
}

/**
 * The configuration with every option of its method: its own, the preset's, the defaults. Throws as `objectiveOf`, and ARGUMENT
 * for a method that needs a teacher where there is none.
 */
function resolveMethod<C extends MethodConfig>(config: C, has: { readonly teacher: boolean }, own: Own): C {
  const { method } = config;
  const objective = objectiveOf(config, own);
  if (objective.needsTeacher && !has.teacher) {
    throw new LimbeckError(
      "ARGUMENT",
      `method ${method} needs a teacher; use limbeck distill --method ${method} --teacher FILE`,
    );
  }
  return { ...config, options: objective.options };
}

/** Throws ARGUMENT for options that a model does not have, or of wrong values; UNKNOWN_NAME for a model that has options and is in no table. */
function checkNetworks(config: object, own: Own): void {
  const { model, modelOptions, student, studentOptions, teacherModel, teacherModelOptions } = config as Partial<
    Config<"train"> & Config<"distill">
  >;
  const networks = [
    [model ?? fallback.model, modelOptions],
    [student, studentOptions],
    ...[teacherModel ?? fallback.teacherModel].flat().map((name) => [name, teacherModelOptions] as const),
  ] as const;
  for (const [name, options] of networks)
    if (name !== undefined && options) checkModelOptions(own.models.get(name) ?? name, options);
}

/** What is taken where neither the configuration nor a weights file says it. */
export const fallback = { dataset: "shapes", model: "LightNN", teacherModel: "DeepNN" } as const;

export type Command = keyof typeof schemas;
/** What a person writes: everything that has a default may be left out. */
export type ConfigInput<C extends Command> = z.input<(typeof schemas)[C]>;
/** A whole configuration, defaults filled in. */
export type Config<C extends Command> = z.output<(typeof schemas)[C]>;
/** What every experiment that trains has. */
export type TrainingConfig = Pick<
  Config<"train">,
  | "dataset"
  | "dropout"
  | keyof RecipeSettings
  | "seed"
  | "warmUp"
  | "keep"
  | "tta"
  | "tested"
  | "trainAccuracy"
  | "teacherSees"
  | "teacherMemory"
  | "accumulate"
> &
  Pick<
    Partial<Config<"train">>,
    "clip" | "ema" | "quantizeEpochs" | "quantizeFor" | "validation" | "force" | "modules"
  >;

/**
 * Checks a configuration and fills in the defaults; `own` is what its paths of modules stand for. Throws CONFIG, listing every problem with
 * its path; UNKNOWN_NAME, ARGUMENT for a method, its options or preset, or a model's options.
 */
export function parseConfig<C extends Command>(command: C, value: unknown, own: Own = nothingOwn): Config<C> {
  const schema = schemas[command] as unknown as z.ZodType<Config<C>>;
  const config = parseWith(schema, withRecipe(command, value), "CONFIG", `configuration of ${command}`);
  checkNetworks(config, own);
  const isTaught = command === "distill";
  // The schemas of these two say that they name a method.
  if (isTaught || command === "train")
    return resolveMethod(config as Config<C> & MethodConfig, { teacher: isTaught }, own);
  return config;
}
