/** @file How well a teacher classifies before it teaches: measured before anything is written, whatever kind of teacher it is. */
import { evaluatingOutputs, LOGITS, type DatasetTeacher } from "../teachers/index.ts";
import { reported, type Progress } from "../train/index.ts";
import { checkAccuracy } from "./check-teacher.ts";
import { diagnosed } from "./diagnose-teacher.ts";
import type { ExperimentEvent } from "./events.ts";
import { externalTeacher, type RunContext, type RunPlan } from "./plan.ts";
import type { Evaluation } from "./record.ts";
import { workKey } from "./shared-work.ts";
import { startOf, tested, type RunPosition } from "./run.ts";

type HeldOut = "validation" | "test";

/** Percent of the images, below which it is looked for what may be wrong with an external teacher. */
const LOW = 50;

/**
 * How a teacher classifies the test images: a network whose weights are known in the engine, an external one by its outputs. Whether an external one has
 * anything to teach is decided on validation images where there are such. Throws WEIGHTS for one that does no better than guessing, unless `force`.
 */
export async function* measureTeacher(
  context: RunContext,
  plan: RunPlan,
  position: RunPosition,
): AsyncGenerator<ExperimentEvent, Evaluation> {
  const { engine, dataset, config, signal } = context;
  const { title, values } = plan;
  const { name } = plan.learner.model;
  const external = externalTeacher(plan);
  yield startOf(context, plan, position, 0);
  for (const [tensor, value] of values) await engine.write(tensor, value);
  const on = (which: HeldOut): AsyncGenerator<ExperimentEvent, Evaluation> =>
    external ? outputsTested(context, plan.name, external, which) : networkTested(context, plan);
  const which: HeldOut = dataset.validation && external?.knows.has("validation") ? "validation" : "test";
  const found = yield* on(which);
  const { labels } = dataset[which]!;
  const measurement = { which, labels, classes: dataset.classes, found, signal };
  const diagnosis =
    external && found.accuracy < LOW
      ? yield* reported(diagnosed(external, measurement), asEvaluation(plan.name, which))
      : undefined;
  const certain = diagnosis?.isFound ? `${title} (${name}): ${diagnosis.text}` : undefined;
  const images = external ? which : dataset.measuredOn;
  const warning = checkAccuracy({ title, name, images, diagnosis }, found, config.force === true) ?? certain;
  if (which === "validation")
    yield {
      kind: "note",
      text: `${title} (${name}): ${found.accuracy.toFixed(2)}% of ${found.count} validation images`,
    };
  if (warning !== undefined) yield { kind: "note", text: warning };
  return which === "test" || dataset.measuredOn ? found : yield* on("test");
}

/** A network on the test images, once for all experiments that share their work. */
async function* networkTested(context: RunContext, plan: RunPlan): AsyncGenerator<ExperimentEvent, Evaluation> {
  const { shared, engine, dataset, config } = context;
  const { model } = plan.learner;
  if (!shared) return yield* tested(context, plan);
  const key = await workKey({ engine, model, dataset }, ["test", config.tta]);
  return yield* shared.once(
    key,
    () => tested(context, plan),
    ({ count }) => Float64Array.BYTES_PER_ELEMENT * count,
  );
}

/** The same of the outputs of a teacher that is external. */
async function* outputsTested(
  { dataset, signal }: RunContext,
  run: string,
  teacher: DatasetTeacher,
  which: HeldOut,
): AsyncGenerator<ExperimentEvent, Evaluation> {
  const { labels } = dataset[which]!;
  const outputs = yield* reported(teacher.query(which, [LOGITS], { signal }), asEvaluation(run, which));
  return yield* reported(evaluatingOutputs({ outputs, labels, signal }), asEvaluation(run, which));
}

function asEvaluation(run: string, images: HeldOut): (progress: Progress) => ExperimentEvent {
  return (progress) => ({ kind: "evaluate", run, images, ...progress });
}
