/** @file What students learn from a teacher: its outputs for the training images, computed once and cached, or computed again in each step. */
import type { Learner } from "../distill/learner.ts";
import { LimbeckError } from "../errors.ts";
import { sha256Hex } from "../sha256.ts";
import { cacheTargets, outputsNeeded, type DatasetTeacher, type TeacherOutputs } from "../teachers/index.ts";
import {
  reported,
  result,
  type Progress,
  cacheTeacherOutputs,
  teacherCacheBytes,
  type TeacherCache,
  type TeacherViews,
} from "../train/index.ts";
import { workKey } from "./shared-work.ts";
import type { TrainingConfig } from "./config.ts";
import type { ExperimentEvent, UncachedTeacher } from "./events.ts";
import type { RunContext, RunPlan, TrainContext } from "./plan.ts";
import { viewsFor } from "./teacher-plans.ts";
import { costOfTeacher, couldBeKept, keptViews, type KeptViews, MEBIBYTE } from "./teacher-views.ts";

/** What a run learns from its teacher. */
export interface TeacherTargets {
  readonly cache?: TeacherCache;
  /** Of which views. */
  readonly kept?: KeptViews;
  /** Why there is no cache. */
  readonly uncached?: UncachedTeacher["reason"];
  /** That computing the cache took. */
  readonly seconds: number;
}

/** One pass of a teacher over the training images, for all these runs that learn from it and whose outputs can be cached. */
export async function* teacherTargets(
  context: RunContext,
  plans: readonly RunPlan[],
): AsyncGenerator<ExperimentEvent, Map<RunPlan, TeacherTargets>> {
  const started = performance.now();
  const [first] = plans;
  if (first?.externalTeacher && first.learner.teacher?.external) {
    const kept = viewsFor(first.externalTeacher, context.config);
    const caches = yield* targetsOfOutputs(context, plans, first.externalTeacher, kept.views);
    const seconds = (performance.now() - started) / 1000;
    return new Map(plans.map((plan, i) => [plan, { cache: caches[i] ?? {}, kept, seconds }]));
  }
  return yield* networkTargets(context, plans);
}

/** The same of a teacher that is a network of Limbeck's. */
export async function* networkTargets(
  { engine, dataset, config, signal, shared }: TrainContext,
  plans: readonly RunPlan[],
): AsyncGenerator<ExperimentEvent, Map<RunPlan, TeacherTargets>> {
  const started = performance.now();
  const found = new Map<RunPlan, TeacherTargets>();
  const { cached, uncached } = cachedOrNot(plans, config, dataset.train.count);
  for (const [plan, why] of uncached) {
    yield { kind: "uncached-teacher", run: plan.name, ...why };
    found.set(plan, { uncached: why.reason, seconds: 0 });
  }
  const model = cached[0]?.learner.teacher;
  const kept = keptViews(config);
  if (!model || !kept) return found;
  const learners = cached.map(({ learner }) => learner);
  const work = (): AsyncGenerator<ExperimentEvent, readonly TeacherCache[]> =>
    reported(cacheTeacherOutputs({ engine, model, dataset, views: kept.views, signal }, learners), asOutputs);
  const asked = learners.map((each) => [each.model.architecture, each.objective.name, each.objective.options]);
  const bytes = teacherCacheBytes(model, learners, dataset.train.count, kept.views);
  const caches = shared
    ? yield* shared.targets(await workKey({ engine, model, dataset }, ["outputs", kept.views, asked]), work, {
        bytes,
        signal,
      })
    : yield* work();
  const seconds = (performance.now() - started) / 1000;
  for (const [i, plan] of cached.entries()) found.set(plan, { cache: caches[i] ?? {}, kept, seconds });
  return found;
}

/**
 * Parts runs of one teacher into those for which its outputs are cached and those for which it runs in each step: all where
 * it is to see each of many views, else those, from the first on, that would take more memory than the configuration allows.
 */
function cachedOrNot<Plan extends Pick<RunPlan, "learner">>(
  plans: readonly Plan[],
  { augment, teacherViews, teacherMemory }: Pick<TrainingConfig, "augment" | "teacherViews" | "teacherMemory">,
  images: number,
): { readonly cached: readonly Plan[]; readonly uncached: ReadonlyMap<Plan, UncachedTeacher> } {
  const limit = teacherMemory * MEBIBYTE;
  const kept = keptViews({ augment, teacherViews });
  const cached: Plan[] = [];
  const uncached = new Map<Plan, UncachedTeacher>();
  for (const plan of plans) {
    const learners = [...cached, plan].map(({ learner }) => learner);
    const { teacher } = plan.learner;
    const bytes = teacher ? teacherCacheBytes(teacher, learners, images, kept?.views) : 0;
    if (!kept) uncached.set(plan, { reason: "views", bytes, limit, ...costOf(plan.learner, augment) });
    else if (bytes > limit) uncached.set(plan, { reason: "memory", bytes, limit });
    else cached.push(plan);
  }
  return { cached, uncached };
}

/** What is reported of a teacher that runs in each step. */
function costOf(learner: Learner, augment: TrainingConfig["augment"]): Pick<UncachedTeacher, "cost" | "couldBeKept"> {
  return { cost: costOfTeacher(learner), couldBeKept: couldBeKept(learner, augment) };
}

/** The same of outputs kept for these views, checked to be the same when a run is resumed. Throws CHECKSUM where a run was begun with others. */
async function* targetsOfOutputs(
  { engine, folder, signal }: RunContext,
  plans: readonly RunPlan[],
  external: DatasetTeacher,
  views: TeacherViews,
): AsyncGenerator<ExperimentEvent, readonly TeacherCache[]> {
  const learners = plans.map(({ learner }) => learner);
  const teacher = learners[0]!.teacher!;
  const wanted = outputsNeeded(learners, teacher, external);
  let isReported = false;
  const query = async function* (isMirrored: boolean): AsyncGenerator<ExperimentEvent, TeacherOutputs> {
    const events = reported(external.query("train", wanted, { isMirrored, signal }), asOutputs);
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done) return next.value;
      isReported = true;
      yield next.value;
    }
  };
  const outputs = yield* query(false);
  const mirrored = views === "image" ? undefined : yield* query(true);
  const made = reported(cacheTargets({ engine, outputs, mirrored, views, teacher, signal }, learners), asOutputs);
  // What was just computed and held is soon gone through again.
  const caches = isReported ? await result(made) : yield* made;
  for (const [i, { name }] of plans.entries()) {
    const found = await digestOf(caches[i] ?? {});
    const expected = folder.bind(`teacher's outputs for ${name}`, found);
    if (found === expected) continue;
    throw new LimbeckError(
      "CHECKSUM",
      `${external.name}'s answers for the training images differ from those that ${name} started with; run it with the same ONNX Runtime and the same number of ` +
        "threads as before, or start again in a new folder",
    );
  }
  return caches;
}

function asOutputs(progress: Progress): ExperimentEvent {
  return { kind: "teacher-outputs", ...progress };
}

async function digestOf(cache: TeacherCache): Promise<string> {
  const digest = (values: Float32Array): Promise<string> =>
    sha256Hex(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const digests = Object.entries(cache).map(async ([name, { values, mirrored }]) => [
    name,
    await digest(values),
    ...(mirrored ? [await digest(mirrored)] : []),
  ]);
  return sha256Hex(JSON.stringify(await Promise.all(digests)));
}
