/** @file A checkpoint: everything that going on exactly needs. Its file form is in checkpoint-file.ts. */
import type { Engine } from "../engine/engine.ts";
import { LimbeckError } from "../errors.ts";
import type { RandomState } from "../random/index.ts";
import { formatShape, sameShape, type Tensor } from "../tensor/index.ts";
import type { StoredTensor } from "../weights/index.ts";
import type { EpochEvent, TrainEvent } from "./events.ts";
import type { Tally } from "./tally.ts";

/** How far a training is. */
export interface Position {
  /** The epochs that are done, those of stages before the training proper first. */
  readonly epochs: readonly EpochEvent[];
  /** Of the epoch under way; `batches` of it are done. */
  readonly tally: Tally;
  readonly random: {
    /** Where the stream stood before the order of the epoch under way was drawn: to draw it again. */
    readonly epochStart: RandomState;
    /** Where it stands now, before the next batch's masks. */
    readonly now: RandomState;
  };
  /** Of the training that it belongs to; they fix what the position means. */
  readonly images: number;
  readonly batchSize: number;
}

/** A training between two steps. */
export interface Checkpoint extends Position {
  /** Parameters and buffers, extra modules' too, and the optimiser's slots, by name. */
  readonly states: ReadonlyMap<string, StoredTensor>;
  /** The model as it was after its best epoch so far, where that is to be kept. */
  readonly best?: ReadonlyMap<string, StoredTensor>;
}

/** When a training is to be saved, and where to. */
export interface Checkpoints {
  /** Asked after each step and each epoch. An abort saves in any case. */
  due(event: TrainEvent): boolean;
  save(checkpoint: Checkpoint): Promise<void>;
}

/** The engine's values of these states, after all runs asked for so far. */
export async function readStates(
  engine: Engine,
  states: ReadonlyMap<string, Tensor>,
): Promise<Map<string, StoredTensor>> {
  const read = async ([name, tensor]: [string, Tensor]) =>
    [name, { shape: tensor.shape, values: await engine.read(tensor) }] as const;
  return new Map(await Promise.all([...states].map(read)));
}

/** Sets these states in the engine, all or, if one does not fit, none. Throws WEIGHTS listing what is missing, left over or of another shape. */
export async function writeStates(
  engine: Engine,
  states: ReadonlyMap<string, Tensor>,
  saved: ReadonlyMap<string, StoredTensor>,
): Promise<void> {
  const problems = [...states].flatMap(([name, { shape }]) => {
    const found = saved.get(name);
    if (!found) return [`  ${name} is missing`];
    return sameShape(found.shape, shape)
      ? []
      : [`  ${name} should be ${formatShape(shape)}, got ${formatShape(found.shape)}`];
  });
  for (const name of saved.keys()) if (!states.has(name)) problems.push(`  ${name} belongs to no state`);
  if (problems.length > 0) {
    throw new LimbeckError(
      "WEIGHTS",
      `the checkpoint is of another training; go on with the options it was made with:\n${problems.join("\n")}`,
    );
  }
  await Promise.all([...states].map(([name, tensor]) => engine.write(tensor, saved.get(name)!.values)));
}
