/** @file A module: named parameters, named children, and a function from tensor to tensor. */
import type { Random } from "../random/random.ts";
import { input, state, type Tensor } from "../tensor/index.ts";
import type { Shape } from "../tensor/shape.ts";

/** A trained tensor and how its first values are drawn. */
export interface Parameter {
  readonly tensor: Tensor;
  /** Draws `tensor.size` values, row-major. */
  readonly initial: (random: Random) => Float32Array;
}

/** A piece of a network. Its parameters and children stand in the order in which PyTorch's constructor would make them. */
export interface Module {
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly children?: Readonly<Record<string, Module>>;
  /** Records the module's computation. Children are called through `pass.run`, so that their outputs have names. */
  forward(x: Tensor, pass: Pass): Tensor;
}

/** A mask that must be drawn afresh before each run: `values = Bernoulli(keep) / keep`, as PyTorch's dropout. */
export interface Mask {
  readonly input: Tensor<{ readonly name: string }>;
  readonly keep: number;
}

/** One recording of a network: its mode, every module's output by path, and the masks it wants. */
export class Pass {
  /** Training mode, or evaluation. */
  readonly training: boolean;
  /** Every module's output by its path, such as `features.3`; the network's own under `""`. */
  readonly outputs: Map<string, Tensor> = new Map();
  /** In the order in which PyTorch would draw them. */
  readonly masks: Mask[] = [];
  readonly #path: string[] = [];

  constructor(training: boolean) {
    this.training = training;
  }

  /** Calls a child. `name` is its key among its parent's children. */
  run(name: string, module: Module, x: Tensor): Tensor {
    this.#path.push(name);
    const y = module.forward(x, this);
    this.outputs.set(this.#path.join("."), y);
    this.#path.pop();
    return y;
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

/** Records a whole network on x. */
export function record(
  module: Module,
  x: Tensor,
  { training }: { readonly training: boolean },
): Pass & { readonly output: Tensor } {
  const pass = new Pass(training);
  const output = module.forward(x, pass);
  pass.outputs.set("", output);
  return Object.assign(pass, { output });
}

/** Every parameter by its path, `features.0.weight`, in construction order: the keys of PyTorch's state dict. */
export function namedParameters(module: Module): Map<string, Parameter> {
  const found = new Map<string, Parameter>();
  const visit = (current: Module, prefix: string): void => {
    for (const [name, value] of Object.entries(current.parameters ?? {})) found.set(prefix + name, value);
    for (const [name, child] of Object.entries(current.children ?? {})) visit(child, `${prefix}${name}.`);
  };
  visit(module, "");
  return found;
}

/** How many numbers a network learns. */
export function countParameters(module: Module): number {
  return [...namedParameters(module).values()].reduce((total, { tensor }) => total + tensor.size, 0);
}
