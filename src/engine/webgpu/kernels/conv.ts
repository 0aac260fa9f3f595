/**
 * @file A convolution of one group and its gradients as products whose operands are read out of images (implicit GEMM): x lies
 * [N, H, W, C], weight [O, KH, KW, C], y and g [N, OH, OW, O].
 */
import { describe, type ConvShape } from "../../compiler/conv-shape.ts";
import type { Epilogue } from "./epilogue.ts";
import { Buffer, type Kernel } from "./kernel.ts";
import { matrix, product, range, type Operand } from "./product.ts";
import { addParts } from "./reduce.ts";
import { partsOf } from "./tile.ts";

/** y[pixel, o] = Σ_tap x[pixel at tap, c]·weight[o, tap, c] */
export function convForward(shape: ConvShape, x: Buffer, weight: Buffer, y: Buffer, epilogue: Epilogue): Kernel[] {
  const [m, n, k] = [pixelsOf(shape.images, shape.output), shape.outputs, tapsOf(shape) * shape.channels];
  const a: Operand = {
    buffer: x,
    along: "terms",
    read: (name) => patches(name, shape, { pixel: "own", m, channel: "k", k }),
  };
  const b = matrix(weight, { own: n, terms: k, transposed: false });
  return [product({ label: `conv2d ${describe(shape)}`, m, n, k, a, b, y, epilogue })];
}

/** dx[pixel, c] = Σ_tap g[pixel before tap, o]·weight[o, tap, c] */
export function convInputGrad(shape: ConvShape, g: Buffer, weight: Buffer, dx: Buffer, epilogue: Epilogue): Kernel[] {
  const { images, input, channels, outputs } = shape;
  const taps = tapsOf(shape);
  const [m, n, k] = [pixelsOf(images, input), channels, taps * outputs];
  const a: Operand = { buffer: g, along: "terms", read: (name) => gradientPatches(name, shape, m, k) };
  const b: Operand = {
    buffer: weight,
    along: "own",
    read: (name) => `  var four = vec4f();
  if (k >= ${k}u) { return four; }
  let at = ((k % ${outputs}u) * ${taps}u + k / ${outputs}u) * ${channels}u + own;
${eachOfFour((i) => `if (own + ${i}u < ${n}u) { four[${i}] = ${name}[at + ${i}u]; }`)}
  return four;`,
  };
  return [product({ label: `conv2dInputGrad ${describe(shape)}`, m, n, k, a, b, y: dx, epilogue })];
}

/** dweight[o, tap, c] = Σ_pixel g[pixel, o]·x[pixel at tap, c], in parts that are added up in order. */
export function convWeightGrad(shape: ConvShape, g: Buffer, x: Buffer, dweight: Buffer): Kernel[] {
  const [m, n, k] = [shape.outputs, tapsOf(shape) * shape.channels, pixelsOf(shape.images, shape.output)];
  const parts = partsOf(m, n, k);
  const y = parts === 1 ? dweight : new Buffer("parts of a weight's gradient", parts * m * n);
  const a = matrix(g, { own: m, terms: k, transposed: true });
  const b: Operand = {
    buffer: x,
    along: "own",
    read: (name) => patches(name, shape, { pixel: "k", m: k, channel: "own", k: n }),
  };
  const label = `conv2dWeightGrad ${describe(shape)}`;
  return [product({ label, m, n, k, a, b, y, epilogue: {}, parts }), ...addParts(parts, m * n, y, dweight)];
}

interface PatchAxes {
  /** The variable that numbers y's pixels, and how many there are. */
  readonly pixel: "own" | "k";
  readonly m: number;
  /** The one that numbers a pixel's taps and channels. */
  readonly channel: "own" | "k";
  readonly k: number;
}

/** Four neighbours of x as a matrix of [pixels of y, taps·channels]. */
function patches(name: string, shape: ConvShape, { pixel, m, channel, k }: PatchAxes): string {
  const { input, output, channels: c, kernel, stride, padding, dilation } = shape;
  const place = (q: string): string => `let tap = ${q} / ${c}u;
    let y = top + i32(tap / ${kernel[1]}u) * ${dilation[0]};
    let x = left + i32(tap % ${kernel[1]}u) * ${dilation[1]};`;
  const inside = `y >= 0 && y < ${input[0]} && x >= 0 && x < ${input[1]}`;
  const at = (q: string): string => `(image + u32(y) * ${input[1]}u + u32(x)) * ${c}u + ${q} % ${c}u`;
  return `  var four = vec4f();
  if (${pixel} >= ${m}u) { return four; }
  let image = (${pixel} / ${output[0] * output[1]}u) * ${input[0] * input[1]}u;
  let top = i32((${pixel} / ${output[1]}u) % ${output[0]}u) * ${stride[0]} - ${padding[0]};
  let left = i32(${pixel} % ${output[1]}u) * ${stride[1]} - ${padding[1]};
${readFour(name, { q: channel, limit: k, channels: c, place, inside, at })}
  return four;`;
}

/** Four neighbours of g as a matrix of [pixels of x, taps·outputs], zeros where a stride passes over a pixel. */
function gradientPatches(name: string, shape: ConvShape, m: number, k: number): string {
  const { input, output, outputs: o, kernel, stride, padding, dilation } = shape;
  const place = (q: string): string => `let tap = ${q} / ${o}u;
    let y = bottom - i32(tap / ${kernel[1]}u) * ${dilation[0]};
    let x = right - i32(tap % ${kernel[1]}u) * ${dilation[1]};`;
  const inside =
    `y >= 0 && y % ${stride[0]} == 0 && y / ${stride[0]} < ${output[0]} && ` +
    `x >= 0 && x % ${stride[1]} == 0 && x / ${stride[1]} < ${output[1]}`;
  const at = (q: string): string =>
    `(image + u32(y / ${stride[0]}) * ${output[1]}u + u32(x / ${stride[1]})) * ${o}u + ${q} % ${o}u`;
  return `  var four = vec4f();
  if (own >= ${m}u) { return four; }
  let image = (own / ${input[0] * input[1]}u) * ${output[0] * output[1]}u;
  let bottom = i32((own / ${input[1]}u) % ${input[0]}u) + ${padding[0]};
  let right = i32(own % ${input[1]}u) + ${padding[1]};
${readFour(name, { q: "k", limit: k, channels: o, place, inside, at })}
  return four;`;
}

interface FourSpec {
  readonly q: string;
  readonly limit: number;
  readonly channels: number;
  place(q: string): string;
  readonly inside: string;
  at(q: string): string;
}

/** Four channels of one pixel where they come in fours, else each by itself. */
function readFour(name: string, { q, limit, channels, place, inside, at }: FourSpec): string {
  if (channels % 4 === 0) {
    return `  if (${q} < ${limit}u) {
    ${place(q)}
    if (${inside}) {
      let at = ${at(q)};
      four = vec4f(${range(4)
        .map((i) => `${name}[at + ${i}u]`)
        .join(", ")});
    }
  }`;
  }
  return eachOfFour(
    (i) => `if (${q} + ${i}u < ${limit}u) {
    ${place(`(${q} + ${i}u)`)}
    if (${inside}) { four[${i}] = ${name}[${at(`(${q} + ${i}u)`)}]; }
  }`,
  );
}

function eachOfFour(line: (i: number) => string): string {
  return range(4)
    .map((i) => `  ${line(i)}`)
    .join("\n");
}

const tapsOf = ({ kernel }: ConvShape): number => kernel[0] * kernel[1];
const pixelsOf = (images: number, [height, width]: readonly [number, number]): number => images * height * width;
