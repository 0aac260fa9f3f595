/** @file An experiment: runs one after another, teacher first, their networks timed in turn at the end, and their comparison. */
import { agreement } from "../train/evaluate/index.ts";
import { countParameters, namedParameters, norm } from "../nn/index.ts";
import { recordAsJson, resultsAsJson } from "./agreement.ts";
import { ANSWERS, answersOf, mostCommonAnswer } from "./answers.ts";
import { checkSameData, checkSameSteps, imagesNotKept, missingClasses, prepareRuns, unequalClasses } from "./checks.ts";
import { checkAccuracy } from "./check-teacher.ts";
import type { ExperimentEvent } from "./events.ts";
import { toJson } from "./folder.ts";
import { measureTeacher } from "./measure-teacher.ts";
import { writePlan } from "./planned-runs.ts";
import { externalTeacher, type RunContext, type RunPlan } from "./plan.ts";
import type { Environment, Evaluation, Results, RunRecord } from "./record.ts";
import { checkExtendable, finishedRun, performRun, recordTeacher, type RunPosition } from "./run.ts";
import { teacherTargets, type TeacherTargets } from "./teacher-targets.ts";
import { MUCH_LOAD } from "../timing.ts";
import { networkToTime, type Timeable } from "../train/index.ts";
import { measureLatency } from "./latency.ts";
import type { PreparedRun } from "./training.ts";

/** What an experiment is, beside its runs. */
export interface Experiment extends RunContext {
  /** For `config.json`: the command and its whole configuration. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly environment: Environment;
  /** Runs whose steps were recorded before there was an engine. */
  readonly prepared?: ReadonlyMap<RunPlan, PreparedRun>;
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
    // A lost folder is the reason of whatever else has failed.
    folder.lost.throwIfAborted();
    throw error;
  } finally {
    await work.return(undefined as never);
  }
}

async function* inOrder(experiment: Experiment, plans: readonly RunPlan[]): AsyncGenerator<ExperimentEvent, Results> {
  const { folder, config } = experiment;
  const prepared = prepareRuns(experiment, plans, experiment.prepared);
  await checkSameData(experiment);
  await checkSameSteps(experiment, prepared);
  await checkExtendable(experiment, plans);
  const pretrained = yield* measureTeachers(experiment, plans);
  // First: a folder without it was never begun, whatever else a killed process left there.
  await folder.write("config.json", toJson(experiment.description));
  await writePlan(experiment, plans);
  const answers = answersOf(experiment.dataset);
  if (answers) await folder.write(ANSWERS, toJson(answers));
  const records: RunRecord[] = [];
  const outputs = new Map<RunPlan, TeacherTargets>();
  const notes = [missingClasses(experiment.dataset), unequalClasses(experiment), imagesNotKept(experiment)].filter(
    (text) => text !== undefined,
  );
  for (const [i, plan] of plans.entries()) {
    const known = pretrained.get(plan) ?? { record: await finishedRun(experiment, plan) };
    if (!known.record && !plan.pretrained) for (const text of notes.splice(0)) yield { kind: "note", text };
    const { teacher } = plan.learner;
    for (const [state, values] of (!known.record && plan.teacherValues) || [])
      await experiment.engine.write(state, values);
    if (!known.record && teacher && !outputs.has(plan)) {
      const others = plans.slice(i).filter(({ learner }) => learner.teacher === teacher);
      for (const entry of yield* teacherTargets(experiment, others)) outputs.set(...entry);
    }
    const record =
      known.record ??
      (known.test
        ? await recordTeacher(experiment, plan, known.test)
        : yield* performRun(experiment, plan, positionOf(plan, plans), {
            teacherTargets: outputs.get(plan),
            prepared: prepared.get(plan),
          }));
    outputs.delete(plan);
    prepared.delete(plan);
    records.push(record);
    await folder.write("results.json", toJson(resultsAsJson(resultsOf(experiment, plans, records))));
    yield { kind: "run-end", run: plan.name, record, resumed: known.record !== undefined };
    const isTeacher = plans.some(({ learner }) => learner.teacher === plan.learner.model);
    if (isTeacher && !plan.pretrained) {
      // One that learned from labels alone is the first run of its experiment, and its accuracy has just been shown.
      const { name } = plan.learner.model;
      const measured = { title: plan.title, name, images: experiment.dataset.measuredOn };
      const text = checkAccuracy(measured, record.test, config.force === true || !teacher);
      if (text !== undefined && !known.record) yield { kind: "note", text };
    }
  }
  const runs = yield* timedRuns(experiment, plans, records);
  const results = resultsOf(experiment, plans, runs);
  await folder.write("results.json", toJson(resultsAsJson(results)));
  yield { kind: "end", results, runs };
  return results;
}

/** What is known of a run before it is done: its record, if it was done before, or the outcome of its test. */
interface Known {
  readonly record?: RunRecord | undefined;
  readonly test?: Evaluation;
}

/** Measures teachers that are not trained here before anything is written. Throws WEIGHTS for one that has nothing to teach. */
async function* measureTeachers(
  experiment: Experiment,
  plans: readonly RunPlan[],
): AsyncGenerator<ExperimentEvent, ReadonlyMap<RunPlan, Known>> {
  const known = new Map<RunPlan, Known>();
  for (const plan of plans.filter(({ pretrained }) => pretrained)) {
    const record = await finishedRun(experiment, plan);
    known.set(plan, record ? { record } : { test: yield* measureTeacher(experiment, plan, positionOf(plan, plans)) });
  }
  return known;
}

