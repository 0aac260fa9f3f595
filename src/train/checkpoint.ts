/** @file A checkpoint: everything that going on exactly needs. What it holds, how it is taken of a training and put back, and its bytes. */
import * as z from "zod/mini";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import type { RandomState } from "../random/index.ts";
import { parseStrictJson } from "../strict-json.ts";
import type { Tensor } from "../tensor/index.ts";
import { LENGTH_BYTES, METADATA_KEY, readSafetensors, writeSafetensors, type StoredTensor } from "../weights/index.ts";
import type { EpochEvent, EpochMeter, StepPlace } from "./events.ts";
import { readStates, writeStates, type StateValues } from "./states.ts";

/** How far a training is. */
export interface Position {
  /** The epochs that are done, those of pre-training phases first. */
  readonly epochs: readonly EpochEvent[];
  /** Of the epoch under way; `batches` of it are done. */
  readonly meter: EpochMeter;
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
  /** Parameters and buffers, auxiliary modules' too, and the optimiser's slots, by name. */
  readonly states: StateValues;
  /** The model as it was after its best epoch so far, where that is to be kept. */
  readonly best?: StateValues | undefined;
}

/** When a training is to be saved, and where to. */
export interface Checkpoints {
  /** Asked when a step is begun, and after each epoch: whether to save after it. An abort saves in any case. */
  due(place: StepPlace | EpochEvent): boolean;
  save(checkpoint: Checkpoint): Promise<void>;
}

/** What a checkpoint is taken of, and put back into. */
export interface SavedTraining {
  readonly engine: Engine;
  /** By `trainingStates`. */
  readonly states: ReadonlyMap<string, Tensor>;
  /** What a position counts by. */
  readonly images: number;
  readonly batchSize: number;
  /** The best epoch's weights so far, where a phase selects them. */
  readonly selection?:
    | {
        best(): StateValues | undefined;
        restore(best: StateValues | undefined, accuracies: readonly (number | undefined)[]): void;
      }
    | undefined;
}

/** A checkpoint of a training as it is now. */
export async function takeCheckpoint(
  { engine, states, images, batchSize, selection }: SavedTraining,
  position: Omit<Position, "images" | "batchSize">,
): Promise<Checkpoint> {
  const best = selection?.best();
  return { ...position, images, batchSize, states: await readStates(engine, states), best };
}

/** Puts a training's states and best weights back as they were. Throws WEIGHTS for a checkpoint of another training. */
export async function restoreCheckpoint(
  { engine, states, images, batchSize, selection }: SavedTraining,
  checkpoint: Checkpoint,
): Promise<void> {
  if (checkpoint.images !== images || checkpoint.batchSize !== batchSize) {
    throw new LimbeckError(
      "WEIGHTS",
      `the checkpoint is of a training on ${checkpoint.images} images in batches of ${checkpoint.batchSize}, ` +
        `not ${images} in batches of ${batchSize}; go on with the options it was made with`,
    );
  }
  await writeStates(engine, states, checkpoint.states);
  selection?.restore(
    checkpoint.best,
    checkpoint.epochs.filter(({ phase }) => phase === undefined).map(({ validationAccuracy }) => validationAccuracy),
  );
}

/** The first bytes; the digit is the version of what follows. */
const MARK = new TextEncoder().encode("limbeck2");
const CHECKSUM_BYTES = 32;
/** Before the names of the best epoch's states. */
const BEST = "best ";

/** The bytes of a checkpoint file: MARK, SHA-256 of the rest, and the states with the position as metadata. */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const { states, best = new Map<string, StoredTensor>(), ...position } = checkpoint;
  const chosen = [...best].map(([name, tensor]) => [BEST + name, tensor] as const);
  const body = writeSafetensors(new Map([...states, ...chosen]), {
    position: written(position),
  });
  const file = new Uint8Array(MARK.length + CHECKSUM_BYTES + body.length);
  file.set(MARK);
  file.set(await sha256(body), MARK.length);
  file.set(body, MARK.length + CHECKSUM_BYTES);
  return file;
}

