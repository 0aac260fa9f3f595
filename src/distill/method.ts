/** @file The contract of a distillation method: a pure loss, and a description of what it needs. */
import type { z } from "zod";
import type { Module } from "../nn/module.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Observed, Stage, StagePaths, TeacherWeights } from "./observed.ts";
import type { StagePair } from "./pairs.ts";
import type { Presets } from "./preset.ts";

/** An extra network that is trained with the student and dropped at the end: a regressor, a memory bank. */
export interface ExtraModule {
  readonly module: Module;
  /** The student's child after which PyTorch would have built it, which fixes its place in the random stream; at the end if not said. */
  readonly builtAfter?: string;
  /** Trained only by the stages that name it, and left as it is, in evaluation mode, by the training that follows. */
  readonly stagesOnly?: boolean;
}

/** Losses by name, unweighted scalars; the loop weighs, sums and records them. The cross entropy with the labels is named `ce`. */
export type Losses = Readonly<Record<string, Tensor>>;

/** Tensors by name that are computed from the teacher alone, [N, ...]: what is kept for each image. */
export type Targets = Readonly<Record<string, Tensor>>;

/** What a loss is multiplied by: always the same, or value · min(epoch / rampEpochs, 1), where epochs count from 1. */
export type Weight = number | { readonly value: number; readonly rampEpochs: number };

/** A stage that a method compares with one of the teacher's. */
export interface ComparedStage extends Stage {
  /** The method's name. */
  readonly method: string;
}

/** What extra modules are made to fit. Tensors are of one image; only their shapes mean anything. */
export interface Setting {
  readonly student: Observed;
  /** The student's own. */
  readonly module: Module;
  readonly targets: Targets;
  /** The student's stage of each pair that the method compares. */
  readonly compared: readonly ComparedStage[];
  readonly teacher: TeacherWeights;
  readonly classes: number;
  /** How many training images there are. Throws ARGUMENT where the learner was not told. */
  readonly images: number;
  /** A new network of the student's architecture. Throws ARGUMENT for a model that cannot make one. */
  peer(): Module;
}

/** What losses are computed from. */
export interface Batch {
  /** [N, C, H, W] */
  readonly images: Tensor;
  readonly student: Observed;
  /** The student's stage of each pair that the method compares. */
  readonly compared: readonly ComparedStage[];
  readonly targets: Targets;
  /** int32 [N] */
  readonly labels: Tensor;
  readonly teacher: TeacherWeights;
  /** int32 [N]: which of the training images these are. */
  readonly indices: Tensor;
  /** int32 [N, K]: for each image K different ones of other classes, drawn anew for each batch. Throws ARGUMENT unless `needs` asks for them. */
  readonly negatives: Tensor;
  /** Runs an extra module: in training mode where it is trained, else in evaluation mode. Throws UNKNOWN_NAME. */
  extra(name: string, x: Tensor): Tensor;
  /** An extra module's buffer, `memory.student`, as it is before the step. Throws UNKNOWN_NAME. */
  buffer(path: string): Tensor;
  /** What a buffer becomes by the step. No gradient flows. */
  update(buffer: Tensor, value: Tensor): void;
}

/** What the training loop has to feed. */
export interface Needs {
  /** K = `count`, or fewer where some image has fewer of other classes. */
  readonly negatives?: { readonly count: number };
}

/** Some epochs before the training proper, on losses of their own. */
export interface TeachingStage {
  readonly name: string;
  /** For people: `Paraphraser`. */
  readonly title: string;
  readonly epochs: number;
  /** Names of extra modules, and `student`; if not said, all that the method has. The rest stays as it is, in evaluation mode. */
  readonly trains?: readonly string[];
  losses(batch: Batch): Losses;
  readonly weights: Readonly<Record<string, Weight>>;
}

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
  /** Published settings by name; the first is what the defaults are. */
  readonly presets?: Presets<Options>;
  /** Whether a teacher is needed. */
  readonly needsTeacher: boolean;
  /** Which places of both networks are compared; none if not said. Only shapes and paths mean anything. Throws UNKNOWN_NAME, ARGUMENT. */
  pairs?(student: Observed, teacher: Observed, options: Options): readonly StagePair[];
  /**
   * From the teacher alone, as small as the method allows: it is kept for every image. Of the student's side of a pair only
   * shapes mean anything: maps are averaged down to its own, say.
   */
  targets(teacher: Observed, options: Options, weights: TeacherWeights, pairs: readonly StagePair[]): Targets;
  /** Extra modules to train beside the student, by name. Throws SHAPE where no connector fits. */
  extras?(setting: Setting, options: Options): Readonly<Record<string, ExtraModule>>;
  /** The losses of one batch. */
  losses(batch: Batch, options: Options): Losses;
  /** What each loss of `losses` is multiplied by. */
  weights(options: Options): Readonly<Record<string, Weight>>;
  /** Nothing if not said. */
  needs?(options: Options): Needs;
  /** What comes before the training, in this order. */
  stages?(options: Options): readonly TeachingStage[];
  /** The network that is trained and shipped, where it is not the student as it stands. */
  student?(setting: Setting, options: Options): MadeStudent;
}

/** A network that holds the student as its child `inside`, where its places are found, and parts of its own: frozen ones of the teacher, say. */
export interface MadeStudent {
  readonly module: Module;
  readonly inside: string;
  /** Its own places, the last of them what its classifier sees, where they are not the student's. */
  readonly features?: readonly StagePaths[];
}
