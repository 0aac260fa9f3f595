/** @file Commands that are worth trying after another, with every setting of it that a fair comparison needs, and the student to propose. */
import { isDeepStrictEqual } from "node:util";
import {
  type Command,
  type Config,
  type ConfigInput,
  isModulePath,
  isPictures,
  parseConfig,
  type Recipe,
  recipes,
  trainingKeys,
} from "../experiment/settings/index.ts";
import type { TrainingCommand } from "../experiment/node/index.ts";
import { nothingOwn, type Own } from "../model-file/index.ts";
import { shellWords } from "../shell-words.ts";
import { calledAs, commandLine } from "./command-line.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import { LimbeckError } from "../errors.ts";
import { isAtChance, isGuessing, type RunRecord } from "../experiment/index.ts";
import { createModel, type Model, type ModelName, type ModelOptions } from "../models/index.ts";
import { countMultiplyAdds, countParameters } from "../nn/index.ts";

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

/** `limbeck distill`: the same with three seeds, and beside the student alone. */
export function overSeedsCommand({ config, own }: Configured): string {
  const { baseline: _, seeds: __, ...settings } = config as Config<"distill">;
  const alike = parseConfig("distill", { ...settings, seeds: 3 }, own);
  const keep = ["teacher", "teacherModel", "dataset"];
  return commandLine(calledAs("distill"), shortest("distill", alike, { keep, own }));
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
    const { teacherViews, ...others } = training(config);
    // Nobody chose what a teacher sees where there was none.
    return "model" in config ? others : { ...others, teacherViews };
  }
  const own = new Set([...Object.keys(settings(config)), "dropout", "warmUp", "clip", "ema", "teacherViews", "tta"]);
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
  const parsed = (settings: Settings): Settings | undefined => {
    try {
      return parseConfig(command, settings, own);
    } catch {
      return undefined;
    }
  };
  const isSame = (settings: Settings): boolean => isDeepStrictEqual(parsed(settings), config);
  const whole: Settings = config;
  const picked = (isPicked: (name: string) => boolean): Settings =>
    Object.fromEntries(Object.entries(whole).filter(([name]) => isPicked(name)));
  const stays = (name: string): boolean => keep.includes(name) || decisive.includes(name);
  // What differs from its default at first sight; the whole where that means something else.
  const defaults = parsed(picked(stays)) ?? {};
  const differing = picked((name) => stays(name) || !isDeepStrictEqual(defaults[name], whole[name]));
  const start = isSame(differing) ? differing : whole;
  const names = Object.keys(start);
  const plain = names.filter((name) => !decisive.includes(name));
  const order = [...plain, ...decisive].filter((name) => !keep.includes(name) && Object.hasOwn(start, name));
  return fewest(start, order, isSame);
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

/** A student's network, as a configuration names it. */
export type ProposedStudent = Pick<ConfigInput<"distill">, "student" | "studentOptions">;

/** From the largest down. */
const students: readonly { readonly name: ModelName; readonly options?: ModelOptions["options"] }[] = [
  { name: "LightNN" },
  { name: "resnet8" },
  { name: "resnet8", options: { widths: [8, 8, 16, 32] } },
];

/**
 * The first of some networks that has fewer parameters and needs fewer multiply-adds than the one that was trained; `undefined` where
 * there is none, or where that one has nothing to teach: it does little better than guessing.
 */
export function proposedStudent(
  { parameters, multiplyAdds = Infinity, test }: Pick<RunRecord, "parameters" | "multiplyAdds" | "test">,
  { classes, shape, test: { labels } }: Pick<Dataset, "classes" | "shape"> & { readonly test: Pick<Split, "labels"> },
): ProposedStudent | undefined {
  if (isGuessing(test) || isAtChance(test.predictions, labels)) return undefined;
  const smaller = students.find(({ name, options }) => {
    const model = createdFor(name, { classes: classes.length, inputShape: shape, options });
    return (
      model &&
      countParameters(model.module) < parameters &&
      countMultiplyAdds(model.module, model.inputShape) < multiplyAdds
    );
  });
  return smaller && { student: smaller.name, studentOptions: smaller.options };
}

/** `undefined` for a network that takes no images of this size. */
function createdFor(name: ModelName, options: ModelOptions): Model | undefined {
  try {
    return createModel(name, options);
  } catch (error) {
    if (error instanceof LimbeckError) return undefined;
    throw error;
  }
}
