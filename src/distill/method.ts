/** @file The contract of a distillation method: a pure loss, and a description of what it needs. */
import type { z } from "zod";
import type { Module } from "../nn/module.ts";
import type { Shape, Tensor } from "../tensor/index.ts";

/** What a recorded network offers a method. */
export interface Observed {
  /** [N, classes] */
  readonly logits: Tensor;
  /** Any module's output by its path, `features` say. Throws UNKNOWN_NAME, with the nearest path, for one that is not there. */
  feature(path: string): Tensor;
}

/** An extra network that is trained with the student and dropped at the end: a regressor, say. */
export interface ExtraModule {
  readonly module: Module;
  /** The student's child after which PyTorch would have built it, which fixes its place in the random stream; at the end if not said. */
  readonly builtAfter?: string;
}

/** Losses by name, unweighted scalars; the loop weighs, sums and records them. */
export type Losses = Readonly<Record<string, Tensor>>;

/** Tensors by name that are computed from the teacher alone, [N, ...]: what is kept for each image. */
export type Targets = Readonly<Record<string, Tensor>>;

/** A method's options once parsed. Weights are named for what they weigh: `ceWeight`, `kdWeight`. */
export interface Method<Options> {
  /** Its name in the table: `kd`. */
  readonly name: string;
  /** For people: `Soft targets`. */
  readonly title: string;
  /** One sentence: what it teaches. */
  readonly summary: string;
  /** Authors, title, year, address. */
  readonly paper: string;
  /** Options with defaults and descriptions; unknown keys are refused. */
  readonly options: z.ZodType<Options>;
  /** Whether a teacher is needed. */
  readonly needsTeacher: boolean;
  /** From the teacher alone. */
  targets(teacher: Observed, options: Options): Targets;
  /** Extra modules to train beside the student, by name. `targets` gives their shapes. Throws SHAPE where no connector fits. */
  extras?(
    shapes: { readonly student: (path: string) => Shape; readonly targets: Readonly<Record<string, Shape>> },
    options: Options,
  ): Readonly<Record<string, ExtraModule>>;
  /** The losses of one batch. `extra(name, x)` runs an extra module. */
  losses(
    batch: {
      readonly student: Observed;
      readonly targets: Targets;
      /** int32 [N] */
      readonly labels: Tensor;
      readonly extra: (name: string, x: Tensor) => Tensor;
    },
    options: Options,
  ): Losses;
  /** What each loss of `losses` is multiplied by. */
  weights(options: Options): Readonly<Record<string, number>>;
}