function positionOf(plan: RunPlan, plans: readonly RunPlan[]): RunPosition {
  return { index: plans.indexOf(plan) + 1, runs: plans.length };
}

function resultsOf(
  { dataset, config, environment }: Experiment,
  plans: readonly RunPlan[],
  records: readonly RunRecord[],
): Results {
  const trained = plans.filter(({ pretrained }) => !pretrained);
  const teacher = records.find(({ name }) => name === "teacher");
  return {
    dataset: dataset.name,
    seed: config.seed,
    parameters: Object.fromEntries(
      plans.map((plan) => {
        const { name, module } = plan.learner.model;
        return [name, externalTeacher(plan)?.parameters ?? countParameters(module)];
      }),
    ),
    firstLayerNorm: Object.fromEntries(trained.map((plan) => [plan.learner.model.name, firstLayerNorm(plan)])),
    runs: records.map(
      ({
        name,
        model,
        method,
        seed,
        options,
        pairs,
        test,
        train,
        epochs,
        seconds,
        multiplyAdds,
        latency,
        untimed,
      }) => ({
        name,
        model,
        method,
        seed,
        options,
        pairs,
        testAccuracy: test.accuracy,
        testInterval: test.interval,
        balancedAccuracy: test.balancedAccuracy,
        largestClass: test.largestClass,
        augmented: test.augmented,
        trainAccuracy: train?.accuracy,
        calibrationError: test.calibrationError,
        agreement: teacher && name !== teacher.name ? agreement(test.predictions, teacher.test.predictions) : undefined,
        multiplyAdds,
        latency,
        untimed,
        epochLosses: epochs.map(({ loss }) => loss),
        seconds,
      }),
    ),
    teachers: plans.find(({ externalTeacher }) => externalTeacher)?.externalTeacher?.origins,
    ...(dataset.answeredBy !== undefined && { measure: "agreement", mostCommonAnswer: mostCommonAnswer(dataset) }),
    measuredOn: dataset.measuredOn,
    environment,
  };
}

/** Of the initial weight of the model's first layer. */
function firstLayerNorm({ learner, values }: RunPlan): number {
  const [first] = namedParameters(learner.model.module).values();
  const weight = first && values.get(first.tensor);
  return weight ? norm(weight) : 0;
}

/** A share of its other work that is not too much, and a network's least and most, in seconds. */
const SHARE = 0.01;
const LEAST = 5;
const MOST = 5;

/**
 * The records, in the plans' order, with how long their networks take. Where all have figures, or reasons for none, they stay as they are; else
 * all are timed, since only figures of one sitting can be compared. Throws ABORTED.
 */
async function* timedRuns(
  { engine, oneThread, folder, signal }: RunContext,
  plans: readonly RunPlan[],
  records: readonly RunRecord[],
): AsyncGenerator<ExperimentEvent, readonly RunRecord[]> {
  const toTime = plans.map((plan) => timeable(plan, engine));
  const isTimed = records.every((record, i) => record.latency !== undefined || !toTime[i]);
  if (!oneThread || isTimed) return records;
  const networks = toTime.flatMap((network) => network ?? []);
  yield { kind: "timing", networks: networks.length };
  const seconds = records
    .filter((_, i) => toTime[i])
    .reduce((sum, record) => sum + Math.min(MOST, Math.max(LEAST, SHARE * record.seconds)), 0);
  const latencies = await measureLatency({ networks, oneThread, seconds, signal });
  const timed = records.map((record, i) => {
    const network = toTime[i];
    const { untimed: _, ...rest } = record;
    return network ? { ...rest, ...latencies[networks.indexOf(network)] } : record;
  });
  for (const record of timed) await folder.write(`${record.name}/run.json`, toJson(recordAsJson(record)));
  const text = noteOf(timed);
  if (text !== undefined) yield { kind: "note", text, about: "load" };
  return timed;
}

/** What runs of the plan leave that can be timed; nothing of logits from a file. */
function timeable(plan: RunPlan, engine: RunContext["engine"]): Timeable | undefined {
  const { model } = plan.learner;
  const external = externalTeacher(plan);
  if (external) return external.toTime;
  return model.external ? undefined : networkToTime(engine, model);
}

/** Whether the machine had other work, and what has no figure for it. */
function noteOf(records: readonly RunRecord[]): string | undefined {
  const busy = Math.max(0, ...records.flatMap(({ latency = [] }) => latency.map((each) => each.busy ?? 0)));
  const untimed = records.flatMap(({ title, untimed: all = [] }) =>
    all.map(({ batch, reason }) => `${title}, ${batch} ${batch === 1 ? "image" : "images"}: ${reason}`),
  );
  const isBusy = busy > MUCH_LOAD;
  if (!isBusy && untimed.length === 0) return undefined;
  const load = `the machine was busy while the networks were timed: other work had the processor for up to ${Math.round(100 * busy)} % of the time`;
  const missing = `without a time: ${untimed.join("; ")}`;
  return [...(isBusy ? [load] : []), ...(untimed.length > 0 ? [missing] : [])].join("; ");
}
