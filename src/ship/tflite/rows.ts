/** @file Operations of floats as TFLite's operators: those that networks are evaluated by. */
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { isConstant, type Tensor } from "../../tensor/index.ts";
import { ops, rowsByOp, type AttributesOf, type InputsOf, type OpName } from "../../tensor/ops/index.ts";
import type { Emitter, Value } from "./emitter.ts";
import {
  avgPool2d,
  channelShuffle,
  channelsLast,
  concat,
  conv2d,
  maxPool2d,
  reshape,
  slice,
  transpose,
} from "./layers.ts";
import { activations, type OperatorName } from "./schema.ts";

/** What a row is given beside its tensor. */
export interface Writing {
  readonly emitter: Emitter;
  /** What to call the result, `relu_3`. */
  readonly name: string;
  /** The value of an input that is computed, or the numbers of one that is not, to be used beside `rank` sizes. */
  valueOf(tensor: Tensor, rank: number): Value;
  /** The numbers of a state. */
  numbersOf(tensor: Tensor): Float32Array;
  isPositive(tensor: Tensor): boolean;
  /** Whether this operation alone takes the tensor. */
  isOwn(tensor: Tensor): boolean;
  /** Whether linear layers alone take the tensor. */
  isForLinear(tensor: Tensor): boolean;
}

type Row<Name extends OpName> = (tensor: Tensor<AttributesOf<Name>, InputsOf<Name>>, writing: Writing) => Value;

const rows: { readonly [Name in OpName]?: Row<Name> } = {
  add: of("ADD"),
  sub: of("SUB"),
  mul: of("MUL"),
  div: of("DIV"),
  neg: of("NEG"),
  exp: of("EXP"),
  log: of("LOG"),
  sqrt: of("SQRT"),
  abs: of("ABS"),
  sign: of("SIGN"),
  round: of("ROUND"),
  maximum: of("MAXIMUM"),
  minimum: of("MINIMUM"),
  logSoftmax: of("LOG_SOFTMAX"),
  relu: (tensor, writing) => activated(tensor, writing, "relu") ?? computed(tensor, writing, "RELU"),
  gelu: (tensor, writing) =>
    computed(tensor, writing, "GELU", { approximate: tensor.attributes.approximate === "tanh" }),
  clamp(tensor, writing) {
    const [x, ...bounds] = tensor.inputs;
    const [low, high] = bounds.map((bound) => (isConstant(bound) ? bound.attributes.value : NaN));
    if (low === 0 && high === 6) return activated(tensor, writing, "relu6") ?? computed(tensor, writing, "RELU6");
    const held = (
      [
        ["MAXIMUM", 0],
        ["MINIMUM", 1],
      ] as const
    ).filter(([, i]) => Math.abs([low, high][i]!) !== Infinity);
    return held.reduce(
      (value, [operator, i]) => {
        const bound = writing.valueOf(elementAt(bounds, i), x.shape.length);
        return writing.emitter.operator(operator, [value, bound], { shape: value.shape, name: writing.name });
      },
      writing.valueOf(x, x.shape.length),
    );
  },
  stopGradient: ({ inputs: [x] }, { valueOf }) => valueOf(x, x.shape.length),
  sum: reduction("SUM"),
  max: reduction("REDUCE_MAX"),
  reshape(tensor, { emitter, name, valueOf, isForLinear }) {
    const {
      inputs: [x],
      shape,
    } = tensor;
    const value = valueOf(x, x.shape.length);
    const isMap = x.shape.length === 4 && value.shape[1]! * value.shape[2]! > 1 && value.shape[3]! > 1;
    const isOrdered = isMap && !(isForLinear(tensor) && shape.length === 2);
    const ordered = isOrdered ? transpose(emitter, value, [0, 3, 1, 2], `${name}.channels`) : value;
    const result = reshape(emitter, ordered, shape, name);
    return shape.length === 4 ? transpose(emitter, result, [0, 2, 3, 1], `${name}.map`) : result;
  },
  permute({ inputs: [x], attributes: { axes } }, { emitter, name, valueOf }) {
    const order = axes.length === 4 ? CHANNELS_LAST.map((axis) => axisOf(elementAt(axes, axis), 4)) : axes;
    return transpose(emitter, valueOf(x, axes.length), order, name);
  },
  concat: ({ inputs, shape, attributes: { axis } }, { emitter, name, valueOf }) =>
    concat(
      emitter,
      inputs.map((x) => valueOf(x, shape.length)),
      axisOf(axis, shape.length),
      { name },
    ),
  slice: ({ inputs: [x], shape, attributes: { axis, from, to } }, { emitter, name, valueOf }) =>
    slice(emitter, valueOf(x, shape.length), { axis: axisOf(axis, shape.length), from, to, name }),
  channelShuffle: ({ inputs: [x], attributes: { groups } }, { emitter, name, valueOf }) =>
    channelShuffle(emitter, valueOf(x, 4), groups, name),
  conv2d({ inputs: [x, weight, bias], attributes }, { emitter, name, valueOf, numbersOf }) {
    const [outputs, , height, width] = weight.shape as readonly [number, number, number, number];
    const weighted = { weight: numbersOf(weight), bias: bias && numbersOf(bias) };
    return conv2d(emitter, valueOf(x, 4), weighted, { ...attributes, kernel: [height, width], outputs, name });
  },
  linear({ inputs: [x, weight, bias], shape }, { emitter, name, valueOf, numbersOf, isForLinear }) {
    const [outputs, inputs] = weight.shape as readonly [number, number];
    // What was flattened for linear layers lies as the map does.
    const [map] = x.op === ops.reshape && isForLinear(x) ? x.inputs : [];
    const order = map?.shape.length === 4 ? map.shape.slice(1) : [inputs];
    const numbers = channelsLast(numbersOf(weight), outputs, order);
    const terms = bias ? numbersOf(bias) : new Float32Array(outputs);
    const parameters = [
      emitter.weight(`${name}.weight`, [outputs, inputs], numbers),
      emitter.constant(`${name}.bias`, [outputs], terms),
    ];
    return emitter.operator("FULLY_CONNECTED", [valueOf(x, 2), ...parameters], {
      shape,
      name,
      options: { fused_activation_function: activations.none, weights_format: 0, keep_num_dims: false },
    });
  },
  maxPool2d: ({ inputs: [x], attributes }, { emitter, name, valueOf, isPositive }) =>
    maxPool2d(emitter, valueOf(x, 4), { ...attributes, name }, isPositive(x)),
  avgPool2d: ({ inputs: [x], attributes }, { emitter, name, valueOf }) =>
    avgPool2d(emitter, valueOf(x, 4), { ...attributes, name }),
};

