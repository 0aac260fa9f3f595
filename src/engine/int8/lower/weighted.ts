/** @file Convolutions and linear layers as calls of kernels. */
import type { Conv2dLayer, LinearLayer } from "../network.ts";
import { weightedNumbers } from "../arithmetic.ts";
import { conv, panelsOf, type ConvShape } from "../kernels/conv.ts";
import { depthwise } from "../kernels/depthwise.ts";
import type { SumLoop } from "../kernels/products.ts";
import { lanesTogether } from "../pair-sums.ts";
import { addressOf, Area, type Place } from "../place.ts";
import { mostBeforeRounding } from "../requantise.ts";
import { eights, type Lowering } from "./lowering.ts";

export function lowerConv2d(lowering: Lowering, layer: Conv2dLayer, at: number): Place {
  const { kernel, stride, padding, dilation, groups, shape } = layer;
  const x = lowering.placeOf(layer.inputs[0]);
  const inputs = x.channels / groups;
  const outputs = shape[0] / groups;
  const vectors = vectorsFor(outputs, shape[1] * shape[2]);
  const panels = panelsOf({ groupOutputs: outputs, vectors });
  const y = lowering.newPlace(at, layer, () => eights((groups - 1) * outputs + panels * 4 * vectors));
  return lowerWeighted(lowering, layer, at, x, y, {
    kernel,
    inputs,
    shape: {
      ...lined(
        { height: shape[1], width: shape[2], windowStep: stride[1] * x.pixel, windowRow: stride[0] * x.row },
        { pixel: y.pixel, row: y.row },
      ),
      sum: sumOf(lowering, x, kernel, dilation, inputs),
      groups,
      groupStep: inputs * lowering.flavour.bytes,
      groupOutputs: outputs,
      vectors,
      top: lowering.network.top,
    },
    from: () => addressOf(x) - padding[0] * x.row - padding[1] * x.pixel,
    to: () => addressOf(y),
    area: y.area,
  });
}

export function lowerDepthwise(lowering: Lowering, layer: Conv2dLayer, at: number): Place {
  const { kernel, stride, padding, dilation, shape } = layer;
  const { top } = lowering.network;
  const x = lowering.placeOf(layer.inputs[0]);
  const y = lowering.newPlace(at, layer);
  const count = eights(shape[0]);
  const { scale } = y.quantisation;
  const { bias, factors, largest } = weightedNumbers(lowering.where(at), layer, x.quantisation, scale, top);
  const padded = <Numbers extends Int32Array | Float32Array>(numbers: Numbers, all: Numbers): Numbers => {
    all.set(numbers);
    return all;
  };
  const numbers = lowering.constants.add(padded(bias, new Int32Array(count)), padded(factors, new Float32Array(count)));
  const weights = lowering.weights.addDepthwise(layer.weights, shape[0], kernel);
  const code = depthwise(lowering.flavour, {
    height: shape[1],
    width: shape[2],
    eights: count / 8,
    kernel,
    strideX: stride[1],
    dilationX: dilation[1],
    windowRow: stride[0] * x.row,
    tapRow: dilation[0] * x.row,
    input: { pixel: x.pixel },
    output: { pixel: y.pixel, row: y.row },
    top,
    isSmall: largest < mostBeforeRounding,
  });
  const from = (): number => addressOf(x) - padding[0] * x.row - padding[1] * x.pixel;
  lowering.push(code, [x.area], y.area, () => [from(), addressOf(y), weights(), numbers(), y.quantisation.zero]);
  return y;
}

export function lowerLinear(lowering: Lowering, layer: LinearLayer, at: number): Place {
  const x = lowering.placeOf(layer.inputs[0]);
  const shape = linearShape(lowering, layer, x);
  const y = lowering.newPlace(at, layer, () => eights(panelsOf(shape) * 4 * shape.vectors));
  return lowerWeighted(lowering, layer, at, x, y, {
    kernel: [x.height, x.width],
    inputs: x.channels,
    shape: { ...shape, output: { pixel: y.pixel, row: y.row } },
    from: () => addressOf(x),
    to: () => addressOf(y),
    area: y.area,
  });
}

export function lowerLogits(lowering: Lowering, layer: LinearLayer, at: number): Area {
  const x = lowering.placeOf(layer.inputs[0]);
  const shape = linearShape(lowering, layer, x);
  const logits = new Area("logits", panelsOf(shape) * shape.vectors * 16);
  lowerWeighted(lowering, layer, at, x, undefined, {
    kernel: [x.height, x.width],
    inputs: x.channels,
    shape: { ...shape, output: "logits" },
    from: () => addressOf(x),
    to: () => logits.address,
    area: logits,
  });
  return logits;
}

