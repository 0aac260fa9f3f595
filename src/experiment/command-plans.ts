/** @file The runs of each command that trains: `tutorial`, `train` and `distill`. */
import { findMethod, objective, withoutLabels, type MethodName, type Objective } from "../distill/index.ts";
import { nothingOwn, type ModelFile, type Own } from "../model-file/index.ts";
import { createModel, nameWithOptions, type ImageShape, type Model, type ModelOptions } from "../models/index.ts";
import { reachesLogits, usesTeacherClasses } from "../train/index.ts";
import { learner } from "../distill/learner.ts";
import { mayBeWrong } from "./check-teacher.ts";
import { parseConfig, type Config, type TrainingConfig, modelNamed, objectiveOf, objectivesOf } from "./config.ts";
import { seedsOf } from "./settings/network.ts";
import { LimbeckError } from "../errors.ts";
import { planTraining, type PlanOptions, type RunPlan } from "./plan.ts";
import { planPretrained, startFrom, type StartingWeights } from "./starting.ts";
import { checkNeedsNoLabels } from "./checks.ts";
import { planTeachers, type ExperimentTeacher, type Teaching } from "./teacher-plans.ts";
import type { OtherClasses } from "../teachers/index.ts";
import { recipes, type Comparison, type Recipe, type RecipeSettings } from "./recipes.ts";
import { refusedClasses, type TeacherWeightsFile } from "./teacher-classes.ts";

/** What a training needs to know of its data. */
export interface DataSize {
  readonly classes: number;
  /** Of an image: what the networks are made for. */
  readonly shape: ImageShape;
  /** For training. */
  readonly images: number;
  /** Whether nobody knows their labels, so that no loss may use them. */
  readonly isUnlabelled?: boolean;
}

/**
 * The five runs of the tutorial, or of its recipe's comparison. `teacher` takes the place of training one. Throws ARGUMENT,
 * WEIGHTS if it does not fit.
 */
export function tutorialPlans(
  config: Config<"tutorial">,
  data: DataSize,
  teacher?: ExperimentTeacher | { readonly file: TeacherWeightsFile },
): RunPlan[] {
  const { comparison }: Recipe = recipes[config.recipe];
  const external =
    teacher && "query" in teacher && !teacher.file
      ? teachTutorial(config, data, teacher, comparison ?? pytorch)
      : undefined;
  const plans = comparison
    ? comparisonPlans(config, comparison, data, teacher?.file, external)
    : pytorchPlans(config, data, teacher?.file, external);
  if (!external) return plans;
  const { notes, externalTeacher, values: teacherValues } = external;
  const taught = plans.map((plan) =>
    plan.learner.teacher === external.teacher ? { ...plan, teacherValues, externalTeacher } : plan,
  );
  return [...external.plans, ...taught.map((plan, i) => (i === 0 ? { ...plan, notes } : plan))];
}

/** The network and the methods of PyTorch's tutorial. */
const pytorch = { student: "LightNN", methods: ["kd", "cosine", "regressor"] } as const;

/** An external teacher of the tutorial's students. Throws ARGUMENT for one of other classes, or that the methods cannot compare. */
function teachTutorial(
  config: Config<"tutorial">,
  data: DataSize,
  external: ExperimentTeacher,
  { student: name, methods: names }: Pick<Comparison, "student" | "methods">,
): Teaching {
  const { classes, shape, images } = data;
  const student = createModel(name, { classes, inputShape: shape, dropout: config.dropout });
  const methods = names.map((each) => objective(findMethod(each)));
  const teaching = planTeachers(config, data, [external], { student, methods });
  const { other, teacher, notes } = teaching;
  const networks = { student, teacher, images };
  const found = methods.flatMap((method) => checkOtherClasses({ force: config.force, method }, other, networks).notes);
  return { ...teaching, notes: [...new Set(found), ...notes] };
}

/** Each network is drawn with the seed, and draws from its own stream. Throws as `tutorialPlans`. */
function comparisonPlans(
  { seed, dropout, dataset, epochs }: Config<"tutorial">,
  { teacher: of, student, methods }: Comparison,
  { classes, shape, images }: DataSize,
  teacherFile: TeacherWeightsFile | undefined,
  external: Teaching | undefined,
): RunPlan[] {
  const options = { classes, inputShape: shape, dropout };
  const teacher =
    external?.teacher ?? teacherFile?.model ?? createModel(of.model, { ...options, options: of.modelOptions });
  const asTeacher = { name: "teacher", title: "Teacher", model: teacher, objective: objective(findMethod("ce")), seed };
  const trained = parseConfig("train", {
    ...of,
    dataset,
    epochs: Math.min(epochs, of.epochs),
    batchSize: Math.min(of.batchSize, Math.max(16, Math.floor(images / 32))),
  });
  const set = Object.keys(recipes[of.recipe].settings({ dataset })) as (keyof RecipeSettings)[];
  const settings = Object.fromEntries(set.map((key) => [key, trained[key]]));
  const plan = (name: MethodName, title: string): RunPlan => {
    const method = objective(findMethod(name));
    const model = createModel(student, options);
    return planTraining({
      name: `student-${name}`,
      title,
      model,
      objective: method,
      seed,
      images,
      teacher: method.needsTeacher ? teacher : undefined,
    });
  };
  return [
    ...(external
      ? []
      : [teacherFile ? planPretrained(asTeacher, teacherFile) : { ...planTraining(asTeacher), settings }]),
    plan("ce", "Student alone"),
    ...methods.map((name) => plan(name, `Student, ${findMethod(name).title.toLowerCase()}`)),
  ];
}

