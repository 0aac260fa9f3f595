/** @file A tensor is a node of a graph: an operation, its inputs, and the shape of its result. It holds no numbers. */
import { shown, type Kind } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { formatShape, sizeOf, type Shape } from "./shape.ts";

/** `float32` for all arithmetic, `int32` for labels and indices, `uint8` for images that an engine keeps as bytes. */
export type DType = "float32" | "int32" | "uint8";

/** What a run may be given. */
export type InputDType = Exclude<DType, "uint8">;

/** What an engine may keep from run to run. */
export type StateDType = Exclude<DType, "int32">;

/**
 * A kind of node. Each operation says here, once, what shape it gives and how a gradient passes back through it. `Inputs` are
 * the tensors that it reads, in order: `[x: Tensor, weight: Tensor, bias?: Tensor]`.
 */
export interface Op<Attributes = unknown, Inputs extends Tensors = Tensors> {
  readonly name: string;
  /** The types of its inputs by their places, where they are not float32. */
  readonly inputTypes?: Readonly<Record<number, DType>>;
  /** The result's shape; throws SHAPE or ARGUMENT where the inputs do not fit. */
  shape(inputs: Inputs, attributes: Attributes): Shape;
  /**
   * Given dL/d(result), dL/d(each input); `null` where none flows. Absent: not differentiable.
   * Called only for results the loss depends on.
   */
  gradient?(node: Tensor<Attributes, Inputs>, outputGradient: Tensor): readonly (Tensor | null)[];
}

/** What an operation reads. */
export type Tensors = readonly Tensor[];
/** Of operations that read one tensor, or two. */
export type Unary = readonly [x: Tensor];
export type Binary = readonly [a: Tensor, b: Tensor];
/** Of operations that multiply by a weight and may add one bias. */
export type WithBias = readonly [x: Tensor, weight: Tensor, ...bias: Tensor[]];
/** Of operations without attributes. */
export type None = Readonly<Record<never, never>>;

/** The method that Node's `util.inspect` looks for. */
const inspection: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

/** A symbolic, statically shaped tensor. Immutable; two tensors are the same value only if they are the same object. */
export class Tensor<Attributes = unknown, Inputs extends Tensors = Tensors> {
  readonly op: Op<Attributes, Inputs>;
  readonly inputs: Inputs;
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(op: Op<Attributes, Inputs>, inputs: Inputs, attributes: Attributes, shape: Shape, dtype: DType) {
    if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size > 0)) {
      const got =
        Array.isArray(shape) && shape.every((size) => typeof size === "number") ? formatShape(shape) : shown(shape);
      throw new LimbeckError("SHAPE", `${op.name}: every size should be a positive whole number, got ${got}`);
    }
    if (!Number.isSafeInteger(sizeOf(shape))) {
      throw new LimbeckError("SHAPE", `${op.name}: ${formatShape(shape)} has more elements than can be counted`);
    }
    this.op = op;
    this.inputs = inputs;
    this.attributes = attributes;
    this.shape = shape;
    this.dtype = dtype;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** `conv2d [8, 16, 32, 32] of relu [8, 3, 32, 32], state "conv1.weight" [16, 3, 3, 3]` */
  toString(): string {
    const shown = this.inputs.slice(0, mostShown).map(nameOf).join(", ");
    const more = this.inputs.length > mostShown ? ` and ${this.inputs.length - mostShown} more` : "";
    return `${nameOf(this)}${shown && ` of ${shown}`}${more}`;
  }

  /** What Node's `console.log` shows: the same with the attributes, and not the whole graph. */
  [inspection](): string {
    const isSource = this.inputs.length === 0;
    const attributes = isSource ? [] : Object.entries(this.attributes as object);
    const shown = attributes.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ");
    return `Tensor { ${this.toString()}${shown && `; ${shown}`} }`;
  }
}

/** Inputs that a tensor's text names. */
const mostShown = 4;

/** A tensor by itself: `relu [8, 3, 32, 32]`, `input "labels" int32 [8]`, `constant 2`. */
function nameOf(tensor: Tensor): string {
  const { op, shape, dtype } = tensor;
  if (isConstant(tensor)) return `constant ${tensor.attributes.value}`;
  const name = isInput(tensor) || isState(tensor) ? ` ${JSON.stringify(tensor.attributes.name)}` : "";
  return `${op.name}${name}${dtype === "float32" ? "" : ` ${dtype}`} ${formatShape(shape)}`;
}

/** Makes the node `op(inputs)`, of `float32`. Throws SHAPE where shapes or types do not fit. */
export function apply<Attributes, Inputs extends Tensors>(
  op: Op<Attributes, Inputs>,
  inputs: NoInfer<Inputs>,
  attributes: Attributes,
): Tensor<Attributes, Inputs> {
  for (const [i, tensor] of inputs.entries()) {
    const dtype = op.inputTypes?.[i] ?? "float32";
    if (tensor.dtype !== dtype) {
      throw new LimbeckError("SHAPE", `${op.name}: input ${i} should be ${dtype}, got ${describe(tensor)}`);
    }
  }
  return new Tensor(op, inputs, attributes, op.shape(inputs, attributes), "float32");
}

/** For `checkArguments`. */
export const aTensor: Kind = { expected: "a tensor", is: (value) => value instanceof Tensor };

export interface Named {
  readonly name: string;
}

/** Values supplied at each run. */
const inputOp: Op<Named, readonly []> = { name: "input", shape: noShape };
/** Values the engine keeps between runs: parameters, buffers, optimiser slots. */
const stateOp: Op<Named, readonly []> = { name: "state", shape: noShape };
/** One number, everywhere. */
const constantOp: Op<{ readonly value: number }, readonly []> = { name: "constant", shape: () => [] };

/** A placeholder whose values each run supplies under `name`. */
export function input(name: string, shape: Shape, dtype: InputDType = "float32"): Tensor<Named> {
  return new Tensor(inputOp, [], { name }, shape, dtype);
}

/**
 * A tensor whose values an engine keeps from run to run, zeros at first. The object is the identity; the name
 * is for messages and files. Programs compiled by one engine share it. One of bytes is a table: rows are written to it
 * (`Engine.writeRows`) and looked up in it (`lookupRows`), and no program updates it.
 */
export function state(name: string, shape: Shape, dtype: StateDType = "float32"): Tensor<Named> {
  return new Tensor(stateOp, [], { name }, shape, dtype);
}

/** The scalar `value`. */
export function constant(value: number): Tensor<{ readonly value: number }> {
  return apply(constantOp, [], { value });
}

/** Where an operation takes a tensor or a number, the number as a scalar tensor. */
export function asTensor(x: Tensor | number): Tensor {
  return typeof x === "number" ? constant(x) : x;
}

export function isInput(tensor: Tensor): tensor is Tensor<Named> {
  return tensor.op === inputOp;
}

export function isState(tensor: Tensor): tensor is Tensor<Named> {
  return tensor.op === stateOp;
}

export function isConstant(tensor: Tensor): tensor is Tensor<{ readonly value: number }> {
  return tensor.op === constantOp;
}

function describe(tensor: Tensor): string {
  return `${isInput(tensor) ? `input ${tensor.attributes.name}, ` : ""}${tensor.dtype} ${formatShape(tensor.shape)}`;
}

function noShape(): never {
  throw new LimbeckError("ARGUMENT", "a source tensor is made with its shape, not applied");
}