function linearShape(
  lowering: Lowering,
  layer: LinearLayer,
  x: Place,
): Omit<ConvShape, "output" | "together" | "isSmall"> {
  const [outputs] = layer.shape;
  return {
    height: 1,
    width: 1,
    windowStep: 0,
    windowRow: 0,
    sum: sumOf(lowering, x, [x.height, x.width], [1, 1], x.channels),
    groups: 1,
    groupStep: 0,
    groupOutputs: outputs,
    vectors: vectorsFor(outputs, 1),
    top: lowering.network.top,
  };
}

/** The step of a convolution or linear layer; without a place its sums are logits. */
function lowerWeighted<Output extends Place | undefined>(
  lowering: Lowering,
  layer: Conv2dLayer | LinearLayer,
  at: number,
  x: Place,
  y: Output,
  {
    kernel: [rows, columns],
    inputs,
    shape: known,
    from,
    to,
    area,
  }: {
    readonly kernel: readonly [number, number];
    readonly inputs: number;
    readonly shape: Omit<ConvShape, "together" | "isSmall">;
    readonly from: () => number;
    readonly to: () => number;
    readonly area: Area;
  },
): Output {
  const { top } = lowering.network;
  const outputScale = y?.quantisation.scale ?? 1;
  const { bias, factors, largest } = weightedNumbers(lowering.where(at), layer, x.quantisation, outputScale, top);
  const taps = rows * columns;
  const shape: ConvShape = {
    ...known,
    together: lowering.flavour.mostTogether === 1 ? 1 : lanesTogether(layer.weights, { inputs, taps }, known.sum),
    isSmall: largest < mostBeforeRounding,
  };
  const { groups, groupOutputs, vectors } = shape;
  const columnsOfGroup = panelsOf(shape) * vectors * 4;
  const inPanels = <Numbers extends Int32Array | Float32Array>(numbers: Numbers, panelled: Numbers): Numbers => {
    for (let group = 0; group < groups; group++) {
      const own = numbers.subarray(group * groupOutputs, (group + 1) * groupOutputs);
      panelled.set(own, group * columnsOfGroup);
    }
    return panelled;
  };
  const numbers = lowering.constants.add(
    inPanels(bias, new Int32Array(groups * columnsOfGroup)),
    inPanels(factors, new Float32Array(groups * columnsOfGroup)),
  );
  const weights = lowering.weights.addPanels(layer.weights, shape, { inputs, taps });
  const zero = y?.quantisation.zero ?? 0;
  lowering.push(conv(lowering.flavour, shape), [x.area], area, () => [from(), to(), weights(), numbers(), zero]);
  return y;
}

function sumOf(
  lowering: Lowering,
  { row, pixel }: Place,
  [rows, columns]: readonly [number, number],
  [down, right]: readonly [number, number],
  inputs: number,
): SumLoop[] {
  return merged([
    { count: rows, step: down * row },
    { count: columns, step: right * pixel },
    { count: Math.ceil(inputs / lowering.flavour.perLane), step: 4 },
  ]);
}

export function isDepthwise({ groups, shape, weights, kernel }: Conv2dLayer): boolean {
  return groups > 1 && groups === shape[0] && weights.length === groups * kernel[0] * kernel[1];
}

/** Wide panels where there is one pixel, so that there are sums enough to be computed at a time. */
function vectorsFor(outputs: number, pixels: number): 2 | 4 | 8 {
  if (pixels > 1 || outputs <= 8) return 2;
  return outputs <= 16 ? 4 : 8;
}

/** As one row, where rows follow each other in the input and in the output. */
function lined<Shape extends Pick<ConvShape, "height" | "width" | "windowStep" | "windowRow">>(
  shape: Shape,
  output: { readonly pixel: number; readonly row: number },
): Shape & { readonly output: { readonly pixel: number; readonly row: number } } {
  const { height, width, windowStep, windowRow } = shape;
  const isLine = windowRow === width * windowStep && output.row === width * output.pixel;
  return isLine ? { ...shape, height: 1, width: height * width, output } : { ...shape, output };
}

/** Loops that go on where the one inside ends, as one. */
function merged(loops: readonly SumLoop[]): SumLoop[] {
  return loops.reduceRight<SumLoop[]>(([inner, ...others], outer) => {
    if (!inner) return [outer];
    if (outer.count === 1) return [inner, ...others];
    if (outer.step === inner.count * inner.step)
      return [{ count: outer.count * inner.count, step: inner.step }, ...others];
    return [outer, inner, ...others];
  }, []);
}
