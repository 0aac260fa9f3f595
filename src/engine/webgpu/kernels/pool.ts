/** @file Pooling: the largest or the mean of each window. Images lie [N, H, W, C]. */
import type { PoolShape } from "../../compiler/sizes.ts";
import { literal } from "./functions.ts";
import { kernel, type Buffer, type Kernel } from "./kernel.ts";

/** y = the largest of each window, NaN if it has one */
export function maxPool(shape: PoolShape, x: Buffer, y: Buffer): Kernel {
  return kernel({
    label: `maxPool2d ${describe(shape)}`,
    reads: { x },
    writes: { y },
    count: elements(shape, shape.output),
    body: (names) => `${coordinates(shape, shape.output)}
  var largest = -infinity_();
${eachOfWindow(shape, `largest = maximum_(largest, ${names.x}[at]);`)}
  ${names.y}[i] = largest;`,
  });
}

/** y = the mean of each window, its border's zeros included */
export function avgPool(shape: PoolShape, x: Buffer, y: Buffer): Kernel {
  return kernel({
    label: `avgPool2d ${describe(shape)}`,
    reads: { x },
    writes: { y },
    count: elements(shape, shape.output),
    body: (names) => `${coordinates(shape, shape.output)}
  var total = 0.0;
${eachOfWindow(shape, `total += ${names.x}[at];`)}
  ${names.y}[i] = total * ${share(shape)};`,
  });
}

/** dx = g at each window's first largest element; `rectified`: only where x is above 0, the gradient of a ReLU that gave x. */
export function maxPoolGrad(shape: PoolShape, g: Buffer, x: Buffer, dx: Buffer, rectified: boolean): Kernel {
  return kernel({
    label: `maxPool2dGrad ${describe(shape)}`,
    reads: { g, x },
    writes: { dx },
    count: elements(shape, shape.input),
    body: (names) => {
      const search = `let value = ${names.x}[at];
        if (best < 0 || value > largest || isNaN_(value)) { best = i32(at); largest = value; }`;
      const total = rectified ? `rectified_(total, ${names.x}[i])` : "total";
      return `${coordinates(shape, shape.input)}
  var total = 0.0;
${eachWindowOf(
  shape,
  `var best = -1;
      var largest = -infinity_();
${eachOfWindow(shape, search)}
      if (best == i32(i)) { total += ${names.g}[window]; }`,
)}
  ${names.dx}[i] = ${total};`;
    },
  });
}

/** dx = the mean's share of g of each window that has the element */
export function avgPoolGrad(shape: PoolShape, g: Buffer, dx: Buffer): Kernel {
  return kernel({
    label: `avgPool2dGrad ${describe(shape)}`,
    reads: { g },
    writes: { dx },
    count: elements(shape, shape.input),
    body: (names) => `${coordinates(shape, shape.input)}
  var total = 0.0;
${eachWindowOf(shape, `total += ${names.g}[window];`)}
  ${names.dx}[i] = total * ${share(shape)};`,
  });
}

type Size = readonly [number, number];

/** Image n, row, column and channel c of element i of a map. */
function coordinates({ channels }: PoolShape, [height, width]: Size): string {
  return `  let c = i % ${channels}u;
  let pixel = i / ${channels}u;
  let column = i32(pixel % ${width}u);
  let row = i32((pixel / ${width}u) % ${height}u);
  let n = pixel / ${height * width}u;`;
}

/** Runs `each` for the elements of the window of pooled (row, column), at `at` in x, rows before columns. */
function eachOfWindow({ channels, input, kernel: [height, width], stride, padding }: PoolShape, each: string): string {
  return `  for (var u = 0; u < ${height}; u++) {
    let y = row * ${stride[0]} + u - ${padding[0]};
    if (y < 0 || y >= ${input[0]}) { continue; }
    for (var v = 0; v < ${width}; v++) {
      let x = column * ${stride[1]} + v - ${padding[1]};
      if (x < 0 || x >= ${input[1]}) { continue; }
      let at = (n * ${input[0] * input[1]}u + u32(y * ${input[1]} + x)) * ${channels}u + c;
      ${each}
    }
  }`;
}

/** Runs `each` for the windows that have x's (row, column): pooled (row, column), whose element is at `window`. */
function eachWindowOf({ channels, output, kernel: [height, width], stride, padding }: PoolShape, each: string): string {
  return `  let bottom = row + ${padding[0]};
  let right = column + ${padding[1]};
  for (var a = ${height - 1}; a >= 0; a--) {
    if (bottom < a || (bottom - a) % ${stride[0]} != 0 || (bottom - a) / ${stride[0]} >= ${output[0]}) { continue; }
    for (var b = ${width - 1}; b >= 0; b--) {
      if (right < b || (right - b) % ${stride[1]} != 0 || (right - b) / ${stride[1]} >= ${output[1]}) { continue; }
      let row = (bottom - a) / ${stride[0]};
      let column = (right - b) / ${stride[1]};
      let window = (n * ${output[0] * output[1]}u + u32(row * ${output[1]} + column)) * ${channels}u + c;
      ${each}
    }
  }`;
}

const elements = ({ images, channels }: PoolShape, [height, width]: Size): number => images * height * width * channels;
const share = ({ kernel: [height, width] }: PoolShape): string => literal(1 / (height * width));
const describe = ({ images, channels, input, kernel: window }: PoolShape): string =>
  `${images}×${channels}×${input.join("×")}, ${window.join("×")}`;
