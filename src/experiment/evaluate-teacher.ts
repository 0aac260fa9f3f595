/** @file The run of a teacher that is known by its outputs: judged before anything is written, and recorded. */
import { evaluatingOutputs, LOGITS } from "../teachers/index.ts";
import { reported, type Progress } from "../train/events.ts";
import { inWords } from "./agreement.ts";
import { checkAccuracy } from "./check-teacher.ts";
import { diagnosed } from "./diagnose-teacher.ts";
import type { ExperimentEvent } from "./events.ts";
import { toJson } from "./folder.ts";
import type { DatasetTeacher } from "../teachers/index.ts";
import type { RunContext, RunPlan } from "./plan.ts";
import type { Evaluation, RunRecord } from "./record.ts";
import type { Place } from "./run.ts";

/** Percent of the images, below which it is looked for what may be wrong. */
const LOW = 50;

/**
 * How it classifies the test images. Whether it has anything to teach is decided, and told, on validation images where there are such: throws
 * WEIGHTS for one that does no better than guessing, unless `force`.
 */
export async function* judged(
  context: RunContext,
  { name, title, learner: { model } }: RunPlan,
  given: DatasetTeacher,
  place: Place,
): AsyncGenerator<ExperimentEvent, Evaluation> {
  const { dataset, config, signal } = context;
  const { parameters } = given;
  const size = { parameters, auxiliaryParameters: 0, done: 0, total: 0, images: dataset.train.count };
  yield { kind: "run-start", run: name, title, ...place, ...size };
  const asEvaluation =
    (images: "validation" | "test") =>
    (progress: Progress): ExperimentEvent => ({
      kind: "evaluate",
      run: name,
      images,
      ...progress,
    });
  const on = async function* (which: "validation" | "test"): AsyncGenerator<ExperimentEvent, Evaluation> {
    const { labels } = dataset[which]!;
    const outputs = yield* reported(given.query(which, [LOGITS], { signal }), asEvaluation(which));
    return yield* reported(evaluatingOutputs({ outputs, labels, ...(signal && { signal }) }), asEvaluation(which));
  };
  const images = dataset.validation && given.knows.has("validation") ? "validation" : "test";
  const found = yield* on(images);
  const { classes } = dataset;
  const { labels } = dataset[images]!;
  const diagnosis =
    found.accuracy < LOW
      ? yield* reported(diagnosed(given, { which: images, labels, classes, found, signal }), asEvaluation(images))
      : undefined;
  const certain = diagnosis?.isFound ? `${title} (${model.name}): ${diagnosis.text}` : undefined;
  const warning = checkAccuracy({ title, model, images, diagnosis }, found, config.force === true) ?? certain;
  const { accuracy, count } = found;
  if (images === "validation")
    yield { kind: "note", text: `${title} (${model.name}): ${accuracy.toFixed(2)}% of ${count} validation images` };
  if (warning !== undefined) yield { kind: "note", text: warning };
  return images === "test" || dataset.measuredOn ? found : yield* on("test");
}

/** Writes the record. There is no weights file: the teacher's own stays where it is. */
export async function recordTeacher(
  { folder, config, dataset }: Pick<RunContext, "folder" | "config" | "dataset">,
  { name, title, learner: { model, objective } }: RunPlan,
  { origins, parameters, bytes, countMultiplyAdds }: DatasetTeacher,
  test: Evaluation,
): Promise<RunRecord> {
  const described = {
    model: model.name,
    method: objective.name,
    options: objective.options,
    weights: objective.weights,
  };
  const multiplyAdds = await countMultiplyAdds?.();
  const record: RunRecord = {
    name,
    title,
    ...described,
    parameters,
    auxiliaryParameters: 0,
    ...(multiplyAdds !== undefined && { multiplyAdds }),
    bytes,
    epochs: [],
    seconds: 0,
    teacherSeconds: 0,
    teachers: origins,
    ...(dataset.measuredOn && { measuredOn: dataset.measuredOn }),
    test,
  };
  await folder.write(`${name}/config.json`, toJson({ name, ...config, ...described }));
  await folder.write(`${name}/run.json`, toJson(inWords(record)));
  return record;
}
