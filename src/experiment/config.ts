/** @file The configuration of an experiment: a schema for each command, unknown keys refused. */
import * as z from "zod/mini";
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
  /** Name of the data set, shapes, cifar10 or cifar100, or the path of pictures (a folder, table, Parquet file or tar shard) or of a module. */
  dataset: z._default(z.string(), "shapes"),
  /** Folder with the data set's files, which are otherwise downloaded once. */
  dataDir: z.optional(z.string().check(z.minLength(1))),
  /** Use only so many training and test images: the first, or, where images are ordered by class, as many of each. */
  limit: z.optional(z.int().check(z.positive())),
  /** The engine that computes; auto takes the faster one here. */
  engine: z._default(z.enum(["auto", ...engineNames]), defaultEngine),
  /** Threads of the wasm engine (default: all cores; for long trainings, all or half of them, by timing). */
  threads: z.optional(z.int().check(z.positive(), z.lte(256))),
  /** SHA-256 of the modules that give models, methods or the data set, by their paths; written, not to be given. */
  modules: z.optional(z.record(z.string(), z.string().check(z.regex(/^[\da-f]{64}$/, "expected a SHA-256")))),
};

const trained = { ...common, ...pictureSchema, ...trainingSchema };

/** Settings that every command which trains has. */
export const trainingKeys: readonly string[] = Object.keys(trained);

/** Options of the method. */
const options = z._default(z.record(z.string(), z.unknown()), {});
/** Published settings of the method, which its options override. */
const preset = z.optional(z.string());
const ofModel = z.optional(z.record(z.string(), z.unknown()));
/** Options of the model's own, such as {widths: [32, 64, 64]}. */
const modelOptions = ofModel;
/** Safetensors file of weights that the training starts from, or the folder of a run; a head for other classes is initialised again. */
const weights = z.optional(z.string().check(z.minLength(1)));

/** Who teaches the student, and how. */
const distilled = {
  ...teacherSchema,
  /** Models, by name or a module's path, of assistants between teacher and student, each distilled from the one before. */
  assistants: z._default(listOf(z.string(), 0), []),
  /** Name of the student's model, or a module's path. */
  student: z._default(z.string(), "LightNN"),
  /** Options of the student's model of its own. */
  studentOptions: ofModel,
  weights,
  /** Name of the distillation method, or a module's path, or several as kd+at. */
  method: z._default(z.string(), "kd"),
  options,
  preset,
};

const schemas = {
  /** The five runs. */
  tutorial: z.pipe(
    z
      .strictObject({
        ...trained,
        /** Safetensors file, or the folder of a run, to use instead of training the teacher. */
        teacher: z.optional(
          z.string().check(
            z.minLength(1),
            z.refine((path) => !isOnnx(path), "expected safetensors weights; limbeck distill takes ONNX files"),
          ),
        ),
        force: teacherSchema.force,
      })
      .check(checkFolder, checkPictures),
    z.transform(resolveTraining),
  ),
  /** One network on the labels. */
  train: z.pipe(
    z
      .strictObject({
        ...trained,
        force: teacherSchema.force,
        /** Name of the model, or a module's path. */
        model: z._default(z.string(), "LightNN"),
        modelOptions,
        weights,
        /** Name of a method without a teacher, or a module's path. */
        method: z._default(z.string(), "ce"),
        options,
        preset,
      })
      .check(checkFolder, checkPictures),
    z.transform(resolveTraining),
  ),
  /** One network with the help of another. */
  distill: z.pipe(
    z.strictObject({ ...trained, ...distilled }).check(checkFolder, checkPictures, checkTeachers),
    z.transform(resolveTraining),
  ),
  /** One network on the test images. */
  evaluate: z
    .strictObject({
      ...common,
      /** Images at a time. */
      batchSize: z._default(z.int().check(z.positive()), 128),
      tta: trainingSchema.tta,
      /** Name of the data set, or the path of labelled pictures or of a module (default: what it was tested on, or shapes). */
      dataset: z.optional(z.string()),
      /** Leave out pictures that cannot be read. */
      skipBroken: z.optional(z.boolean()),
      /** Take a module that has changed since the weights were made. */
      force: z.optional(z.boolean()),
      /** Name of the model, or a module's path (default: the file's, or LightNN). */
      model: z.optional(z.string()),
      modelOptions,
      /** Name of the method that trained it, or a module's path, where that makes a network of its own (simkd) and the file does not say so. */
      method: z.optional(z.string()),
      options,
      /** Name of its teacher's model, or a module's path, for such a method. */
      teacherModel: z.optional(z.string()),
      /** Options of that model of its own. */
      teacherModelOptions: ofModel,
      /** Safetensors file of the model's weights. */
      weights: z.string().check(z.minLength(1)),
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
  const schema = schemas[command] as unknown as z.ZodMiniType<Config<C>>;
  const config = parseWith(schema, withRecipe(command, value), "CONFIG", `configuration of ${command}`);
  checkNetworks(config, own);
  const isTaught = command === "distill";
  // The schemas of these two say that they name a method.
  if (isTaught || command === "train")
    return resolveMethod(config as Config<C> & MethodConfig, { teacher: isTaught }, own);
  return config;
}