/**
 * PyTorch's five runs, in the tutorial's order, each drawing random numbers where PyTorch does: the stream is seeded before each
 * network is built and then flows through its training and its evaluation. Both plain students are built before either is
 * trained, so the second, distilled by soft targets, continues the stream where the first leaves it. Throws as `tutorialPlans`.
 */
function pytorchPlans(
  { seed, dropout }: Pick<Config<"tutorial">, "seed" | "dropout">,
  { classes, shape }: Pick<DataSize, "classes" | "shape">,
  teacherFile: ModelFile | undefined,
  external: Teaching | undefined,
): RunPlan[] {
  const options = { classes, inputShape: shape, dropout };
  const teacher = external?.teacher ?? createModel("DeepNN", options);
  const student = (): Model => createModel(pytorch.student, options);
  const by = (method: MethodName) => objective(findMethod(method));
  const asTeacher = { name: "teacher", title: "Teacher", model: teacher, objective: by("ce"), seed };
  const alone = planTraining({
    name: "student-ce",
    title: "Student alone",
    model: student(),
    objective: by("ce"),
    seed,
  });
  const distilled = (method: MethodName, title: string) => ({
    name: `student-${method}`,
    title,
    model: student(),
    objective: by(method),
    seed,
    teacher,
  });
  return [
    ...(external ? [] : [teacherFile ? planPretrained(asTeacher, teacherFile) : planTraining(asTeacher)]),
    alone,
    planTraining({ ...distilled("kd", "Student, soft targets"), random: alone.random }),
    planTraining(distilled("cosine", "Student, cosine loss")),
    planTraining(distilled("regressor", "Student, regressor")),
  ];
}

/** What runs begin with, beside their configuration. */
export interface PlanContext {
  readonly start?: StartingWeights | undefined;
  /** What the modules give that the configuration names. */
  readonly own?: Own;
}

/** One run, `model`: a network trained without a teacher. Throws UNKNOWN_NAME, ARGUMENT for options that the method does not have. */
export function trainPlans(
  config: Config<"train">,
  { classes, shape, images }: DataSize,
  { start, own = nothingOwn }: PlanContext = {},
): RunPlan[] {
  const model = modelNamed(
    config.model,
    { classes, inputShape: shape, dropout: config.dropout, options: config.modelOptions },
    own,
  );
  const method = objectiveOf(config, own);
  const name = nameWithOptions(model.name, config.modelOptions);
  const title = method.name === "ce" ? `${name} alone` : `${name}, ${method.title.toLowerCase()}`;
  const { seed } = config;
  const plan = planTraining({ name: "model", title, model, objective: method, seed, images });
  return [start ? startFrom(plan, model, start) : plan];
}

/**
 * The teacher, evaluated, or `teacher-1`, `teacher-2`, … and `teacher`, the ensemble of them; then a chain in which each
 * network learns from the one before: `assistant-1`, … and `student`.
 *
 * Assistants are drawn with the seeds after the student's own, so that one of the student's architecture is another
 * network: a generation of born-again networks. Throws UNKNOWN_NAME, ARGUMENT for options that the method does not have, or a teacher
 * of other classes where the method uses its classifier, WEIGHTS. A teacher of other classes is no run: it cannot be tested. The student, not an
 * assistant, starts from the weights of `start`.
 */
