/** @file What the table of models holds, how one is made, and how a file describes one. */
import { aNumber, anObject, aShape, aString, having, listOf, optional, type Kind } from "../arguments.ts";
import type { ModuleSource } from "../module-source.ts";
import { aModule, type Module } from "../nn/index.ts";
import type { ModelOptionTable, ModelOptionValues } from "./option.ts";

/** A classifier: images [N, ...inputShape] in, logits [N, classes] out. */
export interface Model {
  /** Its name in the table. */
  readonly name: string;
  readonly module: Module;
  readonly inputShape: ImageShape;
  readonly classes: number;
  /** Where methods that compare features look by default: from the first stage to the vector that the classifier sees. */
  readonly features?: readonly FeaturePlace[] | undefined;
  /** The networks whose mean it is, if it is one of several (`ensemble`). */
  readonly members?: readonly Model[];
  /** What it can be made of again, for its file to say; missing for a network of the caller's own. */
  readonly architecture?: Architecture | undefined;
  /** The child that is another network, if it is made of one: that one's paths go on naming its modules. */
  readonly inside?: string;
  /** Another network of this architecture, for other classes if they are given; its parameters are not yet drawn. */
  readonly recreate?: (others?: Pick<ModelOptions, "classes">) => Model;
  /**
   * Of what stands for a teacher whose outputs are computed externally, and cached before it teaches: whether methods may use its weights, and how
   * it can be made to give more of its values.
   */
  readonly external?: { readonly hasWeights: boolean; readonly more?: string | undefined };
}

/** What an image is: [channels, height, width]. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/** A stage's output, as the path of a recorded output. */
export interface FeaturePlace {
  readonly output: string;
  /** The same before its activation; the output itself where there is none. */
  readonly preActivation: string;
  /** The last batch norm before that, whose weight and bias tell how its values are spread; none in networks without norms. */
  readonly norm?: string | undefined;
  /** The output pooled, where the network goes on with that and has no parameter in between: it is no stage of its own. */
  readonly pooled?: string | undefined;
}

/** What every model of the table is made with. */
export interface NetworkOptions {
  /** From 2 to 65,535; 10 by default. */
  readonly classes?: number;
  /** One image's [channels, height, width], each to 65,535; by default [3, 32, 32], or [3, 224, 224] for torchvision's networks. */
  readonly inputShape?: ImageShape;
  /** Probability that dropout zeroes an element, in the networks that have dropout (DeepNN, LightNN, mobilenet_v2); by default 0.1, of mobilenet_v2 0.2. */
  readonly dropout?: number;
}

/** Those, and the network's own. */
export interface ModelOptions extends NetworkOptions {
  /** By name, `{ widths: [32, 64, 64] }`; see the table's row, or `limbeck list models NAME`. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** What a row of the table makes from complete options. */
export interface Network {
  readonly module: Module;
  /** Without them, methods that compare features have to be told which (`pairs`). */
  readonly features?: readonly FeaturePlace[] | undefined;
}

/** A row of the table. */
export interface ModelEntry {
  /** One line for people: what it is made of. What it costs is counted (`countParameters`, `countMultiplyAdds`). */
  readonly summary: string;
  readonly create: (options: Required<NetworkOptions>, own?: Readonly<Record<string, unknown>>) => Network;
  /** Its own options; none by default. */
  readonly options?: ModelOptionTable | undefined;
  /** The least height and width of images, which its pools without padding halve; 1 by default. */
  readonly leastSide?: number | undefined;
  /** What is made where options do not say it, if not for images of 3x32x32 and with a dropout of 0.1. */
  readonly defaults?: Pick<NetworkOptions, "inputShape" | "dropout"> | undefined;
}

/** The part of a row that has options: `create` gets their defaults for those that it is not given. */
export function family<const Table extends ModelOptionTable>(
  options: Table,
  create: (options: Required<NetworkOptions>, own: ModelOptionValues<Table>) => Network,
): Pick<ModelEntry, "create"> & { readonly options: Table } {
  const defaults = Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, value]));
  return {
    options,
    create: (common, own = {}) => create(common, { ...defaults, ...own } as ModelOptionValues<Table>),
  };
}

/** Your own row, which is in no table. */
export interface OwnModelEntry extends Omit<ModelEntry, "summary"> {
  readonly name: string;
  readonly summary?: string;
  /** The module that gives it; without one, a file of its weights does not say how it is made. */
  readonly from?: ModuleSource;
}

/** For `checkArguments`. */
export const aModel: Kind = having("a model", {
  name: aString,
  module: aModule,
  inputShape: aShape,
  classes: aNumber,
  features: optional(listOf(anObject)),
});

/** A network in words and numbers, from which it can be made: one of the table, several as one, or what a method made of a student and its teacher's parts. */
export type Architecture = TableArchitecture | EnsembleArchitecture | DistilledArchitecture;

/** `createModel(name, { classes, inputShape, dropout, options })`, or the same of the model that a module gives. */
export interface TableArchitecture {
  readonly kind: "model";
  readonly name: string;
  readonly classes: number;
  /** The network's default if missing. */
  readonly inputShape?: ImageShape | undefined;
  readonly dropout?: number | undefined;
  /** Of the network's own options, those that were given. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Of a model that is in no table. */
  readonly from?: ModuleSource | undefined;
}

/** `ensemble(members, weights)`. */
export interface EnsembleArchitecture {
  readonly kind: "ensemble";
  readonly members: readonly Architecture[];
  readonly weights: readonly number[];
}

/** `learner(student, objectiveNamed(method, options), teacher).model`. */
export interface DistilledArchitecture {
  readonly kind: "distilled";
  readonly student: Architecture;
  readonly teacher: Architecture;
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Of methods that are in no table, by their names. */
  readonly from?: Readonly<Record<string, ModuleSource>> | undefined;
}

/** The options that a network of the table was given, of what a person may want to know of it; none of others. */
export function modelOptionsOf(architecture: Architecture | undefined): Readonly<Record<string, unknown>> {
  return (architecture?.kind === "model" && architecture.options) || {};
}

/** `widths 32,64,64, activation relu`; empty where there are none. */
export function optionsText(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}

/** `airbench94 (widths 32,64,64)`, or the name alone. */
export function nameWithOptions(name: string, options: Readonly<Record<string, unknown>> = {}): string {
  const text = optionsText(options);
  return text === "" ? name : `${name} (${text})`;
}

/** The name that a person knows it by: `resnet8`, `resnet8 + resnet14`; of a distilled network, the student's. */
export function architectureName(architecture: Architecture): string {
  if (architecture.kind === "model") return architecture.name;
  if (architecture.kind === "distilled") return architectureName(architecture.student);
  return architecture.members.map(architectureName).join(" + ");
}
