/** @file What students learn from a teacher that is known by its outputs: asked once, kept, and the same again when a run is resumed. */
import { LimbeckError } from "../errors.ts";
import { sha256Hex } from "../sha256.ts";
import { cacheTargets, outputsNeeded, type DatasetTeacher, type TeacherOutputs } from "../teachers/index.ts";
import { reported, result, type Progress } from "../train/events.ts";
import type { TeacherCache, TeacherViews } from "../train/teacher-cache.ts";
import type { ExperimentEvent } from "./events.ts";
import type { RunContext, RunPlan } from "./plan.ts";

/** The targets of each run, by outputs kept for these views. Throws CHECKSUM where a run was begun with others. */
export async function* datasetTeacherTargets(
  { engine, folder, signal }: RunContext,
  plans: readonly RunPlan[],
  given: DatasetTeacher,
  sees: TeacherViews,
): AsyncGenerator<ExperimentEvent, readonly TeacherCache[]> {
  const learners = plans.map(({ learner }) => learner);
  const teacher = learners[0]!.teacher!;
  const stop = signal && { signal };
  const wanted = outputsNeeded(learners, teacher, given);
  let isReported = false;
  const query = async function* (isMirrored: boolean): AsyncGenerator<ExperimentEvent, TeacherOutputs> {
    const events = reported(given.query("train", wanted, { isMirrored, signal }), asOutputs);
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done) return next.value;
      isReported = true;
      yield next.value;
    }
  };
  const outputs = yield* query(false);
  const sides = sees === "image" ? { outputs } : { outputs, mirrored: yield* query(true) };
  const made = reported(cacheTargets({ engine, ...sides, sees, teacher, ...stop }, learners), asOutputs);
  // What was just computed and held is soon gone through again.
  const caches = isReported ? await result(made) : yield* made;
  for (const [i, { name }] of plans.entries()) {
    const found = await digestOf(caches[i] ?? {});
    const expected = folder.bind(`teacher's outputs for ${name}`, found);
    if (found === expected) continue;
    throw new LimbeckError(
      "CHECKSUM",
      `what ${given.name} says of the training images is not what ${name} was begun with; run it with the same ONNX Runtime and the same number of ` +
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
