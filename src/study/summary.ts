/** @file What a table needs of a finished run: its figures, and which of the test images it classifies rightly. */
import * as z from "zod/mini";
import type { Environment, RunRecord } from "../experiment/index.ts";
import { parseWith } from "../parse-with.ts";

const figures = z.object({
  title: z.string(),
  model: z.string(),
  method: z.string(),
  /** Percent of the images it was measured on. */
  accuracy: z.number(),
  /** How many these are. */
  images: z.int(),
  /** A bit an image, from the lowest of each byte on, in base64: whether it is classified rightly. */
  correct: z.string(),
  measuredOn: z.optional(z.literal("validation")),
  measure: z.optional(z.literal("agreement")),
  parameters: z.int(),
  multiplyAdds: z.optional(z.int()),
  bytes: z.int(),
  /** Of training, and of computing the teacher's outputs. */
  seconds: z.number(),
});

const epoch = z.object({
  epoch: z.int(),
  labelLoss: z.optional(z.number()),
  validationAccuracy: z.optional(z.number()),
});

const summary = z.object({
  ...figures.shape,
  seed: z.int(),
  /** What computed, and where. */
  engine: z.string(),
  machine: z.string(),
  limbeck: z.string(),
  /** After each epoch: the mean cross entropy with the labels, and percent of the validation images. */
  epochs: z.optional(z.array(epoch)),
  /** Of the teacher, as it was measured before the run. */
  teacher: z.optional(figures),
});

export type Figures = z.output<typeof figures>;
export type RunSummary = z.output<typeof summary>;

/** Of a run's record, beside that of its teacher; `labels` are the classes of the images that both were measured on. */
export function runSummary(
  record: RunRecord,
  { engine, machine, limbeck }: Environment,
  labels: ArrayLike<number>,
  teacher?: RunRecord,
): RunSummary {
  // Threads change no number.
  const whose = { seed: record.seed, engine: engine.replace(/\d+ threads?, /, ""), machine, limbeck };
  return {
    ...figuresOf(record, labels),
    ...whose,
    epochs: epochsOf(record),
    ...(teacher && { teacher: figuresOf(teacher, labels) }),
  };
}

/** What runs of different methods can be compared by while they learn. */
export function epochsOf({ epochs }: Pick<RunRecord, "epochs">): NonNullable<RunSummary["epochs"]> {
  return epochs.map(({ epoch, terms, validationAccuracy }) => ({ epoch, labelLoss: terms["ce"], validationAccuracy }));
}

function figuresOf(record: RunRecord, labels: ArrayLike<number>): Figures {
  const { title, model, method, measuredOn, measure, parameters, multiplyAdds, bytes, seconds, teacherSeconds } =
    record;
  const { accuracy, predictions } = record.test;
  return {
    title,
    model,
    method,
    accuracy,
    images: labels.length,
    correct: packBits(correctFlags(predictions, labels)),
    measuredOn,
    measure,
    parameters,
    multiplyAdds,
    bytes,
    seconds: seconds + teacherSeconds,
  };
}

/** The summary that a file holds; `path` names it in messages. Throws OUTPUT for anything else. */
export function parseSummary(value: unknown, path: string): RunSummary {
  return parseWith(summary, value, "OUTPUT", path);
}

/** Whether each image was classified rightly, 0 or 1. */
export function correctOf({ correct, images }: Figures): Uint8Array {
  const bytes = Uint8Array.from(atob(correct), (letter) => letter.charCodeAt(0));
  return Uint8Array.from({ length: images }, (_, i) => ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1);
}

/** For each image 1 if it is classified rightly, else 0. */
export function correctFlags(predictions: readonly number[], labels: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(labels, (label, i) => (predictions[i] === label ? 1 : 0));
}

/** A bit for each flag, from the lowest of each byte on, in base64. */
export function packBits(bits: Uint8Array): string {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [i, bit] of bits.entries()) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (i & 7));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
