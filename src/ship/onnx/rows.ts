/** @file The table of operations as ONNX's operators: each has a row, which writes it or says why it cannot be written. */
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { isConstant, sizeOf as elements, type Tensor } from "../../tensor/index.ts";
import { rowsByOp, type AttributesOf, type ForInputs, type InputsOf, type OpName } from "../../tensor/ops/index.ts";
import { tanhForm } from "../../tensor/ops/gelu.ts";
import { ELEMENT, type Attributes } from "../../onnx/index.ts";
import { expanded, flattened, reshapedTo, type Writing } from "./shapes.ts";
import type { Size } from "./sizes.ts";

/** Writes the nodes of an operation. Returns the name of its value. */
type Row<Name extends OpName> = (
  tensor: Tensor<AttributesOf<Name>, InputsOf<Name>>,
  inputs: ForInputs<Name, string>,
  writing: Writing,
) => string;

/** An operation without its row is a type error here. */
const rows: { readonly [Name in OpName]: Row<Name> } = {
  add: node("Add"),
  sub: node("Sub"),
  mul: node("Mul"),
  div: node("Div"),
  neg: node("Neg"),
  exp: node("Exp"),
  log: node("Log"),
  sqrt: node("Sqrt"),
  abs: node("Abs"),
  sign: node("Sign"),
  // To even, as here.
  round: node("Round"),
  relu: node("Relu"),
  // NOTE: the operator Gelu came later than the version that files are written in; runtimes put these together again.
  gelu({ attributes: { approximate } }, [x], { emitter, name }) {
    const of = (operator: string, ...inputs: string[]): string => emitter.node(operator, inputs, `${name}.part`);
    if (approximate === "none") {
      const twice = of("Add", of("Erf", of("Mul", x, emitter.number(Math.SQRT1_2))), emitter.number(1));
      return emitter.node("Mul", [of("Mul", x, twice), emitter.number(0.5)], name);
    }
    const { scale, cubic } = tanhForm;
    const factor = of("Add", of("Mul", of("Mul", x, x), emitter.number(2 * scale * cubic)), emitter.number(2 * scale));
    return emitter.node("Mul", [x, of("Sigmoid", of("Mul", x, factor))], name);
  },
  equal: comparison("Equal"),
  less: comparison("Less"),
  maximum: node("Max"),
  minimum: node("Min"),
  clamp(tensor, [x, low, high], { emitter, name }) {
    const [, least, most] = tensor.inputs;
    const bound = (tensor: Tensor, value: string): string =>
      isConstant(tensor) && !Number.isFinite(tensor.attributes.value) ? "" : value;
    return emitter.node("Clip", [x, bound(least, low), bound(most, high)], name);
  },
  stopGradient: node("Identity"),
  sum: ({ attributes: { axes, keepDims } }, [x], { emitter, name }) =>
    axes.length === 0
      ? emitter.node("Identity", [x], name)
      : emitter.node("ReduceSum", [x, emitter.list(axes)], name, { keepdims: { int: Number(keepDims) } }),
  max: ({ attributes: { axes, keepDims } }, [x], { emitter, name }) =>
    axes.length === 0
      ? emitter.node("Identity", [x], name)
      : emitter.node("ReduceMax", [x], name, { axes: { ints: axes }, keepdims: { int: Number(keepDims) } }),
  reshape(tensor, [x], writing) {
    const [from, to] = [writing.sizesOf(tensor.inputs[0]), writing.sizesOf(tensor)];
    return isFlat(from, to) ? flattened(x, writing) : reshapedTo(x, from, to, writing);
  },
  broadcastTo: (tensor, [x], writing) =>
    expanded(x, writing.sizesOf(tensor.inputs[0]), writing.sizesOf(tensor), writing),
  permute: ({ attributes: { axes } }, [x], { emitter, name }) =>
    emitter.node("Transpose", [x], name, { perm: { ints: axes } }),
  concat: ({ attributes: { axis } }, inputs, { emitter, name }) =>
    emitter.node("Concat", inputs, name, { axis: { int: axis } }),
  slice: ({ attributes: { axis, from, to } }, [x], { emitter, name }) =>
    emitter.node("Slice", [x, emitter.list([from]), emitter.list([to]), emitter.list([axis])], name),
  sliceGrad({ shape, attributes: { axis, from, to, size } }, [g], { emitter, name }) {
    const pads = [
      ...shape.map((_, i) => (i === axis ? from : 0)),
      ...shape.map((_, i) => (i === axis ? size - to : 0)),
    ];
    return emitter.node("Pad", [g, emitter.list(pads)], name);
  },
  channelShuffle(tensor, [x], writing) {
    const { emitter, name } = writing;
    const { groups } = tensor.attributes;
    const [channels, map] = [elementAt(tensor.shape, 1), tensor.shape.slice(2)];
    const grouped = emitter.node(
      "Reshape",
      [x, emitter.list([0, groups, channels / groups, elements(map)])],
      `${name}.groups`,
    );
    const mixed = emitter.node("Transpose", [grouped], `${name}.mixed`, { perm: { ints: [0, 2, 1, 3] } });
    return emitter.node("Reshape", [mixed, emitter.list([0, channels, ...map])], name);
  },
  matmul({ attributes: { transposeA, transposeB }, shape }, [a, b], { emitter, name }) {
    const perm = { ints: shape.length === 3 ? [0, 2, 1] : [1, 0] };
    const turned = (matrix: string, isTurned: boolean): string =>
      isTurned ? emitter.node("Transpose", [matrix], `${name}.transposed`, { perm }) : matrix;
    return emitter.node("MatMul", [turned(a, transposeA), turned(b, transposeB)], name);
  },
  linear: (_, inputs, { emitter, name }) => emitter.node("Gemm", inputs, name, { transB: { int: 1 } }),
  conv2d({ inputs: [, weight], attributes }, inputs, { emitter, name }) {
    const { stride, padding, dilation, groups } = attributes;
    return emitter.node("Conv", inputs, name, {
      kernel_shape: { ints: weight.shape.slice(2) },
      ...windows({ stride, padding }),
      dilations: { ints: dilation },
      group: { int: groups },
    });
  },
  conv2dInputGrad({ inputs: [g, weight], attributes, shape }, inputs, { emitter, name }) {
    const { stride, padding, dilation, groups } = attributes;
    const kernel = [elementAt(weight.shape, 2), elementAt(weight.shape, 3)] as const;
    return emitter.node("ConvTranspose", inputs, name, {
      kernel_shape: { ints: kernel },
      ...windows({ stride, padding }),
      dilations: { ints: dilation },
      group: { int: groups },
      output_padding: { ints: left(shape, g, { kernel, stride, padding, dilation }) },
    });
  },
  maxPool2d: ({ attributes }, [x], { emitter, name }) =>
    emitter.node("MaxPool", [x], name, { kernel_shape: { ints: attributes.kernel }, ...windows(attributes) }),
  avgPool2d({ inputs: [{ shape }], attributes }, [x], { emitter, name }) {
    const { kernel, padding } = attributes;
    const isWhole = kernel[0] === shape[2] && kernel[1] === shape[3] && padding[0] === 0 && padding[1] === 0;
    if (isWhole) return emitter.node("GlobalAveragePool", [x], name);
    return emitter.node("AveragePool", [x], name, {
      kernel_shape: { ints: kernel },
      ...windows(attributes),
      count_include_pad: { int: 1 },
    });
  },
  /** Each element of g goes to its whole window, divided by the window's size: a transposed convolution of each channel by itself. */
  avgPool2dGrad({ inputs: [g], attributes, shape }, [x], { emitter, name }) {
    const { kernel, stride, padding } = attributes;
    const channels = elementAt(shape, 1);
    const [height, width] = kernel;
    const weight = new Float32Array(channels * height * width).fill(1 / (height * width));
    return emitter.node(
      "ConvTranspose",
      [x, emitter.constant(`${name}.weight`, [channels, 1, height, width], weight)],
      name,
      {
        kernel_shape: { ints: kernel },
        ...windows(attributes),
        group: { int: channels },
        output_padding: { ints: left(shape, g, { kernel, stride, padding, dilation: [1, 1] }) },
      },
    );
  },
  logSoftmax: (_, [x], { emitter, name }) => emitter.node("LogSoftmax", [x], name, { axis: { int: -1 } }),
  row: ({ attributes: { index } }, [x], { emitter, name }) =>
    emitter.node("Gather", [x, emitter.constant(`${name}.index`, [], BigInt64Array.of(BigInt(index)))], name),
  reluGrad: refused,
  geluGrad: refused,
  lookupRows: refused,
  indexSelect: refused,
  indexSelectGrad: refused,
  indexCopy: refused,
  gather: refused,
  gatherGrad: refused,
  conv2dWeightGrad: refused,
  maxPool2dGrad: refused,
  batchMoments: refused,
  batchNormTrain: refused,
  batchNormParameterGrads: refused,
  batchNormInputGrad: refused,
};

