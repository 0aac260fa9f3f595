/** @file An experiment: runs one after another, teacher first, and their comparison. */
import { countParameters, namedParameters, norm } from "../nn/index.ts";
import { keepTargets } from "../train/targets.ts";
import type { ExperimentEvent } from "./events.ts";
import { toJson } from "./folder.ts";
import type { Environment, Results, RunRecord } from "./record.ts";
import { finishedRun, performRun, type Bench, type Kept, type RunPlan } from "./run.ts";
import { checkFits } from "../train/learner.ts";

/** What an experiment is, beside its runs. */
export interface Experiment extends Bench {
  /** For `config.json`: the command and its whole configuration. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly environment: Environment;
}

/**
 * Does the runs that the folder does not hold yet, in their order, and writes `results.json` after each.
 *
 * Throws SHAPE, before anything is written, for a model that does not fit the data set; ABORTED and NOT_FINITE as `train`.
 */
export async function* performRuns(
  experiment: Experiment,
  plans: readonly RunPlan[],
): AsyncGenerator<ExperimentEvent, Results> {
  const { folder, dataset } = experiment;
  for (const { learner } of plans) checkFits(learner.model, dataset);
  await folder.write("config.json", toJson(experiment.description));
  const records: RunRecord[] = [];
  const keptFor = new Map<RunPlan, Kept>();
  for (const [i, plan] of plans.entries()) {
    const finished = await finishedRun(experiment, plan);
    if (!finished && plan.learner.teacher && !keptFor.has(plan)) {
      yield* keepOutputs(experiment, plans.slice(i), keptFor);
    }
    const place = { index: i + 1, runs: plans.length };
    const record = finished ?? (yield* performRun(experiment, plan, place, keptFor.get(plan)));
    keptFor.delete(plan);
    records.push(record);
    await folder.write("results.json", toJson(resultsOf(experiment, plans, records)));
    yield { kind: "run-end", run: plan.name, record, resumed: finished !== undefined };
  }
  const results = resultsOf(experiment, plans, records);
  yield { kind: "end", results };
  return results;
}

/** One pass of the first run's teacher, for it and all these runs that have the same. */
async function* keepOutputs(
  { engine, dataset, signal }: Experiment,
  plans: readonly RunPlan[],
  keptFor: Map<RunPlan, Kept>,
): AsyncGenerator<ExperimentEvent, void> {
  const started = performance.now();
  const model = plans[0]!.learner.teacher!;
  const taught = plans.filter(({ learner }) => learner.teacher === model);
  const work = keepTargets(
    { engine, model, dataset, ...(signal && { signal }) },
    taught.map(({ learner }) => learner),
  );
  let next = await work.next();
  for (; !next.done; next = await work.next()) yield { kind: "teacher-outputs", ...next.value };
  const seconds = (performance.now() - started) / 1000;
  for (const [i, plan] of taught.entries()) keptFor.set(plan, { targets: next.value[i]!, seconds });
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
    runs: records.map(({ name, method, test, epochs, seconds }) => ({
      name,
      method,
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
