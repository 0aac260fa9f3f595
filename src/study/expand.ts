/** @file The runs of a study: every combination of what it describes, the student alone among them, and the teachers that it trains first. */
import { LimbeckError } from "../errors.ts";
import { readSeeds, seedsOf } from "../experiment/settings/index.ts";
import type {
  DataDescription,
  MethodDescription,
  NetworkDescription,
  RecipeDescription,
  StudyDescription,
  TeacherDescription,
} from "./description.ts";

type Value = Readonly<Record<string, unknown>>;

/** A run as it is described: which command does it, with which settings. */
export interface DescribedRun {
  /** For people and for the names of folders: `kd-temperature-4-seed-2`. */
  readonly title: string;
  /** A trial is trained to choose the settings of its row, and is no part of the table. */
  readonly role: "teacher" | "alone" | "taught" | "trial";
  /** The data set, where a study has several; else empty. */
  readonly task: string;
  /** What it is compared with: the student alone with the same data, network and recipe. Empty where a study has one such comparison. */
  readonly group: string;
  /** Its line in the table, the same for all seeds. */
  readonly row: string;
  readonly seed: number;
  readonly command: "train" | "distill";
  readonly settings: Value;
  /** What its teacher is called: the title of the run that trains it, if the study does that. */
  readonly teacherTitle?: string;
}

/** One choice on an axis, and what it is called where there are several. */
interface Choice {
  readonly label: string;
  readonly settings: Value;
}

interface TeacherChoice extends Choice {
  /** How it is trained, where the study does that. */
  readonly train?: { readonly settings: Value; readonly seed: number };
}

/** Every run, teachers first, then seed by seed, so that the first comparison is there early. Throws ARGUMENT for seeds that are none, CONFIG for methods without a teacher. */
export function expandStudy(study: StudyDescription): readonly DescribedRun[] {
  const { force, tensorboard = false } = study;
  const each = { ...quick, ...(tensorboard && { tensorboard }) };
  const data = listOf(study.data ?? "shapes").map(dataChoice);
  const teachers = listOf(study.teachers ?? []).map(teacherChoice);
  const students = listOf(study.students ?? "LightNN").map(networkChoice);
  const methods = listOf(study.methods ?? "kd").flatMap(methodChoices);
  const recipes = combine(
    listOf<RecipeDescription>(study.recipe ?? {}).map(recipeChoice),
    gridChoices(study.grid ?? {}),
  );
  const taught = methods.filter(({ label }) => label !== "ce");
  if (taught.length > 0 && teachers.length === 0)
    throw new LimbeckError(
      "CONFIG",
      `the study has no teachers for ${taught.map(({ label }) => label).join(", ")}; add teachers, or compare networks that train alone with methods: ce`,
    );
  const forced = force === undefined ? {} : { force };
  const teacherTitle = (label: string, ofData: string): string =>
    named(["teacher", several(teachers, label), several(data, ofData)]);
  const runs: DescribedRun[] = [];
  for (const { label: ofData, settings: dataset } of data) {
    for (const { label, train } of teachers) {
      if (!train) continue;
      const { settings, seed } = train;
      const title = teacherTitle(label, ofData);
      runs.push({
        title,
        role: "teacher",
        task: several(data, ofData),
        group: "",
        row: title,
        seed,
        command: "train",
        settings: { ...each, ...dataset, ...settings, seed },
      });
    }
  }
  for (const seed of seedList(study.seeds)) {
    for (const { label: ofData, settings: dataset } of data) {
      for (const { label: ofStudent, settings: network } of students) {
        for (const { label: ofRecipe, settings: recipe } of recipes) {
          const task = several(data, ofData);
          const group = named([task, several(students, ofStudent), several(recipes, ofRecipe)]);
          const shared = { ...each, ...dataset, ...recipe, seed };
          const { model, options } = network as { readonly model: string; readonly options?: Value };
          const describe = (
            row: string,
            rest: Pick<DescribedRun, "role" | "command" | "settings" | "teacherTitle">,
          ): void => void runs.push({ title: named([row, group, `seed ${seed}`]), task, group, row, seed, ...rest });
          describe("student alone", {
            role: "alone",
            command: "train",
            settings: { ...shared, model, ...(options && { modelOptions: options }) },
          });
          for (const teacher of teachers) {
            for (const method of taught) {
              describe(named([method.label, several(teachers, teacher.label)]), {
                role: "taught",
                command: "distill",
                settings: {
                  ...shared,
                  ...forced,
                  ...teacher.settings,
                  ...method.settings,
                  student: model,
                  ...(options && { studentOptions: options }),
                  baseline: false,
                },
                teacherTitle: teacherTitle(teacher.label, ofData),
              });
            }
          }
        }
      }
    }
  }
  return runs;
}

