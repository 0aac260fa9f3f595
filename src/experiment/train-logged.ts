/** @file A run's training, with a line a step in its log and a checkpoint now and then. */
import type { Checkpoint, Checkpoints } from "../train/checkpoint.ts";
import { encodeCheckpoint } from "../train/checkpoint-file.ts";
import type { EpochEvent } from "../train/events.ts";
import type { KeptTargets } from "../train/targets.ts";
import { train } from "../train/train.ts";
import type { RunTrainEvent } from "./events.ts";
import type { Bench, RunPlan } from "./run.ts";
import { trainingOf } from "./training.ts";

export interface TrainLoggedOptions {
  /** Steps that the checkpoint has; the log is cut back to them. */
  readonly done: number;
  readonly kept?: KeptTargets;
  readonly resume?: Checkpoint;
}

/** A checkpoint is written after each epoch, and when the last one is so old: what a crash may cost. */
const CHECKPOINT_SECONDS = 15;

/** Trains as `train`; the folder's `steps.jsonl` and `checkpoint` always tell of the same steps, or the log of more. */
export async function* trainLogged(
  { engine, dataset, folder, config, signal }: Bench,
  { name, learner, random }: RunPlan,
  { done, kept, resume }: TrainLoggedOptions,
): AsyncGenerator<RunTrainEvent, EpochEvent[]> {
  const log = await folder.lines(`${name}/steps.jsonl`, done);
  let saved = performance.now();
  const checkpoints: Checkpoints = {
    due: ({ kind }) => kind === "epoch" || performance.now() - saved > CHECKPOINT_SECONDS * 1000,
    async save(checkpoint) {
      await log.flush();
      await folder.write(`${name}/checkpoint`, await encodeCheckpoint(checkpoint));
      saved = performance.now();
    },
  };
  const events = train({
    engine,
    learner,
    dataset,
    random,
    checkpoints,
    ...trainingOf(config, dataset.train.count),
    ...(kept && { kept }),
    ...(resume && { resume }),
    ...(signal && { signal }),
  });
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      const event = next.value;
      if (event.kind === "step") {
        const { step, stage, epoch, loss, terms } = event;
        log.append(JSON.stringify({ step, ...(stage && { stage }), epoch, loss, terms }));
      }
      yield { ...event, run: name };
    }
  } finally {
    await events.return([]);
    await log.close();
  }
}
