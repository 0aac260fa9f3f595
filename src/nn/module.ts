/** @file A module: named parameters, buffers and children, and a function from tensor to tensor that calls the children. */
import { aFunction, byName, having, optional, type Kind } from "../arguments.ts";
import type { Random } from "../random/index.ts";
import { aTensor, state, type Tensor } from "../tensor/index.ts";
import type { Shape } from "../tensor/shape.ts";

/** A trained tensor and how its first values are drawn. */
export interface Parameter {
  readonly tensor: Tensor;
  /** Draws `tensor.size` values, row-major. */
  readonly initial: (random: Random) => Float32Array;
}

/** A tensor that a network keeps and no gradient changes: a running average, say. */
export interface Buffer {
  readonly tensor: Tensor;
  /** The number that it holds everywhere at first, or how its first values are drawn; missing for values that are another network's. */
  readonly initial?: number | Parameter["initial"];
}

/** Named modules. A key whose value may be missing is a child that some variants of a network do without. */
export type Modules = Readonly<Record<string, Module>>;

/** A piece of a network. Its parameters and children stand in the order in which PyTorch's constructor would make them. */
export interface Module<Children extends Modules = Modules> {
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly buffers?: Readonly<Record<string, Buffer>>;
  readonly children?: Children;
  /** First values that replace the layers' own once the whole module is made, as many of PyTorch's constructors end. */
  readonly redraw?: (random: Random) => Iterable<readonly [Tensor, Float32Array]>;
  /** Values that follow from the training images, and replace the first ones where a training begins: those of a network's first layer, say. */
  readonly fit?: (images: TrainingImages) => Iterable<readonly [Tensor, Float32Array]>;
  /**
   * Records the module's computation. `children` are this module's own, each a function that may be called until `forward`
   * returns: `relu(bn1(conv1(x)))`. Called twice, a child shares its weights, and its path stands for the later result.
   */
  forward(x: Tensor, children: Callables<Children>, scope: Scope): Tensor;
}

/** Training images as a network gets them: normalised. */
export interface TrainingImages {
  readonly count: number;
  /** [channels, height, width] */
  readonly shape: Shape;
  /** Image i, from 0 to `count` - 1, row-major. */
  image(i: number): Float32Array;
}

/** A child as `forward` sees it: records the child on x. */
export type Callable = (x: Tensor) => Tensor;

/** Each module as what it is called by. */
export type Callables<Children extends Modules> = { readonly [Name in keyof Children]: Callable };

/** One call of a module, as its `forward` sees it. Paths are below the module's own. */
export interface Scope {
  /** Training mode, or evaluation. */
  readonly training: boolean;
  /** Gives a result that is no child's own a path, and returns it: a residual's sum before its activation, say. */
  note(name: string, x: Tensor): Tensor;
  /** What was recorded under a path below this module. Throws UNKNOWN_NAME. */
  output(path: string): Tensor;
  /** A placeholder for a dropout mask of this shape. */
  mask(shape: Shape, keep: number): Tensor;
  /** What a buffer becomes by a training step, from what it is before: called again, from what the earlier call made of it. */
  update(buffer: Tensor, next: (before: Tensor) => Tensor): void;
}

/** A module of children whose names `forward` knows: `module({ children: { fc }, forward: (x, { fc }) => fc(x) })`. */
export function module<const Children extends Modules>(definition: Module<Children>): Module {
  return definition;
}

const aParameter = having("a parameter", { tensor: aTensor, initial: aFunction });
const aBuffer = having("a buffer", {
  tensor: aTensor,
  initial: optional({
    expected: "a function or a number",
    is: (value) => aFunction.is(value) || typeof value === "number",
  }),
});

/** For `checkArguments`: a module, and those below it. */
export const aModule: Kind = having("a module", {
  forward: aFunction,
  parameters: optional(byName("parameters by name", () => aParameter)),
  buffers: optional(byName("buffers by name", () => aBuffer)),
  children: optional(byName("modules by name", () => aModule)),
  fit: optional(aFunction),
});

/** A new parameter. `name` is for messages; its path comes from where the module stands. */
export function parameter(name: string, shape: Shape, initial: Parameter["initial"]): Parameter {
  return { tensor: state(name, shape), initial };
}

/** A new buffer. `name` is for messages; its path comes from where the module stands. */
export function buffer(name: string, shape: Shape, initial: number | Parameter["initial"]): Buffer {
  return { tensor: state(name, shape), initial };
}
