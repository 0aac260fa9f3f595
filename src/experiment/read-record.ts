/** @file What a finished run left in its folder, read back: checked in every field that is used again. */
import { z } from "zod";
import { parseWith } from "../parse-with.ts";
import type { RandomState } from "../random/index.ts";
import { readJson, type ExperimentFolder } from "./folder.ts";
import type { RunRecord } from "./record.ts";

/** `run.json`; `undefined` if there is none. Throws OUTPUT for one that says what no run leaves. */
export async function readRecord(folder: ExperimentFolder, run: string): Promise<RunRecord | undefined> {
  const path = `${run}/run.json`;
  const value = await readJson(folder, path);
  return value === undefined ? undefined : (parseWith(record, value, "OUTPUT", path) as unknown as RunRecord);
}

/** `random.json`; `undefined` if there is none. Throws OUTPUT. */
export async function readRandomState(folder: ExperimentFolder, run: string): Promise<RandomState | undefined> {
  const path = `${run}/random.json`;
  const value = await readJson(folder, path);
  return value === undefined ? undefined : parseWith(randomState, value, "OUTPUT", path);
}

const count = z.int().nonnegative();
const counts = z.array(count);
const text = z.string();

const randomState = z.strictObject({ words: counts, used: count, pendingNormal: z.number().nullable() });

const epoch = z.looseObject({
  epoch: z.int().positive(),
  loss: z.number(),
  terms: z.record(text, z.number()),
  seconds: z.number().nonnegative(),
  validationAccuracy: z.number().optional(),
});

const evaluation = z
  .looseObject({
    accuracy: z.number(),
    correct: count,
    count: z.int().positive(),
    confusion: z.array(counts),
    predictions: counts,
  })
  .refine(
    ({ confusion }) => confusion.every(({ length }) => length === confusion.length),
    "confusion: expected a square",
  )
  .refine(
    ({ predictions, confusion, count: all }) =>
      predictions.length === all && (confusion.length === 0 || predictions.every((each) => each < confusion.length)),
    "predictions: expected a class for each image",
  )
  .refine(
    ({ confusion, count: all, correct, accuracy }) =>
      // None is kept for very many classes.
      (confusion.length === 0 ||
        (sum(confusion.map(sum)) === all && sum(confusion.map((row, i) => row[i]!)) === correct)) &&
      Math.abs((100 * correct) / all - accuracy) < 1e-6,
    "expected an accuracy and a confusion that fit each other",
  );

const pair = z.looseObject({
  method: text,
  teacher: text,
  student: text,
  teacherShape: counts,
  studentShape: counts,
});

const record = z.looseObject({
  name: text,
  title: text,
  model: text,
  method: text,
  options: z.record(text, z.unknown()),
  weights: z.record(text, z.union([z.number(), z.looseObject({ value: z.number(), rampEpochs: z.number() })])),
  pairs: z.array(pair).optional(),
  parameters: count,
  auxiliaryParameters: count,
  bytes: count,
  epochs: z.array(epoch),
  pretraining: z.array(z.looseObject({ name: text, title: text, epochs: z.array(epoch) })).optional(),
  seconds: z.number().nonnegative(),
  teacherSeconds: z.number().nonnegative(),
  onlineTeacher: z.enum(["views", "memory"]).optional(),
  validation: z.looseObject({ images: count, keptEpoch: count, accuracy: z.number() }).optional(),
  test: evaluation,
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
