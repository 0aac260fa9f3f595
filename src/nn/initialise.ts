/** @file The first values of a network, drawn in the order in which PyTorch's constructors would draw them. */
import type { Module, TrainingImages } from "./module.ts";
import { namedParameters } from "./named.ts";
import { unknownName } from "../nearest-name.ts";
import type { Random } from "../random/index.ts";
import type { Tensor } from "../tensor/index.ts";

/** A module that is trained beside a network, and drawn while the network is: a distillation's regressor, say. */
export interface Auxiliary {
  readonly module: Module;
  /** Path of the network's module after which PyTorch would have built it; by default after the whole network. */
  readonly builtAfter?: string;
}

/**
 * First values of every parameter and buffer of `network` and of the auxiliary modules. A parameter that is met twice is drawn once.
 *
 * Throws UNKNOWN_NAME for a `builtAfter` that is no path of the network.
 */
export function initialise(
  network: Module,
  random: Random,
  auxiliaries: readonly Auxiliary[] = [],
): Map<Tensor, Float32Array> {
  const values = new Map<Tensor, Float32Array>();
  const paths: string[] = [];
  const waiting = new Set(auxiliaries);
  const visit = (module: Module, prefix: string, build: (path: string) => void): void => {
    for (const { tensor, initial } of Object.values(module.parameters ?? {})) {
      if (!values.has(tensor)) values.set(tensor, initial(random));
    }
    for (const { tensor, initial } of Object.values(module.buffers ?? {})) {
      if (initial === undefined || values.has(tensor)) continue;
      values.set(tensor, typeof initial === "number" ? new Float32Array(tensor.size).fill(initial) : initial(random));
    }
    for (const [name, child] of Object.entries(module.children ?? {})) {
      visit(child, `${prefix}${name}.`, build);
      build(prefix + name);
    }
    for (const [tensor, redrawn] of module.redraw?.(random) ?? []) values.set(tensor, redrawn);
  };
  const buildAuxiliaries = (path: string | undefined): void => {
    if (path !== undefined) paths.push(path);
    for (const auxiliary of waiting) {
      if (auxiliary.builtAfter !== path) continue;
      waiting.delete(auxiliary);
      visit(auxiliary.module, "", () => {});
    }
  };
  visit(network, "", buildAuxiliaries);
  buildAuxiliaries(undefined);
  for (const { builtAfter = "" } of waiting) unknownName("module", builtAfter, paths);
  return values;
}

/** The values of all of the network's modules that follow from the training images; see `Module.fit`. */
export function fitted(network: Module, images: TrainingImages): Map<Tensor, Float32Array> {
  const values = new Map<Tensor, Float32Array>();
  const visit = (module: Module): void => {
    for (const [tensor, own] of module.fit?.(images) ?? []) values.set(tensor, own);
    for (const child of Object.values(module.children ?? {})) visit(child);
  };
  visit(network);
  return values;
}

/** How a network draws its first values again; what is left out stays as the layers drew it. */
export interface Redraw {
  /** The deviation of a convolution's normal weights, by fanOut = outputs · KH · KW. */
  readonly convolution: (fanOut: number) => number;
  /** The deviation of a linear layer's normal weights. */
  readonly linear?: number;
  /** Whether biases become zeros. */
  readonly zeroBias?: boolean;
}

/** New first values of a network's parameters, in the order of PyTorch's `modules()`. For `Module.redraw`. */
export function* redraw(
  children: Readonly<Record<string, Module>>,
  random: Random,
  { convolution, linear, zeroBias = false }: Redraw,
): Generator<readonly [Tensor, Float32Array]> {
  for (const [path, { tensor }] of namedParameters({ children, forward: (x) => x })) {
    const { shape, size } = tensor;
    const [outputs = 1, , height = 1, width = 1] = shape;
    const normal = (deviation: number) => [tensor, random.normal(size, 0, deviation)] as const;
    if (shape.length === 4) yield normal(convolution(outputs * height * width));
    else if (shape.length === 2 && linear !== undefined) yield normal(linear);
    else if (zeroBias && path.endsWith("bias")) yield [tensor, new Float32Array(size)];
  }
}

/**
 * √Σ v², summed as `torch.norm` sums float32 values: eight partial sums, added up at the end (PyTorch 1.13, AVX2,
 * one thread). "Prints the same number" is a test of initial values only if the sum is rounded the same way.
 */
export function norm(values: Float32Array): number {
  const lanes = new Float32Array(8);
  const whole = values.length - (values.length % 8);
  for (let i = 0; i < whole; i++) {
    const value = values[i]!;
    lanes[i % 8]! += value * value;
  }
  let sum = lanes.reduce((total, lane) => Math.fround(total + lane));
  for (let i = whole; i < values.length; i++) {
    // NOTE: of what is left over, the compiler took four squares at once and rounded them; the others it did not.
    const fourAtOnce = i < whole + 4 && values.length >= whole + 4;
    const value = values[i]!;
    const square = value * value;
    sum = Math.fround(sum + (fourAtOnce ? Math.fround(square) : square));
  }
  return Math.fround(Math.sqrt(sum));
}
