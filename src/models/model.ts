/** @file What the table of models holds, and how one is made. */
import { aNumber, anObject, aShape, aString, having, listOf, optional, type Kind } from "../arguments.ts";
import { aModule, type Module } from "../nn/module.ts";
import type { Architecture } from "./architecture.ts";

/** A classifier: images [N, ...inputShape] in, logits [N, classes] out. */
export interface Model {
  /** Its name in the table. */
  readonly name: string;
  readonly module: Module;
  /** [channels, height, width] */
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  /** Where methods that compare features look, unless told otherwise: from the first stage to the vector that the classifier sees. */
  readonly features?: readonly FeaturePlace[];
  /** The networks whose mean it is, if it is one of several (`ensemble`). */
  readonly members?: readonly Model[];
  /** What it can be made of anew, for its file to say; not said for a network of the caller's own. */
  readonly architecture?: Architecture;
  /** The child that is another network, if it is made of one: that one's paths go on naming its modules. */
  readonly inside?: string;
  /** Another network of this architecture, its parameters not yet drawn. */
  readonly anew?: () => Model;
}

/** For `checkArguments`. */
export const aModel: Kind = having("a model", {
  name: aString,
  module: aModule,
  inputShape: aShape,
  classes: aNumber,
  features: optional(listOf(anObject)),
});

/** A stage's output, as the path of a recorded output. */
export interface FeaturePlace {
  readonly output: string;
  /** The same before its activation; the output itself where there is none. */
  readonly preActivation: string;
  /** The last batch norm before that, whose weight and bias tell how its values are spread; none in networks without norms. */
  readonly norm?: string;
  /** The output pooled, where the network goes on with that and has no parameter in between: it is no stage of its own. */
  readonly pooled?: string;
}

/** What every model can be told. */
export interface ModelOptions {
  readonly classes?: number;
  /** Probability that dropout zeroes an element, in the networks that have dropout: DeepNN and LightNN. */
  readonly dropout?: number;
}
