/** @file What students learn from a teacher that is known by its outputs: asked once, kept, and the same again when a run is resumed. */
import { LimbeckError } from "../errors.ts";
import { sha256Hex } from "../sha256.ts";
import { cacheGivenOutputs, outputsNeeded } from "../teachers/index.ts";
import { result, type Progress } from "../train/events.ts";
import type { TeacherCache } from "../train/teacher-cache.ts";
import type { ExperimentEvent } from "./events.ts";
import type { GivenTeacher } from "./given-teacher.ts";
import type { RunContext, RunPlan } from "./plan.ts";

/** The targets of each run. Throws CHECKSUM where a run was begun with others. */
export async function* givenTargets(
  { engine, folder, signal }: RunContext,
  plans: readonly RunPlan[],
  given: GivenTeacher,
): AsyncGenerator<ExperimentEvent, readonly TeacherCache[]> {
  const learners = plans.map(({ learner }) => learner);
  const teacher = learners[0]!.teacher!;
  const stop = signal && { signal };
  const wanted = outputsNeeded(learners, teacher, given.outputs);
  const asked = told(given.ask("train", wanted, signal));
  let isTold = false;
  let next = await asked.next();
  for (; !next.done; next = await asked.next()) {
    isTold = true;
    yield next.value;
  }
  const made = told(cacheGivenOutputs({ engine, outputs: next.value, teacher, ...stop }, learners));
  // What was just computed and held is soon gone through again.
  const caches = isTold ? await result(made) : yield* made;
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

async function* told<Result>(work: AsyncGenerator<Progress, Result>): AsyncGenerator<ExperimentEvent, Result> {
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
    yield { kind: "teacher-outputs", ...value };
  }
}

async function digestOf(cache: TeacherCache): Promise<string> {
  const digests = Object.entries(cache).map(async ([name, { values }]) => [
    name,
    await sha256Hex(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ]);
  return sha256Hex(JSON.stringify(await Promise.all(digests)));
}
