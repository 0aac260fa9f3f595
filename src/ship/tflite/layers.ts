/** @file Layers as TFLite has them, with channels last: weights put into its order, borders, and what moves channels. */
import { elementAt } from "../../elements.ts";
import type { Quantisation } from "../../engine/int8/network.ts";
import { sizeOf } from "../../tensor/index.ts";
import type { Emitter, Value } from "./emitter.ts";
import { activations, paddings } from "./schema.ts";

type Pair = readonly [number, number];

/** The lowest float32. */
const LOWEST = -(2 - 2 ** -23) * 2 ** 127;

/** A window of rows and columns that moves over a map. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation?: Pair;
}

/** What a layer gives. */
export interface Named {
  readonly name: string;
  /** Of int8. */
  readonly quantisation?: Quantisation | undefined;
}

/** A weight in PyTorch's order, [O, I / groups, KH, KW]; in int8 with a scale of each output. */
export interface Weighted {
  readonly weight: Float32Array | Int8Array;
  readonly scales?: Float32Array;
  readonly bias: Float32Array | Int32Array | undefined;
}

export function conv2d(
  e: Emitter,
  x: Value,
  { weight, scales, bias }: Weighted,
  { groups, name, quantisation, ...window }: Window & Named & { readonly groups: number; readonly outputs: number },
): Value {
  const { outputs, kernel } = window;
  const channels = elementAt(x.shape, 3);
  const isDepthwise = groups === channels && groups > 1;
  const place = windowed(e, x, window, name);
  const each = isDepthwise ? 1 : channels / groups;
  const numbers = channelsLast(weight, outputs, [each, ...kernel]);
  // Depthwise, [1, KH, KW, O], of which [O, KH, KW, 1] is the transpose.
  const shape = isDepthwise ? [1, ...kernel, outputs] : [outputs, ...kernel, each];
  const ordered = isDepthwise ? transposed(numbers, outputs) : numbers;
  const inputs = [
    place.x,
    weightOf(e, `${name}.weight`, shape, ordered, scales && { scales, axis: isDepthwise ? 3 : 0 }),
    biasOf(e, `${name}.bias`, bias ?? new Float32Array(outputs), scales, x.quantisation),
  ];
  const [dilationHeight, dilationWidth] = window.dilation ?? [1, 1];
  const isDilated = dilationHeight !== 1 || dilationWidth !== 1;
  const isGrouped = !isDepthwise && groups > 1;
  return e.operator(isDepthwise ? "DEPTHWISE_CONV_2D" : "CONV_2D", inputs, {
    shape: [1, ...place.map, outputs],
    ...typed(x, quantisation),
    name,
    options: {
      ...place.options,
      dilation_w_factor: dilationWidth,
      dilation_h_factor: dilationHeight,
      ...(isDepthwise && { depth_multiplier: outputs / channels }),
      fused_activation_function: activations.none,
    },
    ...(isGrouped && { version: 6 }),
    ...(isDepthwise && isDilated && !scales && { version: 2 }),
  });
}

/** The largest of windows. `isPositive`: whether x has no numbers below 0, so that its border may be zeros, which more runtimes know. */
export function maxPool2d(e: Emitter, x: Value, window: Window & Named, isPositive: boolean): Value {
  const place = windowed(e, x, window, window.name, isPositive ? 0 : x.quantisation ? -128 : LOWEST);
  return pooled(e, "MAX_POOL_2D", place, window);
}

/** The mean of windows, their border counted as zeros. In int8, the means of parts are first rounded as x is. */
export function avgPool2d(e: Emitter, x: Value, window: Window & Named): Value {
  const { kernel, padding, name, quantisation } = window;
  const [, height, width, channels] = x.shape;
  const isWhole = kernel[0] === height && kernel[1] === width && padding[0] === 0 && padding[1] === 0;
  if (isWhole) {
    return e.operator("MEAN", [x, e.list([1, 2])], {
      shape: [1, 1, 1, channels!],
      ...typed(x, quantisation),
      name,
      options: { keep_dims: true },
    });
  }
  const place = windowed(e, x, { ...window, isCounted: true }, name);
  const means = pooled(e, "AVERAGE_POOL_2D", place, { ...window, name: `${name}.window` });
  return requantised(e, means, quantisation, name);
}

export function concat(e: Emitter, inputs: readonly Value[], axis: number, { name, quantisation }: Named): Value {
  const [first] = inputs;
  const parts = inputs.map((x, i) => requantised(e, x, quantisation, `${name}.${i}`));
  const total = inputs.reduce((sum, { shape }) => sum + elementAt(shape, axis), 0);
  return e.operator("CONCATENATION", parts, {
    shape: first!.shape.map((size, i) => (i === axis ? total : size)),
    ...typed(first!, quantisation),
    name,
    options: { axis },
  });
}

export function slice(
  e: Emitter,
  x: Value,
  {
    axis,
    from,
    to,
    name,
  }: { readonly axis: number; readonly from: number; readonly to: number; readonly name: string },
): Value {
  const shape = x.shape.map((size, i) => (i === axis ? to - from : size));
  const begin = x.shape.map((_, i) => (i === axis ? from : 0));
  return e.operator("SLICE", [x, e.list(begin), e.list(shape)], { shape, ...typed(x), name });
}

/** Channel g·C/groups + c becomes channel c·groups + g. */
export function channelShuffle(e: Emitter, x: Value, groups: number, name: string): Value {
  const [, height, width, channels] = x.shape as readonly [number, number, number, number];
  const grouped = reshape(e, x, [height * width, groups, channels / groups], `${name}.groups`);
  return reshape(e, transpose(e, grouped, [0, 2, 1], `${name}.mixed`), x.shape, name);
}

