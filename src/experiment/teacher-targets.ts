/** @file What students learn from a teacher that is known by its outputs: asked once, kept, and the same again when a run is resumed. */
import { LimbeckError } from "../errors.ts";
import { sha256Hex } from "../sha256.ts";
import { cacheTargets, outputsNeeded } from "../teachers/index.ts";
import { reported, result, type Progress } from "../train/events.ts";
import { checkNotSpatial } from "../distill/spatial.ts";
import type { CachedOutput, TeacherCache, TeacherViews } from "../train/teacher-cache.ts";
import type { ExperimentEvent } from "./events.ts";
import type { DatasetTeacher } from "../teachers/index.ts";
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
  const wanted = outputsNeeded(learners, teacher, given.outputs);
  if (sees === "mean")
    for (const each of learners) checkNotSpatial(each, teacher, "the mean of both sides of each image is asked for");
  const cachesOf = async function* (isMirrored: boolean): AsyncGenerator<ExperimentEvent, readonly TeacherCache[]> {
    const asked = reported(given.query("train", wanted, { isMirrored, signal }), asOutputs);
    let isTold = false;
    let next = await asked.next();
    for (; !next.done; next = await asked.next()) {
      isTold = true;
      yield next.value;
    }
    const made = reported(cacheTargets({ engine, outputs: next.value, teacher, ...stop }, learners), asOutputs);
    // What was just computed and held is soon gone through again.
    return isTold ? await result(made) : yield* made;
  };
  const plain = yield* cachesOf(false);
  const caches = sees === "image" ? plain : bothSides(plain, yield* cachesOf(true), sees);
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

/** The caches of images as they are and mirrored as one: side by side, or their mean. */
function bothSides(
  plain: readonly TeacherCache[],
  mirrored: readonly TeacherCache[],
  sees: "flip" | "mean",
): readonly TeacherCache[] {
  // A target that several runs share stays one.
  const joined = new Map<CachedOutput, CachedOutput>();
  const both = (output: CachedOutput, other: Float32Array): CachedOutput => {
    const { shape, values } = output;
    const known = joined.get(output);
    if (known) return known;
    const made =
      sees === "flip"
        ? { shape, values, mirrored: other }
        : { shape, values: values.map((value, i) => (value + other[i]!) / 2) };
    joined.set(output, made);
    return made;
  };
  return plain.map((cache, i) =>
    Object.fromEntries(Object.entries(cache).map(([name, output]) => [name, both(output, mirrored[i]![name]!.values)])),
  );
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
