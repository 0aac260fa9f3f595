/** @file An experiment: runs one after another, teacher first, and their comparison. */
import { fingerprint } from "../data/fingerprint.ts";
import { LimbeckError } from "../errors.ts";
import { countParameters, namedParameters, norm } from "../nn/index.ts";
import { cacheTeacherOutputs } from "../train/teacher-cache.ts";
import type { ExperimentEvent } from "./events.ts";
import { toJson } from "./folder.ts";
import type { Environment, Evaluation, Results, RunRecord } from "./record.ts";
import { missingClasses } from "./missing-classes.ts";
import { judgeTeacher } from "./judge.ts";
import { finishedRun, performRun, testGiven, type Bench, type Place, type RunPlan, type Taught } from "./run.ts";
import { cachedOrOnline } from "./teacher-outputs.ts";
import { checkFits } from "../train/check-model.ts";
import { prepare } from "../train/train.ts";
import { trainingOf } from "./training.ts";

/** What an experiment is, beside its runs. */
export interface Experiment extends Bench {
  /** For `config.json`: the command and its whole configuration. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly environment: Environment;
}

/**
 * Does the runs that the folder does not hold yet, in their order, and writes `results.json` after each.
 *
 * Throws SHAPE, ARGUMENT and DATA_FORMAT, before anything is written, where a run's parts do not fit each other; CHECKSUM
 * for other images than it was begun with, or a file of the folder that is not as it was written; OUTPUT when the folder is
 * lost; ABORTED and NOT_FINITE as `train`.
 */
export async function* performRuns(
  experiment: Experiment,
  plans: readonly RunPlan[],
): AsyncGenerator<ExperimentEvent, Results> {
  const { folder, signal } = experiment;
  const work = inOrder({ ...experiment, signal: signal ? AbortSignal.any([signal, folder.lost]) : folder.lost }, plans);
  try {
    for (let next = await work.next(); ; next = await work.next()) {
      for (const text of folder.notes.splice(0)) yield { kind: "note", text };
      if (next.done) return next.value;
      yield next.value;
    }
  } catch (error) {
    // Whatever that has led to.
    folder.lost.throwIfAborted();
    throw error;
  } finally {
    await work.return(undefined as never);
  }
}

async function* inOrder(experiment: Experiment, plans: readonly RunPlan[]): AsyncGenerator<ExperimentEvent, Results> {
  const { folder, config } = experiment;
  for (const plan of plans) checkPlan(experiment, plan);
  await bindData(experiment);
  const places = new Map(plans.map((plan, i) => [plan, { index: i + 1, runs: plans.length }]));
  const given = yield* testTeachers(experiment, plans, places);
  await folder.write("config.json", toJson(experiment.description));
  const records: RunRecord[] = [];
  const taughtBy = new Map<RunPlan, Taught>();
  let lacking = missingClasses(experiment.dataset);
  for (const [i, plan] of plans.entries()) {
    const before = given.get(plan) ?? { record: await finishedRun(experiment, plan) };
    const finished = before.record;
    if (!finished && !plan.given && lacking !== undefined) {
      yield { kind: "note", text: lacking };
      lacking = undefined;
    }
    if (!finished && plan.learner.teacher && !taughtBy.has(plan)) {
      yield* keepOutputs(experiment, plans.slice(i), taughtBy);
    }
    const known = { taught: taughtBy.get(plan), test: before.test };
    const record = finished ?? (yield* performRun(experiment, plan, places.get(plan)!, known));
    taughtBy.delete(plan);
    records.push(record);
    await folder.write("results.json", toJson(resultsOf(experiment, plans, records)));
    yield { kind: "run-end", run: plan.name, record, resumed: finished !== undefined };
    const teaches = plans.some(({ learner }) => learner.teacher === plan.learner.model);
    if (teaches && !plan.given) {
      // One that learned from labels alone was shown as it came out, and is the first thing of its experiment.
      const text = judgeTeacher(
        { title: plan.title, model: plan.learner.model },
        record.test,
        config.force === true || !plan.learner.teacher,
      );
      if (text !== undefined && !finished) yield { kind: "note", text };
    }
  }
  const results = resultsOf(experiment, plans, records);
  yield { kind: "end", results };
  return results;
}

/** What is known of a run whose weights are given: its record, or the outcome of its test. */
interface Known {
  readonly record?: RunRecord | undefined;
  readonly test?: Evaluation;
}

/** Judges teachers whose weights are given, before anything is written. Throws WEIGHTS for one that has nothing to teach. */
async function* testTeachers(
  experiment: Experiment,
  plans: readonly RunPlan[],
  places: ReadonlyMap<RunPlan, Place>,
): AsyncGenerator<ExperimentEvent, ReadonlyMap<RunPlan, Known>> {
  const known = new Map<RunPlan, Known>();
  for (const plan of plans.filter(({ given }) => given)) {
    const record = await finishedRun(experiment, plan);
    if (record) {
      known.set(plan, { record });
      continue;
    }
    const test = yield* testGiven(experiment, plan, places.get(plan)!);
    const text = judgeTeacher({ title: plan.title, model: plan.learner.model }, test, experiment.config.force === true);
    if (text !== undefined) yield { kind: "note", text };
    known.set(plan, { test });
  }
  return known;
}

/** Records a run's steps, of the short last batch too, only to see that they can be. */
function checkPlan({ dataset, config }: Experiment, { learner, given }: RunPlan): void {
  if (given) checkFits(learner.model, dataset);
  else prepare({ learner, dataset, ...trainingOf(config, dataset.train.count) });
}

/** Throws CHECKSUM where the folder's experiment was begun with other data. */
async function bindData({ folder, dataset }: Experiment): Promise<void> {
  const found = await fingerprint(dataset);
  const expected = folder.bind("data", found);
  if (found === expected) return;
  throw new LimbeckError(
    "CHECKSUM",
    `the images or labels of ${dataset.name} are not those that this experiment was begun with: expected fingerprint ${expected}, ` +
      `got ${found}; put the same files in the data folder, or start again in a new folder`,
  );
}

/** One pass of the first run's teacher, for it and all these runs that have the same, but for those whose outputs are not cached. */
async function* keepOutputs(
  { engine, dataset, config, signal }: Experiment,
  plans: readonly RunPlan[],
  taughtBy: Map<RunPlan, Taught>,
): AsyncGenerator<ExperimentEvent, void> {
  const started = performance.now();
  const model = plans[0]!.learner.teacher!;
  const taught = plans.filter(({ learner }) => learner.teacher === model);
  const { cached, online } = cachedOrOnline(taught, config, dataset.train.count);
  for (const [plan, why] of online) {
    yield { kind: "online-teacher", run: plan.name, ...why };
    taughtBy.set(plan, { online: why.reason, seconds: 0 });
  }
  if (cached.length === 0) return;
  const work = cacheTeacherOutputs(
    { engine, model, dataset, ...(signal && { signal }) },
    cached.map(({ learner }) => learner),
  );
  let next = await work.next();
  for (; !next.done; next = await work.next()) yield { kind: "teacher-outputs", ...next.value };
  const seconds = (performance.now() - started) / 1000;
  for (const [i, plan] of cached.entries()) taughtBy.set(plan, { teacherCache: next.value[i]!, seconds });
}

function resultsOf(
  { dataset, config, environment }: Experiment,
  plans: readonly RunPlan[],
  records: readonly RunRecord[],
): Results {
  const models = plans.map(({ learner }) => learner.model);
  const trained = plans.filter(({ given }) => !given);
  return {
    dataset: dataset.name,
    seed: config.seed,
    parameters: Object.fromEntries(models.map(({ name, module }) => [name, countParameters(module)])),
    firstLayerNorm: Object.fromEntries(trained.map((plan) => [plan.learner.model.name, firstLayerNorm(plan)])),
    runs: records.map(({ name, model, method, options, pairs, test, epochs, seconds }) => ({
      name,
      model,
      method,
      options,
      ...(pairs && { pairs }),
      testAccuracy: test.accuracy,
      epochLosses: epochs.map(({ loss }) => loss),
      seconds,
    })),
    environment,
  };
}

/** Of the initial weight of the model's first layer. */
function firstLayerNorm({ learner, values }: RunPlan): number {
  const [first] = namedParameters(learner.model.module).values();
  return norm(values.get(first!.tensor)!);
}
