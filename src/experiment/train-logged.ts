/** @file A run's training, with a line a step in its log and a checkpoint now and then. */
import type { Checkpoints } from "../train/checkpoint.ts";
import type { EpochEvent } from "../train/events.ts";
import type { TeacherCache } from "../train/teacher-cache.ts";
import { train } from "../train/train.ts";
import type { RunCheckpoints } from "./checkpoints.ts";
import type { RunTrainEvent } from "./events.ts";
import type { Bench, RunPlan } from "./run.ts";
import { trainingOf } from "./training.ts";

export interface TrainLoggedOptions {
  /** Steps that the checkpoint has; the log is cut back to them. */
  readonly done: number;
  readonly teacherCache?: TeacherCache;
  readonly saved: RunCheckpoints;
}

/** A checkpoint is written after each epoch, and when the last one is so old: what a crash may cost. */
const CHECKPOINT_SECONDS = 15;

/** Trains as `train`; the folder's `steps.jsonl` tells of the steps of its newest checkpoint, or of more. */
export async function* trainLogged(
  { engine, dataset, folder, config, signal }: Bench,
  { name, learner, random }: RunPlan,
  { done, teacherCache, saved }: TrainLoggedOptions,
): AsyncGenerator<RunTrainEvent, EpochEvent[]> {
  const log = await folder.lines(`${name}/steps.jsonl`, done);
  let savedAt = performance.now();
  const checkpoints: Checkpoints = {
    due: ({ kind }) => kind === "epoch" || performance.now() - savedAt > CHECKPOINT_SECONDS * 1000,
    async save(checkpoint) {
      await log.flush();
      await saved.save(checkpoint);
      savedAt = performance.now();
    },
  };
  const events = train({
    engine,
    learner,
    dataset,
    random,
    checkpoints,
    ...trainingOf(config, dataset.train.count),
    ...(teacherCache && { teacherCache }),
    ...(saved.newest && { resume: saved.newest }),
    ...(signal && { signal }),
  });
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      const event = next.value;
      if (event.kind === "step") {
        const { step, phase, epoch, loss, terms } = event;
        log.append(JSON.stringify({ step, ...(phase && { phase }), epoch, loss, terms }));
      }
      yield { ...event, run: name };
    }
  } finally {
    await events.return([]);
    await log.close();
  }
}
