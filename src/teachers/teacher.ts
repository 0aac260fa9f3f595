/**
 * @file What a teacher promises, whatever its kind. Each describes itself: its classes, and the outputs that it can give, by name. It is queried at one of two
 * levels: a `Teacher` by pixels, a `DatasetTeacher` by the split of a data set, which is all that an experiment needs and all that external logits can
 * answer; `ofPictures` makes the second of the first. The same query gives the same numbers each time, [images, ...shape] of each output, and logits are finite.
 */
import { aNumber, aString, bytes, checkArguments, listOf } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import type { FeaturePlace, Model } from "../models/index.ts";
import { nearestName } from "../nearest-name.ts";
import type { Shape, Tensor } from "../tensor/index.ts";
import type { Progress, Timeable } from "../train/index.ts";
import type { PixelNumbers, Preprocessing } from "./preprocessing.ts";

/** The name of the logits among a teacher's outputs. */
export const LOGITS = "logits";

/** What a teacher is, and what it gives. */
export interface TeacherDescription {
  readonly name: string;
  /** In the order of its logits, if known. */
  readonly classNames?: readonly string[] | undefined;
  /** What it can give, by name: the shape of each for one image. `logits` [classes]; others as graph or modules have them. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Where methods that compare features look: its stages, and the embedding at the end. */
  readonly features?: readonly FeaturePlace[] | undefined;
  /** Its network, where its weights are open to methods. */
  readonly network?: Model | undefined;
  /** How it can be made to give more of its values, for messages. */
  readonly more?: string | undefined;
}

/** The description of a teacher, or of its outputs, alone. */
export function descriptionOf(of: TeacherDescription): TeacherDescription {
  const { name, classNames, shapes, features, network, more } = of;
  return { name, classNames, shapes, features, network, more };
}

/** What a teacher takes, for the record. */
export interface TeacherCost {
  readonly parameters: number;
  /** Of its file. */
  readonly bytes: number;
  /** Multiply-adds of an image; `undefined` where they are not known. Missing for external logits, which nothing computes here. */
  countMultiplyAdds?(): Promise<number | undefined>;
  /** To be timed on one thread; missing for external logits. */
  readonly toTime?: Timeable | undefined;
}

/** Outputs of a teacher for a list of images, read by their places in it. */
export interface TeacherOutputs extends TeacherDescription {
  /** Images. */
  readonly count: number;
  /** What is wanted, by name, of the images `from` to before `to`: [to - from, ...shape] each. */
  read(from: number, to: number, wanted: readonly string[]): Promise<Readonly<Record<string, Float32Array>>>;
}

/** Where a teacher comes from, for the record. */
export interface TeacherOrigin {
  /** Its path, or its name on the hub. */
  readonly file: string;
  /** The commit of the hub's repository. */
  readonly revision?: string | undefined;
  readonly sha256: string;
  /** The name of its kind: `onnx`, `logits`, `weights`. */
  readonly kind: string;
  /** What runs an ONNX file, and why it was not imported. */
  readonly runner?: "import" | "onnxruntime" | undefined;
  readonly notImported?: string | undefined;
  /** Operators at the end of the graph that were left out, since methods want logits. */
  readonly leftOut?: readonly string[] | undefined;
  readonly preprocessing?: Preprocessing | undefined;
}

/** A trained classifier, queried by pixels. */
export interface Teacher extends TeacherDescription {
  readonly classes: number;
  readonly preprocessing: Preprocessing;
  /** SHA-256 of its file, or another name that no other teacher has. */
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

export type SplitName = "train" | "validation" | "test";

/** One teacher, or an ensemble, queried by the images of a data set. */
export interface DatasetTeacher extends TeacherDescription, TeacherCost {
  readonly origins: readonly TeacherOrigin[];
  /** The splits on which it can be queried. */
  readonly knows: ReadonlySet<SplitName>;
  /** Whether mirrored images can be queried, too. */
  readonly isQueriedMirrored: boolean;
  /** What is wanted of the images of a split that it knows, as they are or mirrored: from where it was kept, else computed once and kept. */
  query(which: SplitName, wanted: readonly string[], how?: QueryOptions): AsyncGenerator<Progress, TeacherOutputs>;
  /** Its outputs for some images of a split if pixels become other numbers than its preprocessing makes of them. */
  readonly trial?: Trial | undefined;
  /** The same network for the student's images as they are in a step, where it takes such, with these of its logits, or all. */
  readonly inStep?: ((columns?: readonly number[]) => NetworkInStep) | undefined;
  /** Why its logits are none of the data set's classes, if they are not. */
  readonly otherClasses?: OtherClasses | undefined;
}

/** A network for a data set's images, and the values that an engine has to hold for it and does not hold yet. */
export interface NetworkInStep {
  readonly model: Model;
  readonly values: ReadonlyMap<Tensor, Float32Array>;
}

/** A teacher's classes that are not those of the data set. */
export interface OtherClasses {
  /** For messages. */
  readonly finding: string;
  /** What to do about it, first: `choose its data set, zoo, or `. */
  readonly fix: string;
}

/** A teacher that can be queried with other preprocessing. */
export interface Trial {
  readonly preprocessing: Preprocessing;
  outputs(which: SplitName, images: readonly number[], numbers: PixelNumbers): TeacherOutputs;
}

export interface QueryOptions {
  readonly isMirrored?: boolean;
  readonly signal?: AbortSignal | undefined;
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