export function distillPlans(
  config: Config<"distill">,
  data: DataSize,
  from: readonly ExperimentTeacher[],
  { start, own = nothingOwn }: PlanContext = {},
): RunPlan[] {
  const { classes, shape, images } = data;
  const { dropout, assistants } = config;
  const create = (name: string, options?: ModelOptions["options"]): Model =>
    modelNamed(name, { classes, inputShape: shape, dropout, options }, own);
  const student = (): Model => create(config.student, config.studentOptions);
  const named = objectivesOf(config, own);
  const methods = data.isUnlabelled ? named.map((each) => withoutLabels(each)) : named;
  const seeds = seedsOf(config);
  checkChain(config, methods.length * seeds.length);
  const first = assistants[0] === undefined ? student() : create(assistants[0]);
  const teachers = planTeachers(config, data, from, { student: first, methods });
  const networks = { student: first, teacher: teachers.teacher, images };
  const found = methods.map((method) => checkOtherClasses({ force: config.force, method }, teachers.other, networks));
  if (data.isUnlabelled) for (const method of methods) checkNeedsNoLabels(method, networks);
  const idle = methods
    .filter((method) => !reachesLogits(learner(first, method, teachers.teacher, { images })))
    .map(({ name }) => idleNote(name));
  const isUntested = found.every((each) => each.isUntested);
  const notes = [...new Set(found.flatMap((each) => each.notes)), ...teachers.notes, ...idle];
  const taught = (plan: RunPlan): RunPlan => ({
    ...plan,
    notes: [...notes.splice(0), ...(plan.notes ?? [])],
    teacherValues: teachers.values,
    externalTeacher: teachers.externalTeacher,
  });
  const planStudent = (options: Omit<PlanOptions, "model">): RunPlan => {
    const model = student();
    const plan = planTraining({ ...options, model });
    return {
      ...(start ? startFrom(plan, model, start) : plan),
      ...(options.seed !== config.seed && { settings: { seed: options.seed } }),
    };
  };
  const plans = isUntested ? [] : [...teachers.plans];
  const isAlone = methods.length * seeds.length === 1;
  const withBaseline = config.baseline && !data.isUnlabelled && methods.every(({ name }) => name !== "ce");
  for (const seed of seeds) {
    const ofSeed = (name: string, title: string) => ({
      name: seeds.length === 1 ? name : `${name}-seed${seed}`,
      title: seeds.length === 1 ? title : `${title}, seed ${seed}`,
      seed,
      images,
    });
    if (withBaseline) {
      const plan = planStudent({ ...ofSeed("student-ce", "Student alone"), objective: objective(findMethod("ce")) });
      plans.push({ ...plan, settings: { ...plan.settings, optimiserOptions: withoutGap(config.optimiserOptions) } });
    }
    for (const method of methods) {
      let { teacher } = teachers;
      for (const [i, name] of assistants.entries()) {
        const title = `Assistant ${i + 1}, ${name}, ${method.title.toLowerCase()}`;
        const assistant = { name: `assistant-${i + 1}`, title, model: create(name), seed: seed + i + 1, images };
        const plan = planTraining({ ...assistant, objective: method, teacher });
        plans.push(i === 0 ? taught(plan) : plan);
        teacher = plan.learner.model;
      }
      const named = ofSeed(isAlone ? "student" : `student-${method.name}`, `Student, ${method.title.toLowerCase()}`);
      const plan = planStudent({ ...named, objective: method, teacher });
      plans.push(teacher === teachers.teacher ? taught(plan) : plan);
    }
  }
  return plans;
}

/** Without the option that is for a teacher's gradient. */
function withoutGap(options: TrainingConfig["optimiserOptions"]): TrainingConfig["optimiserOptions"] {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name !== "momentumGap"));
}

/** Throws ARGUMENT for a chain of assistants that would have to be trained for each of several students. */
function checkChain({ assistants }: Pick<Config<"distill">, "assistants">, students: number): void {
  if (assistants.length === 0 || students === 1) return;
  throw new LimbeckError(
    "ARGUMENT",
    `assistants stand between one teacher and one student, and there would be ${students} students; train them one after the other, with one method ` +
      "and one seed each",
  );
}

/**
 * Whether the teacher's classes are others and the method does without them, so that it is not tested, and what a person should know of
 * it. Throws ARGUMENT where the method does not, unless `force` says so and there are as many.
 */
function checkOtherClasses(
  { force, method }: { readonly force: boolean | undefined; readonly method: Objective },
  other: OtherClasses | undefined,
  { student, teacher, images }: { readonly student: Model; readonly teacher: Model; readonly images: number },
): { readonly isUntested: boolean; readonly notes: readonly string[] } {
  if (!other) return { isUntested: false, notes: [] };
  if (!usesTeacherClasses(learner(student, method, teacher, { images }))) {
    return { isUntested: true, notes: [`${other.finding}: it teaches by its features alone, and is not tested`] };
  }
  if (force && !teacher.external && teacher.classes === student.classes)
    return { isUntested: false, notes: [mayBeWrong(other.finding)] };
  throw refusedClasses(other, method, { student, teacher, images });
}

function idleNote(method: string): string {
  return (
    `no loss of ${method} reaches the student's classifier, which stays as it was drawn: what is tested says nothing; ` +
    `add a method that compares logits (--method kd+${method}), or give the labels a weight (--option ceWeight=1), where there are any`
  );
}
