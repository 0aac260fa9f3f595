/** @file A module: named parameters, buffers and children, and a function from tensor to tensor. */
import { aFunction, anObject, checkArguments, having, optional, type Kind } from "../arguments.ts";
import type { Random } from "../random/random.ts";
import { aTensor, input, state, type Tensor } from "../tensor/index.ts";
import type { Shape } from "../tensor/shape.ts";
import { located } from "./located.ts";

/** A trained tensor and how its first values are drawn. */
export interface Parameter {
  readonly tensor: Tensor;
  /** Draws `tensor.size` values, row-major. */
  readonly initial: (random: Random) => Float32Array;
}

/** A tensor that a network keeps and no gradient changes: a running average, say. */
export interface Buffer {
  readonly tensor: Tensor;
  /** The number that it holds everywhere at first, or how its first values are drawn; not said for values that are another network's. */
  readonly initial?: number | Parameter["initial"];
}

/** A piece of a network. Its parameters and children stand in the order in which PyTorch's constructor would make them. */
export interface Module {
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly buffers?: Readonly<Record<string, Buffer>>;
  readonly children?: Readonly<Record<string, Module>>;
  /** First values that replace the layers' own once the whole module is made, as many of PyTorch's constructors end. */
  readonly redraw?: (random: Random) => Iterable<readonly [Tensor, Float32Array]>;
  /** Records the module's computation. Children are called through `pass.run`, so that their outputs have names. */
  forward(x: Tensor, pass: Pass): Tensor;
}

/** For `checkArguments`. */
export const aModule: Kind = having("a module", {
  forward: aFunction,
  parameters: optional(anObject),
  buffers: optional(anObject),
  children: optional(anObject),
});

const aHeld = having("an object", {
  tensor: aTensor,
  initial: optional({
    expected: "a function or a number",
    is: (value) => aFunction.is(value) || typeof value === "number",
  }),
});

/** A mask that must be drawn afresh before each run: `values = Bernoulli(keep) / keep`, as PyTorch's dropout. */
export interface Mask {
  readonly input: Tensor<{ readonly name: string }>;
  readonly keep: number;
}

/** One recording of a network: its mode, every module's output by path, the masks it wants, and what it does to buffers. */
export class Pass {
  /** Training mode, or evaluation. */
  readonly training: boolean;
  /** Every module's output by its path, such as `features.3`; the network's own under `""`. */
  readonly outputs: Map<string, Tensor> = new Map();
  /** In the order in which PyTorch would draw them. */
  readonly masks: Mask[] = [];
  /** What each buffer becomes by a training step. NOTE: a graph that trains has to apply these; `train` does. */
  readonly updates: Map<Tensor, Tensor> = new Map();
  readonly #path: string[] = [];

  constructor(training: boolean) {
    this.training = training;
  }

  /** Calls a child. `name` is its key among its parent's children. An error of Limbeck's gets the child's path in front. */
  run(name: string, module: Module, x: Tensor): Tensor {
    this.#path.push(name);
    try {
      const y = module.forward(x, this);
      this.outputs.set(this.#path.join("."), y);
      return y;
    } catch (error) {
      throw located(error, this, this.#path.join("."));
    } finally {
      this.#path.pop();
    }
  }

  /** Gives a result that is no module's own a path below the running module: a residual's sum before its activation, say. */
  note(name: string, x: Tensor): Tensor {
    this.outputs.set([...this.#path, name].join("."), x);
    return x;
  }

  /** A placeholder for a dropout mask of this shape. */
  mask(shape: Shape, keep: number): Tensor {
    const mask = { input: input(`mask ${this.#path.join(".")}`, shape), keep };
    this.masks.push(mask);
    return mask.input;
  }
}

/** A new parameter. `name` is for messages; its path comes from where the module stands. */
export function parameter(name: string, shape: Shape, initial: Parameter["initial"]): Parameter {
  return { tensor: state(name, shape), initial };
}

/** A new buffer. `name` is for messages; its path comes from where the module stands. */
export function buffer(name: string, shape: Shape, initial: number | Parameter["initial"]): Buffer {
  return { tensor: state(name, shape), initial };
}

/** Records a whole network on x. */
export function record(
  module: Module,
  x: Tensor,
  options: { readonly training: boolean },
): Pass & { readonly output: Tensor } {
  checkArguments("record", { module: [module, aModule], x: [x, aTensor], options: [options, anObject] });
  const { training } = options;
  const pass = new Pass(training);
  const output = module.forward(x, pass);
  pass.outputs.set("", output);
  return Object.assign(pass, { output });
}

/** Every parameter by its path, `features.0.weight`, in construction order. */
export function namedParameters(module: Module): Map<string, Parameter> {
  return named(module, ({ parameters }) => parameters);
}

/** Every buffer by its path, `features.1.running_mean`. */
export function namedBuffers(module: Module): Map<string, Buffer> {
  return named(module, ({ buffers }) => buffers);
}

/** Every tensor that a network's file holds, by its path: parameters and buffers, as PyTorch's state dict has them. */
export function namedStates(module: Module): Map<string, Tensor> {
  const all = named<Parameter | Buffer>(module, ({ parameters, buffers }) => ({ ...parameters, ...buffers }));
  return new Map([...all].map(([path, { tensor }]) => [path, tensor]));
}

/** How many numbers a network learns. */
export function countParameters(module: Module): number {
  return [...namedParameters(module).values()].reduce((total, { tensor }) => total + tensor.size, 0);
}

function named<T>(module: Module, own: (module: Module) => Readonly<Record<string, T>> | undefined): Map<string, T> {
  const found = new Map<string, T>();
  const visit = (current: Module, prefix: string): void => {
    checkArguments("a network", { [prefix === "" ? "module" : prefix.slice(0, -1)]: [current, aModule] });
    for (const [name, value] of Object.entries(own(current) ?? {})) {
      checkArguments("a network", { [prefix + name]: [value, aHeld] });
      found.set(prefix + name, value);
    }
    for (const [name, child] of Object.entries(current.children ?? {})) visit(child, `${prefix}${name}.`);
  };
  visit(module, "");
  return found;
}
