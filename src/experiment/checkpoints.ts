/** @file A run's last two checkpoints: where the newer is damaged, the older is gone on from. */
import { countBatches } from "../data/loader.ts";
import { LimbeckError } from "../errors.ts";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "../train/checkpoint.ts";
import type { ExperimentFolder } from "./folder.ts";

export interface RunCheckpoints {
  /** The newest that is whole. */
  readonly newest?: Checkpoint;
  /** In place of the older. */
  save(checkpoint: Checkpoint): Promise<void>;
}

/** What a run's folder holds, with a note where one of two is damaged. Throws WEIGHTS where there are checkpoints and none is whole. */
export async function openCheckpoints(folder: ExperimentFolder, run: string): Promise<RunCheckpoints> {
  const whole: { readonly path: string; readonly checkpoint: Checkpoint }[] = [];
  const damage: string[] = [];
  for (const path of checkpointPaths(run)) {
    try {
      const bytes = await folder.read(path);
      if (bytes) whole.push({ path, checkpoint: await decodeCheckpoint(bytes, path) });
    } catch (error) {
      if (!(error instanceof LimbeckError)) throw error;
      damage.push(error.message);
    }
  }
  const [newest] = whole.sort((a, b) => order(b.checkpoint) - order(a.checkpoint));
  if (!newest && damage.length > 0) {
    throw new LimbeckError("WEIGHTS", `run ${run} has no checkpoint to go on from: ${damage.join("; ")}`);
  }
  let last = newest?.path;
  if (damage.length > 0) folder.notes.push(`run ${run} goes on from ${last}: ${damage.join("; ")}`);
  return {
    ...(newest && { newest: newest.checkpoint }),
    async save(checkpoint) {
      const path = checkpointPaths(run).find((each) => each !== last)!;
      await folder.write(path, await encodeCheckpoint(checkpoint));
      last = path;
    },
  };
}

/** Written in turn. */
export function checkpointPaths(run: string): readonly [string, string] {
  return [`${run}/checkpoint-1`, `${run}/checkpoint-2`];
}

/** Grows with each step of a training. */
function order({ epochs, meter, images, batchSize }: Checkpoint): number {
  return epochs.length * countBatches(images, batchSize) + meter.batches;
}
