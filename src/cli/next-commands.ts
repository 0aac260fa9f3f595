/** @file Commands that are worth trying after another: with every setting of it that a fair comparison needs. */
import { isDeepStrictEqual } from "node:util";
import { parseConfig, trainingKeys, type Command, type Config } from "../experiment/config.ts";
import type { TrainingCommand } from "../experiment/node/resolve-config.ts";
import { recipes, type Recipe } from "../experiment/recipes.ts";
import { isModulePath, isPictures } from "../experiment/settings/values.ts";
import { nothingOwn, type Own } from "../model-file/index.ts";
import { shellWords } from "../shell-words.ts";
import { calledAs, commandLine } from "./command-line.ts";
import type { ProposedStudent } from "./proposed-student.ts";

/** How a network was trained and on what, whatever its teacher. */
function training(config: Config<TrainingCommand>): Record<string, unknown> {
  const settings = Object.entries(config).filter(([name]) => trainingKeys.includes(name));
  const { momentumGap: _, ...optimiserOptions } = config.optimiserOptions; // Apart from a teacher's gradient.
  return { ...Object.fromEntries(settings), optimiserOptions };
}

/** A configuration, and what the modules give that it names. */
interface Configured {
  readonly config: Config<TrainingCommand>;
  readonly own: Own;
}

/** `limbeck train`: the network of another run, trained alike on the labels alone, from the same first weights. */
export function trainCommand({ config, own }: Configured, model: string): string {
  const { weights } = "weights" in config ? config : {};
  const modelOptions = "studentOptions" in config ? config.studentOptions : undefined;
  const { teacherSees: _, teacherMemory: __, ...settings } = training(config);
  const alike = parseConfig(
    "train",
    { ...settings, model, ...(modelOptions && { modelOptions }), ...(weights !== undefined && { weights }) },
    own,
  );
  return commandLine(calledAs("train"), shortest("train", alike, { keep: ["model", "dataset"], own }));
}

/** `limbeck distill`: a student with these weights as its teacher, trained alike. */
export function distillCommand(
  { config, own }: Configured,
  teacher: { readonly teacher: string; readonly teacherModel: string },
  student: ProposedStudent,
): string {
  // Names of the teacher's parameters may be no names of the student's.
  const { parameterGroups: _, freeze: __, ...settings } = studentsTraining(config);
  const alike = parseConfig("distill", { ...settings, ...teacher, ...student }, own);
  const keep = ["teacher", "teacherModel", "dataset"];
  return commandLine(calledAs("distill"), shortest("distill", alike, { keep, own }));
}

/** How students of a network are trained: as it was, or by the recipe that its own names for them. */
function studentsTraining(config: Config<TrainingCommand>): Record<string, unknown> {
  const { settings, students }: Recipe = recipes[config.recipe];
  if (students === undefined) {
    const { teacherSees, ...others } = training(config);
    // Nobody chose what a teacher sees where there was none.
    return "model" in config ? others : { ...others, teacherSees };
  }
  const own = new Set([...Object.keys(settings(config)), "dropout", "warmUp", "clip", "ema", "teacherSees", "tta"]);
  const others = Object.entries(training(config)).filter(([name]) => !own.has(name));
  return { ...Object.fromEntries(others), recipe: students };
}

/** `limbeck tutorial`: the same with these settings in place of its own. */
export function tutorialCommand(config: Config<TrainingCommand>, changes: Readonly<Record<string, unknown>>): string {
  const settings = shortest("tutorial", config as Config<"tutorial">);
  return commandLine(calledAs("tutorial"), { ...settings, ...changes });
}

/** `limbeck evaluate`: a weights file on the images that it was tested on, as it was. It says which those are, and which network it holds, but for modules. */
export function evaluateCommand(
  weights: string,
  { dataset, dataDir, limit, engine, tta }: Config<TrainingCommand>,
  of: Readonly<Record<string, string>>,
): string {
  const modules = Object.fromEntries(Object.entries(of).filter(([, name]) => isModulePath(name)));
  // A run's folder says where its pictures are.
  const data = isPictures(dataset) ? {} : { dataset, dataDir, limit, engine };
  const {
    weights: _,
    dataset: __,
    ...settings
  } = shortest("evaluate", parseConfig("evaluate", { ...data, weights, tta }));
  return commandLine(`${calledAs("evaluate")} ${shellWords([weights])}`, {
    ...modules,
    ...settings,
    ...(isModulePath(dataset) && { dataset }),
  });
}

type Settings = Readonly<Record<string, unknown>>;

/** Settings that others take their defaults from: tried last, in this order. */
const decisive = ["schedule", "optimiser", "epochs", "dataset", "recipe"];

/** The fewest of a configuration's settings that still mean all of it; those that `keep` names stay. */
export function shortest<C extends Command>(
  command: C,
  config: Config<C>,
  { keep = [], own = nothingOwn }: { readonly keep?: readonly string[]; readonly own?: Own } = {},
): Settings {
  const isSame = (settings: Settings): boolean => {
    try {
      return isDeepStrictEqual(parseConfig(command, settings, own), config);
    } catch {
      return false;
    }
  };
  const plain = Object.keys(config).filter((name) => !decisive.includes(name));
  const order = [...plain, ...decisive].filter((name) => !keep.includes(name) && Object.hasOwn(config, name));
  return fewest(config, order, isSame);
}

/** Leaves out keys one after another, or what their values hold, as long as the rest means the same. */
function fewest(settings: Settings, order: readonly string[], isSame: (settings: Settings) => boolean): Settings {
  let left = settings;
  for (const name of order) {
    const { [name]: value, ...others } = left;
    if (isSame(others)) left = others;
    else if (isSettings(value)) {
      const around = left;
      const inner = fewest(value, Object.keys(value), (fewer) => isSame({ ...around, [name]: fewer }));
      left = { ...left, [name]: inner };
    }
  }
  return left;
}

function isSettings(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
