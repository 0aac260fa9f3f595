/** @file The contract of a distillation method: a pure loss, and a description of what it needs. */
import type { ModuleSource } from "../module-source.ts";
import type { Module } from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { ClassWeights } from "./losses/basic.ts";
import type { Observed, Stage, StagePair, StagePaths, TeacherWeights } from "./observed.ts";
import type { Options, ValuesOf } from "./option.ts";

/** An auxiliary network that is trained with the student and dropped at the end: a regressor, a memory bank. */
export interface AuxiliaryModule {
  readonly module: Module;
  /** The student's child after which PyTorch would have built it, which fixes its place in the random stream; by default at the end. */
  readonly builtAfter?: string;
  /** Trained only by the pre-training phases that name it, and left as it is, in evaluation mode, by the training that follows. */
  readonly pretrainingOnly?: boolean;
}

/** Losses by name, unweighted scalars; the loop weighs, sums and records them. The labels' loss, which an objective adds, is named `ce`. */
export type Losses<Name extends string = string> = Readonly<Record<Name, Tensor>>;

/** Tensors by name that are computed from the teacher alone, [N, ...]: as small as the method allows, since they may be cached for each image. */
export type Targets<Name extends string = string> = Readonly<Record<Name, Tensor>>;

/** What a loss is multiplied by: always the same, or value · min(epoch / rampEpochs, 1), where epochs count from 1. */
export type Weight = number | { readonly value: number; readonly rampEpochs: number };

/** The student's stage of a pair. */
export interface ComparedStage<PerPair extends string = string> extends Stage {
  /** The name of the method that compares it. */
  readonly method: string;
  /** What the method's `pairTargets` gives of the teacher's stage. */
  readonly targets: Targets<PerPair>;
}

/** The student's stage of each pair, in the order of `pairs`. Throws ARGUMENT where a method without `pairs` reads it. */
export type Compared<PerPair extends string = string> = readonly [ComparedStage<PerPair>, ...ComparedStage<PerPair>[]];

/** What auxiliary modules are made to fit. Tensors are of one image; only their shapes mean anything. */
export interface Setting<Whole extends string = string, PerPair extends string = string> {
  readonly student: Observed;
  /** The student's own. */
  readonly module: Module;
  readonly targets: Targets<Whole>;
  readonly compared: Compared<PerPair>;
  readonly teacher: TeacherWeights;
  readonly classes: number;
  /** How many training images there are. Throws ARGUMENT where the learner does not know. */
  readonly images: number;
  /** A new network of the student's architecture. Throws ARGUMENT for a model that cannot make one. */
  peer(): Module;
}

/** What losses are computed from. */
export interface Batch<Whole extends string = string, PerPair extends string = string> {
  /** [N, C, H, W] */
  readonly images: Tensor;
  readonly student: Observed;
  readonly compared: Compared<PerPair>;
  readonly targets: Targets<Whole>;
  /** int32 [N] */
  readonly labels: Tensor;
  readonly teacher: TeacherWeights;
  /** int32 [N]: which of the training images these are. */
  readonly indices: Tensor;
  /** int32 [N, K]: for each image K different ones of other classes, drawn again for each batch. Throws ARGUMENT unless `needs` asks for them. */
  readonly negatives: Tensor;
  /** The same images once more, strongly varied. Throws ARGUMENT unless `needs` asks for it, and for images that are neither grey nor coloured. */
  readonly strong: StrongView<Whole>;
  /** Runs an auxiliary module: in training mode where it is trained, else in evaluation mode. Throws UNKNOWN_NAME. */
  auxiliary(name: string, x: Tensor): Tensor;
  /** The cross entropy of logits [N, classes] with the labels, smoothed where the training has them smoothed, and weighted where it weighs classes. */
  labelsLoss(logits: Tensor): Tensor;
  /** How much classes count in the loss of labels, where they differ in that. */
  readonly classWeights?: ClassWeights | undefined;
  /** A scalar that goes by the epoch, from 1 in its phase: a curriculum, say. The name is for messages, each one's own within the method. */
  byEpoch(name: string, at: (epoch: number) => number): Tensor;
  /** An auxiliary module's buffer, `memory.student`, as it is before the step. Throws UNKNOWN_NAME. */
  buffer(path: string): Tensor;
  /** What a buffer becomes by the step. No gradient flows. */
  update(buffer: Tensor, value: Tensor): void;
}

/** Another view of a batch's images, drawn again for each batch: cropped and mirrored as the batch itself may be, and then by RandAugment. */
export interface StrongView<Whole extends string = string> {
  /** [N, C, H, W] */
  readonly images: Tensor;
  /** As the student sees it, after the images themselves: norms have seen both when the step is done. */
  readonly student: Observed;
  /** As the teacher sees it: computed in each step, never cached. */
  readonly targets: Targets<Whole>;
}

/** What the training loop has to feed. */
export interface Needs {
  /** Whether each batch comes with a strong view of its images. */
  readonly strongView?: boolean | undefined;
  /** K = `count`, or fewer where some image has fewer of other classes. */
  readonly negatives?: { readonly count: number } | undefined;
}

