/** @file What a network is trained on: a method with its options settled. */
import { parseWith } from "../parse-with.ts";
import type { ExtraModule, Losses, Method, Observed, Targets } from "./method.ts";
import type { Shape, Tensor } from "../tensor/index.ts";

/** A method whose options are bound, so that a training loop need not know them. The members are those of `Method`. */
export interface Objective {
  readonly name: string;
  readonly title: string;
  readonly needsTeacher: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  /** By the name of the loss. */
  readonly weights: Readonly<Record<string, number>>;
  targets(teacher: Observed): Targets;
  extras(shapes: {
    readonly student: (path: string) => Shape;
    readonly targets: Readonly<Record<string, Shape>>;
  }): Readonly<Record<string, ExtraModule>>;
  losses(batch: {
    readonly student: Observed;
    readonly targets: Targets;
    readonly labels: Tensor;
    readonly extra: (name: string, x: Tensor) => Tensor;
  }): Losses;
}

/** The method with these options, defaults for the rest. Throws ARGUMENT listing every option that is unknown or out of range. */
export function objective<Options>(method: Method<Options>, options: Partial<NoInfer<Options>> = {}): Objective {
  const settled = parseWith(method.options, options, "ARGUMENT", `options of method ${method.name}`);
  return {
    name: method.name,
    title: method.title,
    needsTeacher: method.needsTeacher,
    options: settled as Readonly<Record<string, unknown>>,
    weights: method.weights(settled),
    targets: (teacher) => method.targets(teacher, settled),
    extras: (shapes) => method.extras?.(shapes, settled) ?? {},
    losses: (batch) => method.losses(batch, settled),
  };
}