/** Where each axis of a map with channels last comes from. */
const CHANNELS_LAST = [0, 2, 3, 1] as const;

/** The place of an axis, of so many, with channels last. */
function axisOf(axis: number, rank: number): number {
  return rank === 4 ? CHANNELS_LAST.indexOf(axis as 0) : axis;
}

type AnyRow = (tensor: Tensor, writing: Writing) => Value;

const byOp = rowsByOp<AnyRow>(rows);

/** The row of a tensor's operation. Throws UNSUPPORTED. */
export function rowOf({ op }: Tensor): AnyRow {
  const row = byOp.get(op);
  if (row) return row;
  throw new LimbeckError(
    "UNSUPPORTED",
    `${op.name} cannot be written as TFLite; export as onnx, or leave it out of the network's evaluation mode`,
  );
}

/** What is computed number by number. */
function of(operator: OperatorName): Row<"neg"> & Row<"add"> {
  return (tensor: Tensor, writing: Writing) => computed(tensor, writing, operator, { fused_activation_function: 0 });
}

function computed(tensor: Tensor, writing: Writing, operator: OperatorName, options = {}): Value {
  const { emitter, name, valueOf } = writing;
  const rank = tensor.shape.length;
  const inputs = tensor.inputs.map((x) => valueOf(x, rank));
  const shape = rank === 4 ? CHANNELS_LAST.map((axis) => elementAt(tensor.shape, axis)) : tensor.shape;
  return emitter.operator(operator, inputs, { shape, name, options });
}

/** The input's value, where the operator that made it holds it. */
function activated(
  { inputs: [x] }: Tensor<unknown, readonly [Tensor, ...Tensor[]]>,
  { emitter, valueOf, isOwn }: Writing,
  activation: "relu" | "relu6",
): Value | undefined {
  const value = valueOf(x, x.shape.length);
  return isOwn(x) && emitter.activates(value, activation) ? value : undefined;
}

function reduction(operator: "SUM" | "REDUCE_MAX"): Row<"sum"> & Row<"max"> {
  return ({ inputs: [x], attributes: { axes, keepDims }, shape }, { emitter, name, valueOf }) => {
    const rank = x.shape.length;
    const value = valueOf(x, rank);
    // With three or four sizes left of four, their order would be another.
    const ordered = rank === 4 && !keepDims ? transpose(emitter, value, [0, 3, 1, 2], `${name}.channels`) : value;
    const places = axes.map((axis) => (ordered === value ? axisOf(axis, rank) : axis));
    const result = rank === 4 && keepDims ? CHANNELS_LAST.map((axis) => elementAt(shape, axis)) : shape;
    return emitter.operator(operator, [ordered, emitter.list(places)], {
      shape: result,
      name,
      options: { keep_dims: keepDims },
    });
  };
}