/** Some epochs before the training proper, on losses of their own. */
export interface PretrainingPhase<Whole extends string = string, PerPair extends string = string> {
  readonly name: string;
  /** For people: `Paraphraser`. */
  readonly title: string;
  readonly epochs: number;
  /** Names of auxiliary modules, and `student`; by default all that the method has. The rest stays as it is, in evaluation mode. */
  readonly trains?: readonly string[];
  losses(batch: Batch<Whole, PerPair>): Losses;
  readonly weights: Readonly<Record<string, Weight>>;
}

/** The loss with the labels: the cross entropy, which the objective adds once, however many methods it is made of. */
export interface Labels<Values> {
  /** Default of the option `ceWeight`, which the objective adds to the method's own. */
  readonly weight: number;
  /** Whether it is always that, without an option. */
  readonly isFixed?: boolean;
  /** Of the option, where it weighs more than the cross entropy of the student. */
  readonly description?: string;
  /** What stands in the cross entropy's place: logits [N, classes], labels int32 [N] to a scalar; with weights where the training weighs classes. */
  loss?(logits: Tensor, labels: Tensor, options: Values, weights?: ClassWeights): Tensor;
}

/** The values of a method's options; `ceWeight` is 0 for a method without the labels' loss. */
export type ResolvedOptions<O extends Options> = ValuesOf<O> & { readonly ceWeight: number };

/** Where a method was published for what, and with which options. */
export interface Preset<Values> {
  /** Who published these values, and the file or section that has them. */
  readonly source: string;
  /** Those that are not the defaults; none for the preset that the defaults are. */
  readonly options: Partial<Values>;
}

/** By name. The first is what the defaults are. */
export type Presets<Values> = Readonly<Record<string, Preset<Values>>>;

/**
 * What teaches, by its own losses; the labels' loss is the objective's. Weights are named for what they weigh: `kdWeight`.
 *
 * `Whole` and `PerPair` name what `targets` and `pairTargets` give: `Method<typeof options, "logits">`,
 * `Method<typeof options, never, "map">`.
 */
export interface Method<O extends Options, Whole extends string = never, PerPair extends string = never> {
  /** Its name in the table: `kd`. */
  readonly name: string;
  /** For people: `Soft targets`. */
  readonly title: string;
  /** One sentence: what it teaches. */
  readonly summary: string;
  /** Authors, title, year, address, where it was published. */
  readonly paper?: string;
  /** The module that gives it, if it is in no table. */
  readonly from?: ModuleSource;
  /** Its own, without `ceWeight`; unknown keys are refused. */
  readonly options: O;
  /** What is wrong between several options, by the name of one of them. */
  check?(options: ResolvedOptions<O>): Readonly<Record<string, string>>;
  /** Published settings by name; the first is what the defaults are. */
  readonly presets?: Presets<ResolvedOptions<O>>;
  /** Without it, the labels have no part. */
  readonly labels?: Labels<ResolvedOptions<O>>;
  /** Whether a teacher is needed. */
  readonly needsTeacher: boolean;
  /** Which places of both networks are compared; by default none. Only shapes and paths mean anything. Throws UNKNOWN_NAME, ARGUMENT. */
  pairs?(student: Observed, teacher: Observed, options: ResolvedOptions<O>): readonly StagePair[];
  /**
   * Of each pair, from the teacher alone, as small as the method allows: it may be cached for every image. Of the student's side only
   * shapes mean anything: maps are averaged down to its own, say.
   */
  pairTargets?(pair: StagePair, options: ResolvedOptions<O>, weights: TeacherWeights): Targets<PerPair>;
  /** From the teacher as a whole, or from all pairs together. */
  targets?(
    teacher: Observed,
    options: ResolvedOptions<O>,
    weights: TeacherWeights,
    pairs: readonly StagePair[],
  ): Targets<Whole>;
  /** Modules to train beside the student, by name. Throws SHAPE where no connector fits. */
  auxiliaries?(
    setting: Setting<Whole, PerPair>,
    options: ResolvedOptions<O>,
  ): Readonly<Record<string, AuxiliaryModule>>;
  /** The method's own losses of one batch. */
  losses(batch: Batch<Whole, PerPair>, options: ResolvedOptions<O>): Losses;
  /** What each loss of `losses` is multiplied by. */
  weights(options: ResolvedOptions<O>): Readonly<Record<string, Weight>>;
  /** By default nothing. */
  needs?(options: ResolvedOptions<O>): Needs;
  /** What comes before the training, in this order. */
  pretraining?(options: ResolvedOptions<O>): readonly PretrainingPhase<Whole, PerPair>[];
  /** The network that is trained and shipped, where it is not the student as it stands. */
  student?(setting: Setting<Whole, PerPair>, options: ResolvedOptions<O>): MadeStudent;
}

/** Any method, whatever its options and targets. */
export type AnyMethod = Method<Options, string, string>;

/** A network that holds the student as its child `inside`, where its places are found, and parts of its own: frozen ones of the teacher, say. */
export interface MadeStudent {
  readonly module: Module;
  readonly inside: string;
  /** Its own places, the last of them what its classifier sees, where they are not the student's. */
  readonly features?: readonly StagePaths[];
}
