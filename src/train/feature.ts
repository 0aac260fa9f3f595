/** @file A feature of training: something that a training may do besides its steps. The rows are in features.ts; nothing else names one. */
import type { BatchRange } from "../data/loader.ts";
import type { Engine, Inputs } from "../engine/contract.ts";
import type { Parameter, Pass } from "../nn/index.ts";
import type { ScheduledInput } from "../optim/index.ts";
import type { Graph, Tensor, Update } from "../tensor/index.ts";
import type { ObservedPass } from "./observe.ts";
import type { PrepareOptions } from "./options.ts";
import type { Phase } from "./plan.ts";
import type { StepActs, StepGradients } from "./step.ts";
import type { Steps } from "./steps.ts";

/** The phase of a training that a feature is made for. */
export interface FeatureSetting extends Phase {
  readonly options: PrepareOptions;
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
