/** @file A study as a person describes it: data, teachers, students, methods, recipes and seeds. Every combination of them is a run. */
import * as z from "zod/mini";
import {
  type ConfigInput,
  dataSettings,
  networkSettings,
  pictureSettings,
  type Settings,
  shapeOf,
  teacherSettings,
  trainingSettings,
} from "../experiment/settings/index.ts";

type Distilling = ConfigInput<"distill">;
type DataKey = keyof typeof dataSettings | keyof typeof pictureSettings;
type Value = Readonly<Record<string, unknown>>;
type OneOrMore<T> = T | readonly T[];

/** Settings of the data set, its name or path first; see docs/settings.md. */
export type DataDescription = { readonly dataset: string } & Partial<Pick<Distilling, Exclude<DataKey, "modules">>>;

/** A recipe by its name, and settings that override it. */
export type RecipeDescription = { readonly name?: Distilling["recipe"] } & Partial<
  Pick<Distilling, Exclude<keyof typeof trainingSettings, "recipe" | "seed">>
>;

/** A network by its name in the table, or its module. */
export interface NetworkDescription {
  readonly model: string;
  readonly options?: Value;
}

/** A teacher: files and how they are read, as `limbeck distill` takes them; or a network that the study trains first. */
export type TeacherDescription =
  | ({ readonly label?: string } & Partial<
      Pick<Distilling, Exclude<keyof typeof teacherSettings, "assistants" | "force">>
    >)
  | {
      readonly label?: string;
      readonly train: NetworkDescription & { readonly recipe?: RecipeDescription; readonly seed?: number };
    };

/**
 * A method by its name, `kd`, a combination, `kd+at`, or `{kd: {preset: "cifar", temperature: [2, 4]}}`: its options over those of a preset. Each list of
 * numbers or names is tried value by value.
 */
export type MethodDescription =
  | string
  | Readonly<Record<string, Value & { readonly preset?: OneOrMore<NonNullable<Distilling["preset"]>> }>>;

/** How the settings of each row are chosen; `8` stands for `{trials: 8}`. */
export interface TuneDescription {
  /** Settings that are tried for each row, those that are described among them; by default 9. */
  readonly trials?: number;
  /** Training images that are held out of the trials to choose by: how many, or a share; by default the recipe's, else 10%. */
  readonly validation?: number | string;
  /** One trial in n continues, with n times the epochs; 3 by default. If n is more than the number of trials, all trials have all epochs. */
  readonly halving?: number;
  /** Seeds that each trial is trained with, whose mean accuracy counts; 2 by default, since a rate that trains with one may diverge with the next. */
  readonly seeds?: number;
  /** The first of them; by default the lowest. The study's own are left out. */
  readonly seed?: number;
  /** Lowest and highest that are tried; by default a tenth and ten times of the recipe's. */
  readonly learningRate?: readonly [from: number, to: number];
  /** The same of weight decay; where the recipe has none, from 0.00001 to 0.01. */
  readonly weightDecay?: readonly [from: number, to: number];
}

/** What is compared. Everything but `teachers` has a default; networks are compared without one by `methods: "ce"`. */
export interface StudyDescription {
  /** For the table's heading. */
  readonly name?: string;
  /** By default shapes. */
  readonly data?: OneOrMore<string | DataDescription>;
  readonly teachers?: OneOrMore<string | TeacherDescription>;
  /** By default LightNN. */
  readonly students?: OneOrMore<string | NetworkDescription>;
  /** By default kd. The student alone is always trained, too. */
  readonly methods?: OneOrMore<MethodDescription>;
  readonly recipe?: OneOrMore<RecipeDescription>;
  /** Any other settings of a recipe, each with the values to try: `{learningRate: [0.01, 0.001]}`. */
  readonly grid?: Readonly<Record<string, readonly unknown[]>>;
  /** Chooses the settings of each row, the student alone among them, on validation images, with the same number of trials; by default none are tried. */
  readonly tune?: number | TuneDescription;
  /** How many, from 1 on, or which; by default 1. `"1-3"` in a file. */
  readonly seeds?: number | string | readonly number[];
  /** Use a teacher that does no better than guessing, or was trained on other data. */
  readonly force?: boolean;
  /** Write losses, the learning rate and accuracies of each run for TensorBoard. */
  readonly tensorboard?: boolean;
}

