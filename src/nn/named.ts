/** @file What a network is made of: parameters and buffers by their paths, as PyTorch names them, and what it costs. */
import { elementAt } from "../elements.ts";
import type { Buffer, Module, Parameter } from "./module.ts";
import { record } from "./pass.ts";
import { input, topologicalOrder, type Shape, type Tensor } from "../tensor/index.ts";
import { conv2dOp } from "../tensor/ops/conv.ts";
import { linearOp, matmulOp, type Transposed } from "../tensor/ops/matmul.ts";

/**
 * Every parameter by its path, `features.0.weight`, in construction order; one that stands in several places by its first, as
 * in PyTorch's `named_parameters`.
 */
export function namedParameters(module: Module): Map<string, Parameter> {
  return once(named(module, ({ parameters }) => parameters));
}

/** Every buffer by its path, `features.1.running_mean`; one that stands in several places by its first. */
export function namedBuffers(module: Module): Map<string, Buffer> {
  return once(named(module, ({ buffers }) => buffers));
}

/**
 * Every tensor that a network's file holds, by its path: parameters and buffers, as PyTorch's state dict has them. One that
 * stands in several places has all their paths.
 */
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
    for (const [name, value] of Object.entries(own(current) ?? {})) found.set(prefix + name, value);
    for (const [name, child] of Object.entries(current.children ?? {})) visit(child, `${prefix}${name}.`);
  };
  visit(module, "");
  return found;
}

function once<T extends { readonly tensor: Tensor }>(all: ReadonlyMap<string, T>): Map<string, T> {
  const seen = new Set<Tensor>();
  return new Map([...all].filter(([, { tensor }]) => !seen.has(tensor) && seen.add(tensor)));
}

/**
 * Multiply-adds of one image's forward pass in evaluation: those of convolutions, linear layers and matrix products, the border's
 * zeros counted as PyTorch's counters do. Biases, norms, pools and activations are not counted. `inputShape` is an image's,
 * [C, H, W]. Throws what the network throws for images of that shape.
 */
export function countMultiplyAdds(module: Module, inputShape: Shape): number {
  const { output } = record(module, input("image", [1, ...inputShape]), { training: false });
  return topologicalOrder([output]).reduce((total, node) => total + node.size * termsOf(node), 0);
}

/** How many products each element of a node's result sums. */
function termsOf({ op, inputs, attributes }: Tensor): number {
  if (op === conv2dOp) return elementAt(inputs, 1).size / elementAt(elementAt(inputs, 1).shape, 0);
  if (op === linearOp) return elementAt(elementAt(inputs, 1).shape, 1);
  if (op === matmulOp) return elementAt(elementAt(inputs, 0).shape, (attributes as Transposed).transposeA ? -2 : -1);
  return 0;
}
