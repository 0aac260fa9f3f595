/** @file The configuration of an experiment: which settings each command has, and how they are checked together. Unknown keys are refused. */
import * as z from "zod/mini";
import { LimbeckError } from "../errors.ts";
import { alternatives, findMethod, type Objective } from "../distill/index.ts";
import { checkModelOptions, createModel, type Model, type ModelOptions } from "../models/index.ts";
import { nothingOwn, type Own } from "../model-file/index.ts";
import { parseWith } from "../parse-with.ts";
import { checkPictures, pictureSettings } from "./settings/pictures.ts";
import { withRecipe, type RecipeSettings } from "./recipes.ts";
import { dataSettings } from "./settings/data.ts";
import { networkSettings } from "./settings/network.ts";
import { jsonSchemaOf, shapeOf, type Setting, type Settings } from "./settings/setting.ts";
import { teacherSettings } from "./settings/teacher.ts";
import { trainingSettings } from "./settings/training.ts";
import { isInTable, isModulePath, path } from "./settings/values.ts";
import { checkTeachers } from "./teacher-config.ts";
import { resolveTraining } from "./resolve.ts";

const training = { ...dataSettings, ...pictureSettings, ...trainingSettings };
const { force, teacher, teacherModel } = teacherSettings;
const {
  model,
  modelOptions,
  student,
  studentOptions,
  weights,
  method,
  preset,
  options,
  baseline,
  seeds,
  extendable,
  tensorboard,
} = networkSettings;

/** A setting that is this command's in another way. */
function but<Base extends Setting, Other extends Partial<Setting>>(
  base: Base,
  other: Other,
): Omit<Base, keyof Other> & Other {
  return { ...base, ...other };
}

/** The settings of each command, in the order in which files and printed commands have them. */
export const commandSettings = {
  /** The five runs. */
  tutorial: {
    ...training,
    tensorboard,
    teacher: but(teacher, {
      schema: z.optional(z.string().check(z.minLength(1))),
      help: "use this teacher instead of training one",
      details: "an ONNX file, or weights of DeepNN (of any network with --recipe best)",
      flags: [{ usage: "--teacher <file>", parse: path, isCommon: true }],
    }),
    force: but(force, {
      help: "accept a teacher that only guesses or was trained on other data",
    }),
  },
  /** One network on the labels. */
  train: {
    ...training,
    force: but(force, { help: "accept a module that has changed", group: "Student and method" }),
    model,
    modelOptions,
    weights,
    method: but(method, {
      schema: z._default(z.string(), "ce"),
      help: "ce, ls, tfkd or dml: methods without a teacher",
      details: "or a module: ./loss.ts",
      flags: [method.flags[0]],
    }),
    options: but(options, { flags: [options.flags[0]] }),
    preset,
    extendable,
    tensorboard,
  },
  /** One network with the help of another. */
  distill: {
    ...training,
    ...teacherSettings,
    student,
    studentOptions,
    weights: but(weights, {
      help: "initial weights of the student: a safetensors file or a run's folder",
    }),
    method,
    options,
    preset,
    baseline,
    seeds,
    extendable,
    tensorboard,
  },
  /** One network on the test images. */
  evaluate: {
    ...dataSettings,
    batchSize: but(trainingSettings.batchSize, {
      schema: z._default(z.int().check(z.positive()), 128),
      help: "images per batch",
      byDefault: "128",
    }),
    tta: but(trainingSettings.tta, {
      details: "reported next to the single-pass accuracy",
    }),
    dataset: but(dataSettings.dataset, {
      schema: z.optional(z.string()),
      help: "name of the data set, or the path of labelled pictures or of a module",
      byDefault: "the run's, or shapes",
    }),
    skipBroken: pictureSettings.skipBroken,
    force: but(force, { help: "accept a module that has changed since the training" }),
    model: but(model, {
      schema: z.optional(z.string()),
      help: "name of the model, or its module: ./net.ts",
      byDefault: "the file's, or LightNN",
    }),
    modelOptions,
    method: but(method, {
      schema: z.optional(z.string()),
      help: "the method that trained it, if it changes the network (simkd) and the file does not name it",
      details: "or its module",
      flags: [method.flags[0]],
    }),
    options: but(options, { help: "an option of that method; repeatable", flags: [options.flags[0]] }),
    teacherModel: but(teacherModel, {
      schema: z.optional(z.string()),
      help: "its teacher's model or module, for such a method",
      byDefault: "DeepNN",
      flags: [{ usage: "--teacher-model <name>" }],
    }),
    teacherModelOptions: teacherSettings.teacherModelOptions,
    weights: {
      schema: z.string().check(z.minLength(1)),
      group: "Student and method",
      help: "folder of a run (its student or model is used), or a safetensors file",
      flags: [],
      isPath: true,
    },
  },
} as const satisfies Readonly<Record<string, Settings>>;