/** Networks are not timed: other runs may have the machine meanwhile. */
const quick = { latency: false } as const;

/** The seeds of a study, from 1 on. Throws ARGUMENT. */
export function seedList(seeds: StudyDescription["seeds"] = 1): readonly number[] {
  return seedsOf({ seed: 1, seeds: typeof seeds === "string" ? readSeeds(seeds) : seeds });
}

function dataChoice(data: string | DataDescription): Choice {
  return typeof data === "string"
    ? { label: data, settings: { dataset: data } }
    : { label: labelOf(data), settings: { ...data } };
}

function networkChoice(network: string | NetworkDescription): Choice {
  return typeof network === "string"
    ? { label: network, settings: { model: network } }
    : { label: named([network.model, labelOf(network.options ?? {})]), settings: { ...network } };
}

function recipeChoice({ name, ...settings }: RecipeDescription): Choice {
  const all = { ...(name !== undefined && { recipe: name }), ...settings };
  return { label: labelOf(all), settings: all };
}

function teacherChoice(teacher: string | TeacherDescription): TeacherChoice {
  if (typeof teacher === "string") return { label: teacher, settings: { teacher: [teacher] } };
  if (!("train" in teacher)) {
    const { label, ...settings } = teacher;
    return { label: label ?? labelOf(settings), settings };
  }
  const { label, train } = teacher;
  const { model, options, recipe = {}, seed = 1 } = train;
  const settings = { model, ...(options && { modelOptions: options }), ...recipeChoice(recipe).settings };
  return {
    label: label ?? named([model, labelOf(options ?? {}), labelOf(recipe)]),
    settings: {},
    train: { settings, seed },
  };
}

/** A method with each combination of its options' values. */
function methodChoices(method: MethodDescription): readonly Choice[] {
  if (typeof method === "string") return [{ label: method, settings: { method } }];
  return Object.entries(method).flatMap(([name, options]) => {
    const axes = Object.entries(options).map(([option, value]) =>
      (isAxis(value) ? value : [value]).map((each): Choice => ({
        label: labelOf({ [option]: each }),
        settings: { [option]: each },
      })),
    );
    const all = axes.reduce((before, axis) => combine(before, axis), [
      { label: "", settings: {} },
    ] as readonly Choice[]);
    return all.map(({ label, settings: { preset, ...options } }): Choice => ({
      label: named([name, label]),
      settings: { method: name, ...(preset !== undefined && { preset }), options },
    }));
  });
}

/** Whether a list is one of values to try: lists of objects, `pairs`, are one value. */
function isAxis(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.every((each) => typeof each !== "object");
}

function gridChoices(grid: Readonly<Record<string, readonly unknown[]>>): readonly Choice[] {
  return Object.entries(grid).reduce<readonly Choice[]>(
    (before, [name, values]) =>
      combine(
        before,
        values.map((value) => ({ label: labelOf({ [name]: value }), settings: { [name]: value } })),
      ),
    [{ label: "", settings: {} }],
  );
}

function combine(each: readonly Choice[], others: readonly Choice[]): readonly Choice[] {
  return each.flatMap((a) =>
    others.map((b) => ({ label: named([a.label, b.label]), settings: { ...a.settings, ...b.settings } })),
  );
}

/** `temperature=4, epochs=10` */
function labelOf(settings: object): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(", ");
}

function named(parts: readonly string[]): string {
  return parts.filter(Boolean).join(", ");
}

/** The label, where there are several to tell apart. */
function several(choices: readonly Choice[], label: string): string {
  return choices.length > 1 ? label : "";
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