function written(position: Position): string {
  try {
    return JSON.stringify(position);
  } catch (cause) {
    throw new LimbeckError("ARGUMENT", "encodeCheckpoint: a position should be what JSON can hold", { cause });
  }
}

/** Reads such a file back. Throws WEIGHTS if a single bit differs from what was written. `source` names the file. */
export async function decodeCheckpoint(bytes: Uint8Array, source = "checkpoint"): Promise<Checkpoint> {
  const body = new Uint8Array(bytes.subarray(MARK.length + CHECKSUM_BYTES));
  if (!MARK.every((byte, i) => bytes[i] === byte)) throw damaged(source, "does not begin as a checkpoint does");
  const checksum = await sha256(body);
  if (!checksum.every((byte, i) => bytes[MARK.length + i] === byte)) throw damaged(source, "has another checksum");
  const { tensors, metadata } = readSafetensors(body, source);
  const found = checkedPosition(metadata["position"], source);
  const [states, best] = [new Map<string, StoredTensor>(), new Map<string, StoredTensor>()];
  for (const [name, tensor] of tensors) {
    if (name.startsWith(BEST)) best.set(name.slice(BEST.length), tensor);
    else states.set(name, tensor);
  }
  return { ...found, states, best: best.size > 0 ? best : undefined };
}

/** How many of a checkpoint file's bytes, from its first on, hold its position; `bytes` are at least the first 48. Throws WEIGHTS for another file. */
export function positionBytes(bytes: Uint8Array, source = "checkpoint"): number {
  const start = MARK.length + CHECKSUM_BYTES;
  if (bytes.length < start + LENGTH_BYTES || !MARK.every((byte, i) => bytes[i] === byte))
    throw damaged(source, "does not begin as a checkpoint does");
  const length = new DataView(bytes.buffer, bytes.byteOffset + start).getBigUint64(0, true);
  return start + LENGTH_BYTES + Number(length);
}

/** The position of a checkpoint file, of which these are the first `positionBytes`: the states are not read, nor the checksum over them. Throws WEIGHTS. */
export function decodePosition(bytes: Uint8Array, source = "checkpoint"): Position {
  const header = bytes.subarray(MARK.length + CHECKSUM_BYTES + LENGTH_BYTES, positionBytes(bytes, source));
  const { [METADATA_KEY]: metadata } = Object(parseJson(new TextDecoder().decode(header), source)) as {
    readonly [METADATA_KEY]?: { readonly position?: string };
  };
  return checkedPosition(metadata?.position, source);
}

function checkedPosition(text: string | undefined, source: string): Position {
  const parsed = position.safeParse(parseJson(text, source));
  if (!parsed.success) throw damaged(source, `has no valid position (${parsed.error.issues[0]?.path.join(".")})`);
  return parsed.data;
}

const losses = { loss: z.number(), terms: z.record(z.string(), z.number()) };
const stream = z.strictObject({
  words: z.array(z.number()),
  used: z.number(),
  pendingNormal: z.nullable(z.number()),
});
const position: z.ZodMiniType<Position> = z.strictObject({
  epochs: z.array(
    z.strictObject({
      kind: z.literal("epoch"),
      phase: z.exactOptional(z.string()),
      epoch: z.int(),
      epochs: z.int(),
      seconds: z.number(),
      validationAccuracy: z.exactOptional(z.number()),
      validationLoss: z.exactOptional(z.number()),
      ...losses,
    }),
  ),
  meter: z.strictObject({ batches: z.int().check(z.nonnegative()), seconds: z.number(), ...losses }),
  random: z.strictObject({ epochStart: stream, now: stream }),
  images: z.int(),
  batchSize: z.int(),
});

function parseJson(text: string | undefined, source: string): unknown {
  try {
    return parseStrictJson(text ?? "null");
  } catch {
    throw damaged(source, "has a position that is no JSON");
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function damaged(source: string, how: string): LimbeckError {
  return new LimbeckError(
    "WEIGHTS",
    `${source} is no whole checkpoint: it ${how}; remove it to begin this run again, or put a good copy in its place`,
  );
}