/** Every setting that trains, by name. */
export const allSettings: Settings = { ...commandSettings.train, ...commandSettings.distill };

const schemas = {
  tutorial: z.pipe(
    z.strictObject(shapeOf(commandSettings.tutorial)).check(checkFolder, checkPictures),
    z.transform(resolveTraining),
  ),
  train: z.pipe(
    z.strictObject(shapeOf(commandSettings.train)).check(checkFolder, checkPictures),
    z.transform(resolveTraining),
  ),
  distill: z.pipe(
    z.strictObject(shapeOf(commandSettings.distill)).check(checkFolder, checkPictures, checkTeachers),
    z.transform(resolveTraining),
  ),
  evaluate: z.strictObject(shapeOf(commandSettings.evaluate)).check(checkFolder),
} as const;

/** The JSON Schema of a command's configuration file, for editors and other programs. */
export function configurationSchema(command: Command): unknown {
  return jsonSchemaOf(commandSettings[command]);
}

/** Settings that every command which trains has. */
export const trainingKeys: readonly string[] = Object.keys(training);

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
  if (has.teacher) {
    const [first, ...others] = objectivesOf(config, own);
    const resolved = [first, ...others].map(({ name, options }) => [name, options] as const);
    return { ...config, options: others.length === 0 ? first.options : Object.fromEntries(resolved) };
  }
  const objective = objectiveOf(config, own);
  if (objective.needsTeacher) {
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
  | "teacherViews"
  | "teacherMemory"
  | "accumulate"
  | "balance"
> &
  Pick<
    Partial<Config<"train">>,
    "clip" | "ema" | "quantizeEpochs" | "quantizeFor" | "validation" | "force" | "modules" | "extendable"
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

/** A new network of the table, or of a module. Throws as `createModel`. */
export function modelNamed(name: string, options: ModelOptions, own: Own): Model {
  return createModel(own.models.get(name) ?? name, options);
}

/** What a model of a configuration calls itself: its name of the table, or that which its module gives. */
export function partName(
  parts: ReadonlyMap<string, { readonly name: string }>,
  named: string | undefined,
): string | undefined {
  return named === undefined ? undefined : (parts.get(named)?.name ?? named);
}

/** What a configuration trains on. */
export interface MethodConfig {
  /** A name or a path, several at once as `kd+at`, or one after the other as `kd,dist`. */
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly preset?: string | undefined;
}

/** The methods as one. Throws as `combined`, UNKNOWN_NAME, and ARGUMENT for several that are to train one student each. */
export function objectiveOf(config: MethodConfig, own: Own): Objective {
  const [objective, ...others] = objectivesOf(config, own);
  if (others.length === 0) return objective;
  throw new LimbeckError("ARGUMENT", `method should be one here, or a combination as kd+at, got ${config.method}`);
}

/** An objective for each of the methods that are to train a student. Throws as `alternatives`, and UNKNOWN_NAME. */
export function objectivesOf(
  { method, options, preset }: MethodConfig,
  own: Own,
): readonly [Objective, ...Objective[]] {
  const each = method
    .split(",")
    .map((names) => names.split("+").map((name) => own.methods.get(name.trim()) ?? findMethod(name.trim())));
  return alternatives(each, options, preset) as readonly [Objective, ...Objective[]];
}
