/** @file A teacher, whatever runs it: images in, its outputs out by name. */
import { aNumber, aString, bytes, checkArguments, listOf } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import type { FeaturePlace, Model } from "../models/index.ts";
import { nearestName } from "../nearest-name.ts";
import type { Shape } from "../tensor/index.ts";
import type { PixelNumbers, Preprocessing } from "./preprocessing.ts";

/** The name of the logits among a teacher's outputs. */
export const LOGITS = "logits";

/** What a teacher is, and what it gives. */
export interface TeacherDescription {
  readonly name: string;
  /** In the order of its logits, if known. */
  readonly classNames?: readonly string[];
  /** What it can give, by name: the shape of each for one image. `logits` [classes]; others as graph or modules have them. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Where methods that compare features look: its stages, and the embedding at the end. */
  readonly features?: readonly FeaturePlace[];
  /** Its network, where its weights are open to methods. */
  readonly network?: Model;
  /** How it can be made to give more of its values, for messages. */
  readonly more?: string;
}

/** Where a teacher comes from, for the record. */
export interface TeacherOrigin {
  /** Its path. */
  readonly file: string;
  readonly sha256: string;
  /** The name of its kind: `onnx`, `logits`, `weights`. */
  readonly kind: string;
  /** What runs an ONNX file, and why it was not imported. */
  readonly runner?: "import" | "onnxruntime";
  readonly notImported?: string;
  /** Operators at the end of the graph that were left out, since methods want logits. */
  readonly leftOut?: readonly string[];
  readonly preprocessing?: Preprocessing;
}

/** A trained classifier that teaches. */
export interface Teacher extends TeacherDescription {
  readonly classes: number;
  readonly preprocessing: Preprocessing;
  /** SHA-256 of its file, or what else tells it from others. */
  readonly identity: string;
  /**
   * What is wanted, by name, of `count` images of its size, [count, C, H, W] one byte a number, red, green, blue: [count, ...shape] each. Pixels
   * become `numbers`, by default those of its preprocessing.
   * Throws SHAPE for other images, UNKNOWN_NAME for what it does not give, NOT_FINITE for logits that are no numbers.
   */
  outputs(
    images: Uint8Array,
    count: number,
    wanted?: readonly string[],
    numbers?: PixelNumbers,
  ): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
}

/** Throws ARGUMENT for arguments of `outputs` that are none. */
export function checkCall(images: Uint8Array, count: number, wanted: readonly string[]): void {
  checkArguments("outputs", { images: [images, bytes], count: [count, aNumber], wanted: [wanted, listOf(aString)] });
  if (Number.isSafeInteger(count) && count > 0) return;
  throw new LimbeckError("ARGUMENT", `outputs: count should be a whole number from 1, got ${count}`);
}

/** Throws UNKNOWN_NAME for what a teacher does not give, with the nearest name. */
export function checkWanted({ name, shapes }: Pick<Teacher, "name" | "shapes">, wanted: readonly string[]): void {
  const unknown = wanted.find((path) => !shapes.has(path));
  if (unknown === undefined) return;
  const near = nearestName(unknown, [...shapes.keys()]);
  throw new LimbeckError(
    "UNKNOWN_NAME",
    `unknown output ${JSON.stringify(unknown)} of the teacher ${name}${near === undefined ? "" : `; did you mean ${near}?`} ` +
      `It gives ${[...shapes.keys()].slice(0, 10).join(", ")}`,
  );
}

/** Throws NOT_FINITE for logits that are no numbers. */
export function checkFinite(name: string, { [LOGITS]: logits }: Readonly<Record<string, Float32Array>>): void {
  const at = logits?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  if (at < 0) return;
  throw new LimbeckError(
    "NOT_FINITE",
    `the teacher ${name} gives logits that are no numbers, ${logits![at]} among them; its weights are damaged, or its preprocessing is another one`,
  );
}