export function reshape(e: Emitter, x: Value, shape: readonly number[], name: string): Value {
  return e.operator("RESHAPE", [x, e.list(shape)], { shape, ...typed(x), name });
}

export function transpose(e: Emitter, x: Value, axes: readonly number[], name: string): Value {
  const shape = axes.map((axis) => elementAt(x.shape, axis));
  return e.operator("TRANSPOSE", [x, e.list(axes)], { shape, ...typed(x), name });
}

/** The same numbers as others of int8; x itself where they are. */
export function requantised(e: Emitter, x: Value, quantisation: Quantisation | undefined, name: string): Value {
  const own = x.quantisation;
  if (!quantisation || (own && own.scale === quantisation.scale && own.zero === quantisation.zero)) return x;
  return e.operator("QUANTIZE", [x], { shape: x.shape, type: "Int8Array", quantisation, name });
}

/** weight [outputs, C, …] as [outputs, …, C]. */
export function channelsLast<Numbers extends Float32Array | Int8Array>(
  weight: Numbers,
  outputs: number,
  [channels, ...map]: readonly number[],
): Numbers {
  const ordered = weight.slice() as Numbers;
  const size = sizeOf(map);
  for (let o = 0; o < outputs; o++) {
    const start = o * channels! * size;
    for (let c = 0; c < channels!; c++) {
      for (let i = 0; i < size; i++) ordered[start + i * channels! + c] = weight[start + c * size + i]!;
    }
  }
  return ordered;
}

function transposed<Numbers extends Float32Array | Int8Array>(matrix: Numbers, rows: number): Numbers {
  return channelsLast(matrix, 1, [rows, matrix.length / rows]);
}

export function weightOf(
  e: Emitter,
  name: string,
  shape: readonly number[],
  numbers: Float32Array | Int8Array,
  scaled: { readonly scales: Float32Array; readonly axis: number } | undefined,
): Value {
  return numbers instanceof Float32Array ? e.weight(name, shape, numbers) : e.constant(name, shape, numbers, scaled);
}

/** In int8 its scales are the input's times the weight's. */
function biasOf(
  e: Emitter,
  name: string,
  bias: Float32Array | Int32Array,
  scales: Float32Array | undefined,
  input: Quantisation | undefined,
): Value {
  const scaled = scales && input && { scales: scales.map((scale) => scale * input.scale), axis: 0 };
  return e.constant(name, [bias.length], bias, scaled);
}

/** A window's place over x: with a border around it where TFLite's own is another, and the map of what comes of it. */
interface Place {
  readonly x: Value;
  readonly map: Pair;
  readonly options: { readonly padding: number; readonly stride_w: number; readonly stride_h: number };
}

/** NOTE: for a stride of 2, TFLite's border of an even map is at its end only, and PyTorch's on both sides. */
function windowed(
  e: Emitter,
  x: Value,
  { kernel, stride, padding, dilation = [1, 1], isCounted = false }: Window & { readonly isCounted?: boolean },
  name: string,
  filler = 0,
): Place {
  const sizes = ([0, 1] as const).map((axis) => {
    const size = elementAt(x.shape, 1 + axis);
    const reach = dilation[axis] * (kernel[axis] - 1) + 1;
    const count = Math.floor((size + 2 * padding[axis] - reach) / stride[axis]) + 1;
    const sameCount = Math.ceil(size / stride[axis]);
    const before = Math.floor(Math.max(0, (sameCount - 1) * stride[axis] + reach - size) / 2);
    return { count, isSame: count === sameCount && before === padding[axis] };
  }) as [{ count: number; isSame: boolean }, { count: number; isSame: boolean }];
  const map: Pair = [sizes[0].count, sizes[1].count];
  const strides = { stride_w: stride[1], stride_h: stride[0] };
  const isBordered = padding[0] > 0 || padding[1] > 0;
  if (isBordered && !isCounted && sizes.every(({ isSame }) => isSame))
    return { x, map, options: { padding: paddings.same, ...strides } };
  return {
    x: isBordered ? bordered(e, x, padding, filler, `${name}.border`) : x,
    map,
    options: { padding: paddings.valid, ...strides },
  };
}

/** NOTE: PAD's own zero is in int8 what stands for 0. */
function bordered(e: Emitter, x: Value, [rows, columns]: Pair, filler: number, name: string): Value {
  const [, height, width, channels] = x.shape as readonly [number, number, number, number];
  const result = { shape: [1, height + 2 * rows, width + 2 * columns, channels], ...typed(x), name };
  const border = e.list([0, 0, rows, rows, columns, columns, 0, 0], [4, 2]);
  if (filler === 0) return e.operator("PAD", [x, border], result);
  const { zero = 0, scale = 1 } = x.quantisation ?? {};
  const value = x.quantisation
    ? e.constant(`${name}.value`, [], Int8Array.of(filler), { scales: Float32Array.of(scale), axis: 0, zero })
    : e.constant(`${name}.value`, [], Float32Array.of(filler));
  return e.operator("PADV2", [x, border, value], result);
}

function pooled(
  e: Emitter,
  name: "MAX_POOL_2D" | "AVERAGE_POOL_2D",
  { x, map, options }: Place,
  { kernel, name: result }: Window & Named,
): Value {
  return e.operator(name, [x], {
    shape: [1, ...map, elementAt(x.shape, 3)],
    ...typed(x),
    name: result,
    options: {
      ...options,
      filter_width: kernel[1],
      filter_height: kernel[0],
      fused_activation_function: activations.none,
    },
  });
}

/** A result's type: x's, and its quantisation, or another. */
function typed(x: Value, quantisation = x.quantisation): Pick<Value, "type" | "quantisation"> {
  return { type: x.type, quantisation };
}