/** The same, typed: `export default defineStudy({ teachers: "big.onnx", methods: ["kd", "dist"], seeds: 3 })`. */
export function defineStudy(description: StudyDescription): StudyDescription {
  return description;
}

/** The schemas of settings, none of which has to be given; a run's own configuration fills in the defaults. */
function partial(rows: Settings): Record<string, z.ZodMiniType> {
  return Object.fromEntries(
    Object.entries(shapeOf(rows)).map(([name, schema]) => [name, z.optional(withoutDefault(schema))]),
  );
}

function withoutDefault(schema: z.ZodMiniType): z.ZodMiniType {
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  return def.type === "default" ? (def.innerType as z.ZodMiniType) : schema;
}

function oneOrMore<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.union([schema, z.array(schema).check(z.minLength(1))]);
}

const { modules: _, dataset: __, ...data } = { ...dataSettings, ...pictureSettings };
const { recipe, seed, ...training } = trainingSettings;
const { assistants: ___, force, ...teaching } = teacherSettings;
const text = z.string().check(z.minLength(1));
const values = z.record(text, z.unknown());
const aRecipe = z.strictObject({
  name: z.optional(withoutDefault(recipe.schema)),
  ...partial(training),
});
const options = z.catchall(z.object({ preset: z.optional(oneOrMore(networkSettings.preset.schema)) }), z.unknown());
const network = { model: text, options: z.optional(values) };
const label = z.optional(text);

const trials = z.int().check(z.gte(2), z.lte(10_000));
const range = z
  .tuple([z.number().check(z.positive()), z.number().check(z.positive())])
  .check(z.refine(([from, to]) => from < to, { message: "the lower end should come first: [0.001, 0.1]" }));
const tune = z.strictObject({
  trials: z.optional(trials),
  validation: training.validation.schema,
  halving: z.optional(z.number().check(z.gte(2))),
  seeds: z.optional(z.int().check(z.positive(), z.lte(100))),
  seed: z.optional(withoutDefault(seed.schema)),
  learningRate: z.optional(range),
  weightDecay: z.optional(range),
});

/** NOTE: `z.input` of it is wider than `StudyDescription`, which is what people are shown. */
export const studySchema = z.strictObject({
  name: label,
  data: z.optional(oneOrMore(z.union([text, z.strictObject({ dataset: text, ...partial(data) })]))),
  teachers: z.optional(
    oneOrMore(
      z.union([
        text,
        z.strictObject({
          label,
          train: z.strictObject({
            ...network,
            recipe: z.optional(aRecipe),
            seed: z.optional(withoutDefault(seed.schema)),
          }),
        }),
        z.strictObject({ label, ...partial(teaching) }),
      ]),
    ),
  ),
  students: z.optional(oneOrMore(z.union([text, z.strictObject(network)]))),
  methods: z.optional(oneOrMore(z.union([text, z.record(text, options)]))),
  recipe: z.optional(oneOrMore(aRecipe)),
  grid: z.optional(
    z.strictObject(
      Object.fromEntries(
        Object.keys(training).map((name) => [name, z.optional(z.array(z.unknown()).check(z.minLength(1)))]),
      ),
    ),
  ),
  tune: z.optional(z.union([trials, tune])),
  seeds: z.optional(z.union([networkSettings.seeds.schema, text])),
  force: force.schema,
  tensorboard: z.optional(networkSettings.tensorboard.schema),
});

/** The JSON Schema of a study's file, for editors. */
export function studyJsonSchema(): unknown {
  return z.toJSONSchema(studySchema, { io: "input", unrepresentable: "any" });
}
