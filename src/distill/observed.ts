/** @file What a method sees of the two networks: their outputs, and the teacher's weights. */
import type { Module } from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";

/** Where a stage is found in its network. */
export interface StagePaths {
  readonly output: string;
  readonly preActivation: string;
  readonly norm?: string | undefined;
}

/** One of a network's stages: what it gives, and the same before its activation. */
export interface Stage {
  readonly output: Tensor;
  /** The output itself where there is no activation. */
  readonly preActivation: Tensor;
  /** Where both are found: `layer1`, `layer1.0.sum`; and the last batch norm before, if there is one: `layer1.0.bn2`. */
  readonly paths: StagePaths;
}

/** Two places that are compared. */
export interface StagePair {
  readonly student: Stage;
  readonly teacher: Stage;
}

/** The same by their paths. */
export interface PairedPaths {
  readonly teacher: string;
  readonly student: string;
}

/** What a recorded network offers a method. */
export interface Observed {
  /** [N, classes] */
  readonly logits: Tensor;
  /** Any module's output by its path, `features` say. Throws UNKNOWN_NAME, with the nearest path, for one that is not there. */
  feature(path: string): Tensor;
  /** The declared stage whose output has this path, or else that module's output as it is. Throws UNKNOWN_NAME, telling which stages there are. */
  stage(path: string): Stage;
  /** The stages that the model declares, first to last, without the vector before the classifier. Throws ARGUMENT for a model that declares none. */
  readonly stages: readonly Stage[];
  /** The last stage, pooled where the network goes on with it pooled. Throws ARGUMENT for a model that declares none. */
  readonly lastMap: Stage;
  /** The vector that the classifier sees, [N, D]: the last place that the model declares. Throws ARGUMENT for a model that declares none. */
  readonly embedding: Tensor;
  /** Where it is found. Throws ARGUMENT for a model that declares none. */
  readonly embeddingPath: string;
  /** The network's own classifier, its last linear layer, on other vectors [M, D]: [M, classes]. Throws ARGUMENT for a network without one, SHAPE. */
  classify(vectors: Tensor): Tensor;
}

/** The teacher's own weights, for losses that use them on other tensors. Frozen: nothing trains them, but gradients flow through. */
export interface TeacherWeights {
  /** The teacher's module at this path, in evaluation mode, on x. Throws UNKNOWN_NAME. */
  run(path: string, x: Tensor): Tensor;
  /** A parameter or buffer by its path, `layer1.0.bn2.weight`. Throws UNKNOWN_NAME. */
  state(path: string): Tensor;
  /** The path of the teacher's classifier: the last linear layer, which gives the logits. */
  readonly classifier: string;
  /** The teacher's module at this path as a part of another network that no training changes. Throws UNKNOWN_NAME. */
  frozen(path: string): Module;
}
