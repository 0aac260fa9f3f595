/**
 * @file Convolutions of several groups, depthwise ones above all: too few channels meet for a product to pay, so an invocation
 * computes an element. x lies [N, H, W, C], weight [O, KH, KW, C / groups], y and g [N, OH, OW, O].
 */
import { describe, type ConvShape } from "../../compiler/conv-shape.ts";
import { finished, readsOf, type Epilogue } from "./epilogue.ts";
import { Buffer, kernel, type Kernel } from "./kernel.ts";
import { addParts } from "./reduce.ts";

export function groupedForward(shape: ConvShape, x: Buffer, weight: Buffer, y: Buffer, epilogue: Epilogue): Kernel[] {
  const { images, channels, input, outputs, output, kernel: window, stride, padding, dilation, groups } = shape;
  const each = channels / groups;
  const one = kernel({
    label: `conv2d ${describe(shape)}, ${groups} groups`,
    reads: { x, weight, ...readsOf(epilogue) },
    writes: { y },
    count: images * output[0] * output[1] * outputs,
    body: (names) => `  let o = i % ${outputs}u;
  let pixel = i / ${outputs}u;
  let top = i32((pixel / ${output[1]}u) % ${output[0]}u) * ${stride[0]} - ${padding[0]};
  let left = i32(pixel % ${output[1]}u) * ${stride[1]} - ${padding[1]};
  let image = (pixel / ${output[0] * output[1]}u) * ${input[0] * input[1]}u;
  let first = (o / ${outputs / groups}u) * ${each}u;
  var sum = 0.0;
  for (var u = 0; u < ${window[0]}; u++) {
    let y = top + u * ${dilation[0]};
    if (y < 0 || y >= ${input[0]}) { continue; }
    for (var v = 0; v < ${window[1]}; v++) {
      let x = left + v * ${dilation[1]};
      if (x < 0 || x >= ${input[1]}) { continue; }
      let start = (image + u32(y * ${input[1]} + x)) * ${channels}u + first;
      let by = (o * ${window[0] * window[1]}u + u32(u * ${window[1]} + v)) * ${each}u;
      for (var c = 0u; c < ${each}u; c++) { sum = fma(${names.x}[start + c], ${names.weight}[by + c], sum); }
    }
  }
  ${names.y}[i] = ${finished(names, epilogue, { value: "sum", at: "i", column: "o" })};`,
  });
  return [one];
}

export function groupedInputGrad(
  shape: ConvShape,
  g: Buffer,
  weight: Buffer,
  dx: Buffer,
  epilogue: Epilogue,
): Kernel[] {
  const { images, channels, input, outputs, output, kernel: window, stride, padding, dilation, groups } = shape;
  const [each, outs] = [channels / groups, outputs / groups];
  const taps = window[0] * window[1];
  const one = kernel({
    label: `conv2dInputGrad ${describe(shape)}, ${groups} groups`,
    reads: { g, weight, ...readsOf(epilogue) },
    writes: { dx },
    count: images * input[0] * input[1] * channels,
    body: (names) => `  let c = i % ${channels}u;
  let pixel = i / ${channels}u;
  let bottom = i32((pixel / ${input[1]}u) % ${input[0]}u) + ${padding[0]};
  let right = i32(pixel % ${input[1]}u) + ${padding[1]};
  let image = (pixel / ${input[0] * input[1]}u) * ${output[0] * output[1]}u;
  let first = (c / ${each}u) * ${outs}u;
  var sum = 0.0;
  for (var u = 0; u < ${window[0]}; u++) {
    let y = bottom - u * ${dilation[0]};
    if (y < 0 || y % ${stride[0]} != 0 || y / ${stride[0]} >= ${output[0]}) { continue; }
    for (var v = 0; v < ${window[1]}; v++) {
      let x = right - v * ${dilation[1]};
      if (x < 0 || x % ${stride[1]} != 0 || x / ${stride[1]} >= ${output[1]}) { continue; }
      let start = (image + u32((y / ${stride[0]}) * ${output[1]} + x / ${stride[1]})) * ${outputs}u + first;
      let by = (first * ${taps}u + u32(u * ${window[1]} + v)) * ${each}u + c % ${each}u;
      for (var o = 0u; o < ${outs}u; o++) { sum = fma(${names.g}[start + o], ${names.weight}[by + o * ${taps * each}u], sum); }
    }
  }
  ${names.dx}[i] = ${finished(names, epilogue, { value: "sum", at: "i", column: "c" })};`,
  });
  return [one];
}

/** Results that keep a GPU busy. */
const enough = 65_536;

export function groupedWeightGrad(shape: ConvShape, g: Buffer, x: Buffer, dweight: Buffer): Kernel[] {
  const { images, channels, input, outputs, output, kernel: window, stride, padding, dilation, groups } = shape;
  const [each, outs] = [channels / groups, outputs / groups];
  const taps = window[0] * window[1];
  const weights = outputs * taps * each;
  const rows = images * output[0];
  const parts = Math.min(rows, Math.max(1, Math.floor(enough / weights)));
  const rowsOfPart = Math.ceil(rows / parts);
  const y = parts === 1 ? dweight : new Buffer("parts of a weight's gradient", parts * weights);
  const one = kernel({
    label: `conv2dWeightGrad ${describe(shape)}, ${groups} groups`,
    reads: { g, x },
    writes: { y },
    count: parts * weights,
    // Neighbours in a workgroup are neighbours in memory: weights of one tap, output by output.
    body: (names) => `  let part = i / ${weights}u;
  let o = i % ${outputs}u;
  let c = (i / ${outputs}u) % ${each}u;
  let tap = i32((i / ${outputs * each}u) % ${taps}u);
  let channel = (o / ${outs}u) * ${each}u + c;
  let down = (tap / ${window[1]}) * ${dilation[0]} - ${padding[0]};
  let along = (tap % ${window[1]}) * ${dilation[1]} - ${padding[1]};
  var sum = 0.0;
  for (var row = part * ${rowsOfPart}u; row < min((part + 1u) * ${rowsOfPart}u, ${rows}u); row++) {
    let y = i32(row % ${output[0]}u) * ${stride[0]} + down;
    if (y < 0 || y >= ${input[0]}) { continue; }
    let line = (row / ${output[0]}u) * ${input[0] * input[1]}u + u32(y * ${input[1]});
    var rowSum = 0.0;
    for (var column = 0; column < ${output[1]}; column++) {
      let x = column * ${stride[1]} + along;
      if (x < 0 || x >= ${input[1]}) { continue; }
      rowSum = fma(${names.g}[(row * ${output[1]}u + u32(column)) * ${outputs}u + o], ${names.x}[(line + u32(x)) * ${channels}u + channel], rowSum);
    }
    sum += rowSum;
  }
  ${names.y}[part * ${weights}u + (o * ${taps}u + u32(tap)) * ${each}u + c] = sum;`,
  });
  return [one, ...addParts(parts, weights, y, dweight)];
}
