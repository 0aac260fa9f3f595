/** @file A feature of training: something that a training may do besides its steps. The rows are in features.ts; nothing else names one. */
import type { BatchRange } from "../data/loader.ts";
import type { Losses, PretrainingPhase } from "../distill/index.ts";
import type { Engine, Inputs } from "../engine/contract.ts";
import type { Parameter, Pass } from "../nn/index.ts";
import type { Freeze, PerLossGradients, ScheduledInput } from "../optim/index.ts";
import type { Graph, Tensor, Update } from "../tensor/index.ts";
import type { BySize, LoadedStep } from "./batches.ts";
import type { BatchLosses } from "./events.ts";
import type { Learner } from "../distill/learner.ts";
import type { ObservedPass } from "../distill/observe.ts";
import type { Ranges } from "./quantise/ranges.ts";
import type { StepInput } from "./step-input.ts";

/** The options of training that are features'. */
export interface FeatureOptions {
  readonly learner: Learner;
  /**
   * How often every training image is seen after the method's pre-training, all together: a resumed training does the rest. It may end within
   * an epoch: 9.9, after nine tenths of the tenth, rounded up to a step.
   */
  readonly epochs: number;
  /** 128 by default; the last batch of an epoch may be shorter. */
  readonly batchSize?: number | undefined;
  /**
   * In how many parts a batch is computed, one after the other, which takes the memory of one: their gradients are summed for one update.
   * Batch norm, and losses that compare images with each other, see a part's images; all else is as without, but for rounding. 1 by default.
   */
  readonly accumulate?: number | undefined;
  /** Running averages of the weights (EMA), validated and left in the engine in place of the weights, where this is set: what an average keeps at each step. */
  readonly emaDecay?: number | undefined;
  /**
   * The last epochs, so many, train the network as whole numbers of 8 bits will compute it, so that little is lost when they do: weights and
   * activations are rounded, gradients pass straight through, norms keep their statistics and nothing is dropped out. The ranges are
   * learnt in their first half, and left in the engine. None by default.
   */
  readonly quantize?: { readonly epochs: number; readonly ranges: Ranges } | undefined;
  /** Every so many steps, the weights are set back to slow ones that follow them, as `lookaheadOf` has it; the last step is followed by it too. */
  readonly lookahead?: number | undefined;
  /** Parameters that are trained for the first epochs of the training proper alone: then they stay as they are, as without a gradient in PyTorch. */
  readonly freeze?: readonly Freeze[] | undefined;
}

/** Epochs on the same losses. */
export interface Phase {
  /** Absent for the training proper. */
  readonly pretraining?: PretrainingPhase;
  /** That are begun. */
  readonly epochs: number;
  /** Epochs of the phases before. */
  readonly from: number;
}

/** The phase of a training that a feature is made for. */
export interface FeatureSetting extends Phase {
  readonly options: FeatureOptions;
  /** The parameters that the phase trains, by name. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** The batches of an epoch. */
  readonly ranges: readonly BatchRange[];
  /** Steps of the phase. */
  readonly stepCount: number;
}

/** Makes the feature for a phase; `undefined` where the options do not ask for it. Throws ARGUMENT for options that it cannot follow. */
export type MakeFeature = (setting: FeatureSetting) => Feature | undefined;

/** Every hook may be left out. `epochsDone` are those of the phase when a segment begins: steps stay the same until the next. */
export interface Feature {
  /**
   * States that it needs while the phase runs, by the names they have in a checkpoint: saved, restored, and freed at the end.
   * Complete once the steps are recorded.
   */
  readonly states?: ReadonlyMap<string, Tensor>;
  /** States that it trains beside the model's: saved, restored, selected with the best epoch, and left in the engine. */
  readonly learned?: ReadonlyMap<string, Tensor>;
  /** States that are zeros between steps: freed at the end, and in no checkpoint. */
  readonly scratch?: Iterable<Tensor>;
  /** Scalar inputs of the step's graph. */
  readonly scalars?: readonly ScheduledInput[];
  /** Epochs of the phase after which the step is recorded anew. */
  readonly changesAfter?: readonly number[];
  /** How many epochs have to be done before one may be selected as the best. */
  readonly selectableAfter?: number;
  /** Records the student on x in place of `observe`, `after` an earlier recording of the same step. */
  record?(x: Tensor, epochsDone: number, after?: Pass): ObservedPass | undefined;
  /** The gradients that the optimiser gets, of those that were computed. */
  gradients?(gradients: StepGradients, epochsDone: number): StepGradients;
  /** More updates, given all that the step makes so far. */
  updates?(updates: readonly Update[]): readonly Update[];
  /** Makes the steps of batches like `ranges` in place of one graph for each size. */
  steps?(acts: StepActs, ranges: readonly BatchRange[]): Steps;
  /** Graphs that run before or after steps, given the states that the first step changes. */
  passes?(changed: ReadonlySet<Tensor>): readonly StepPass[];
  /** Puts the values that are to be validated and shipped into the model's states. */
  finish?(engine: Engine): Promise<void>;
}

/** A graph that runs beside steps. */
export interface StepPass {
  readonly graph: Graph;
  readonly when: "before" | "after";
  /** What it is given each time it runs at this step, counted from 1 in the phase; empty where it does not run. */
  at(step: number): readonly Inputs[];
}

/** The acts of a step, for whoever makes one graph of them, or several. */
export interface StepActs {
  readonly learner: Learner;
  /** The names of the trained parameters, in the order of the gradients. */
  readonly parameters: readonly string[];
  /** The student on a batch of n, the teacher unless its outputs are cached, and their losses. */
  forward(n: number): RecordedLosses;
  /** The gradients of weighted losses. */
  backward(weighted: Losses): StepGradients;
  /** What parameters become by these gradients, then buffers as the networks say, then what features add. */
  update(gradients: StepGradients, moved: readonly Update[]): readonly Update[];
  /** Inputs that go by the step: the learning rate, say. */
  readonly scalars: readonly StepInput[];
}

/** A batch's losses as symbols. */
export interface RecordedLosses {
  /** By name and unweighted, as the method gives them; of mixed images, both labels' together. */
  readonly terms: Losses;
  readonly weighted: Losses;
  /** What the networks do to their buffers. */
  readonly moved: readonly Update[];
  /** What they have to be given, in the order in which values are drawn. */
  readonly inputs: readonly StepInput[];
}

/** Gradients in the parameters' order; `null` for one that no gradient flows to, or that is frozen. */
export interface StepGradients {
  readonly gradients: readonly (Tensor | null)[];
  /** Of task and teacher each, where the optimiser wants them. */
  readonly perLoss?: PerLossGradients | undefined;
}

/** Steps that are recorded. */
export interface Steps {
  /** What a batch is given. */
  readonly loaded: BySize<LoadedStep>;
  /** All that is computed. */
  readonly graphs: readonly Graph[];
  /** The states that any of them reads or updates. */
  readonly states: ReadonlySet<Tensor>;
  compile(engine: Engine): Promise<StepPrograms>;
}

/** Steps that can be made. */
export interface StepPrograms {
  /**
   * A step, from 1 in its phase, on a batch of so many images: its losses, as they were before the update. NOTE: the next step is
   * begun before this one has ended, so all that it asks the engine is asked at once, and nothing awaited in between.
   */
  run(size: number, inputs: Inputs, step: number): Promise<BatchLosses>;
  close(): void;
}
