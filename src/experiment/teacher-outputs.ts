/** @file A teacher's outputs for the training images: computed once and cached, or computed again in each step. */
import { reported } from "../train/events.ts";
import type { Learner } from "../distill/learner.ts";
import { cacheTeacherOutputs, teacherCacheBytes, type TeacherCache } from "../train/teacher-cache.ts";
import type { TrainingConfig } from "./config.ts";
import type { ExperimentEvent, UncachedTeacher } from "./events.ts";
import { datasetTeacherTargets } from "./teacher-targets.ts";
import { viewsFor } from "./teacher-plans.ts";
import type { RunContext, RunPlan, TrainContext } from "./plan.ts";
import { costOfTeacher, couldBeKept, keptViews, type KeptViews } from "./teacher-views.ts";

/** What a run has of its teacher's outputs. */
export interface TeacherOutputs {
  readonly cache?: TeacherCache;
  /** Of which views. */
  readonly kept?: KeptViews;
  /** Why there is no cache. */
  readonly uncached?: UncachedTeacher["reason"];
  /** That computing the cache took. */
  readonly seconds: number;
}

const MEBIBYTE = 2 ** 20;

/** One pass of a teacher over the training images, for all these runs that learn from it and whose outputs can be cached. */
export async function* teacherOutputs(
  context: RunContext,
  plans: readonly RunPlan[],
): AsyncGenerator<ExperimentEvent, Map<RunPlan, TeacherOutputs>> {
  const started = performance.now();
  const [first] = plans;
  if (first?.given && first.learner.teacher?.elsewhere) {
    const kept = viewsFor(first.given, context.config);
    const caches = yield* datasetTeacherTargets(context, plans, first.given, kept.sees);
    const seconds = (performance.now() - started) / 1000;
    return new Map(plans.map((plan, i) => [plan, { cache: caches[i] ?? {}, kept, seconds }]));
  }
  return yield* networkOutputs(context, plans);
}

/** The same of a teacher that is a network of Limbeck's. */
export async function* networkOutputs(
  { engine, dataset, config, signal }: TrainContext,
  plans: readonly RunPlan[],
): AsyncGenerator<ExperimentEvent, Map<RunPlan, TeacherOutputs>> {
  const started = performance.now();
  const found = new Map<RunPlan, TeacherOutputs>();
  const { cached, uncached } = cachedOrNot(plans, config, dataset.train.count);
  for (const [plan, why] of uncached) {
    yield { kind: "uncached-teacher", run: plan.name, ...why };
    found.set(plan, { uncached: why.reason, seconds: 0 });
  }
  const model = cached[0]?.learner.teacher;
  const kept = keptViews(config);
  if (!model || !kept) return found;
  const work = cacheTeacherOutputs(
    { engine, model, dataset, sees: kept.sees, ...(signal && { signal }) },
    cached.map(({ learner }) => learner),
  );
  const caches = yield* reported(work, (progress) => ({ kind: "teacher-outputs" as const, ...progress }));
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
  { augment, teacherSees, teacherMemory }: Pick<TrainingConfig, "augment" | "teacherSees" | "teacherMemory">,
  images: number,
): { readonly cached: readonly Plan[]; readonly uncached: ReadonlyMap<Plan, UncachedTeacher> } {
  const limit = teacherMemory * MEBIBYTE;
  const kept = keptViews({ augment, teacherSees });
  const cached: Plan[] = [];
  const uncached = new Map<Plan, UncachedTeacher>();
  for (const plan of plans) {
    const learners = [...cached, plan].map(({ learner }) => learner);
    const { teacher } = plan.learner;
    const bytes = teacher ? teacherCacheBytes(teacher, learners, images, kept?.sees) : 0;
    if (!kept) uncached.set(plan, { reason: "views", bytes, limit, ...costsOf(plan.learner, augment) });
    else if (bytes > limit) uncached.set(plan, { reason: "memory", bytes, limit });
    else cached.push(plan);
  }
  return { cached, uncached };
}

/** What it is told of a teacher that sees every view. */
function costsOf(learner: Learner, augment: TrainingConfig["augment"]): Pick<UncachedTeacher, "cost" | "couldBeKept"> {
  const cost = costOfTeacher(learner);
  return { ...(cost !== undefined && { cost }), couldBeKept: couldBeKept(learner, augment) };
}