/** A row of some operation, called with what that operation has. */
type AnyRow = (tensor: Tensor, inputs: readonly string[], writing: Writing) => string;

const byOp = rowsByOp<AnyRow>(rows);

/** The row of a tensor's operation. */
export function rowOf(tensor: Tensor): AnyRow {
  return byOp.get(tensor.op) ?? refused;
}

/** NOTE: gradients, norms of a batch by itself, and what takes indices, which only training gives. */
function refused({ op }: Pick<Tensor, "op">): never {
  throw new LimbeckError(
    "UNSUPPORTED",
    `${op.name} cannot be written as ONNX: it belongs to training, or is no operation of Limbeck's; leave it out of the network's evaluation mode`,
  );
}

function node(operator: string): Row<"neg" & OpName> & Row<"add" & OpName> {
  return (_: unknown, inputs: readonly string[], { emitter, name }: Writing) => emitter.node(operator, inputs, name);
}

/** NOTE: ONNX's are truth values. */
function comparison(operator: string): Row<"less"> {
  return (_, inputs, { emitter, name }) =>
    emitter.node("Cast", [emitter.node(operator, inputs, `${name}.truth`)], name, { to: { int: ELEMENT.float } });
}

function windows({ stride, padding }: Pick<AttributesOf<"maxPool2d">, "stride" | "padding">): Attributes {
  return { strides: { ints: stride }, pads: { ints: [...padding, ...padding] } };
}

/** How many rows and columns a transposed convolution's result has beyond its last windows. */
function left(
  shape: readonly number[],
  { shape: given }: Tensor,
  {
    kernel,
    stride,
    padding,
    dilation,
  }: Readonly<Record<"kernel" | "stride" | "padding" | "dilation", readonly [number, number]>>,
): number[] {
  return ([0, 1] as const).map((axis) => {
    const reached = (elementAt(given, 2 + axis) - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
    return elementAt(shape, 2 + axis) + 2 * padding[axis] - reached;
  });
}

/** [batch, ...] to [batch, all others] */
function isFlat(from: readonly Size[], to: readonly Size[]): boolean {
  return (
    to.length === 2 &&
    [from[0], to[0]].every((size) => typeof size === "object" && size.batches === 1) &&
    typeof to[1] === "number"
  );
}
