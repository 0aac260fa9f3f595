/** @file A folded network as a TFLite graph of floats, for one image. */
import { valueAt } from "../../elements.ts";
import type { NetworkWithValues } from "../../inference/index.ts";
import { record } from "../../nn/index.ts";
import { input, isConstant, isState, topologicalOrder, type Tensor } from "../../tensor/index.ts";
import { nonNegatives } from "../../tensor/non-negative.ts";
import { ops } from "../../tensor/ops/index.ts";
import type { WeightPrecision } from "../onnx/emitter.ts";
import { checkLogits, finite, PIXEL_VALUES, nameOf } from "../exported-network.ts";
import { Emitter, type Value } from "./emitter.ts";
import { channelsLast } from "./layers.ts";
import type { Graph } from "./quantised-graph.ts";
import { rowOf, type Writing } from "./rows.ts";

/** Throws UNSUPPORTED for what cannot be written; NOT_FINITE for a parameter that is no number, SHAPE for logits of another shape. */
export function floatGraph({ model, values }: NetworkWithValues, precision: WeightPrecision): Graph {
  const [channels, height, width] = model.inputShape;
  const images = input("images", [1, channels, height, width]);
  const { output } = record(model.module, images, { training: false });
  checkLogits(model, output, 1);
  const order = topologicalOrder([output]);
  const readers = new Map<Tensor, Tensor[]>(order.map((tensor) => [tensor, []]));
  for (const tensor of order) for (const x of tensor.inputs) valueAt(readers, x).push(tensor);
  const positive = nonNegatives(output);
  const emitter = new Emitter(precision);
  const given = emitter.tensor(PIXEL_VALUES, [1, height, width, channels], "Float32Array");
  const written = new Map<Tensor, Value>([[images, given]]);

  const numbersOf = (tensor: Tensor): Float32Array => {
    if (isConstant(tensor)) return Float32Array.of(tensor.attributes.value);
    if (!isState(tensor)) rowOf(tensor);
    return finite(nameOf(tensor, 0), valueAt(values, tensor));
  };
  const valueOf = (tensor: Tensor, rank: number): Value => {
    const known = written.get(tensor);
    if (known) return known;
    const { shape } = tensor;
    const name = isState(tensor) ? tensor.attributes.name : "number";
    const numbers = numbersOf(tensor);
    if (rank !== 4 || shape.length === 0) return emitter.constant(name, shape, numbers);
    const [first, ...others] = [...Array.from({ length: 4 - shape.length }, () => 1), ...shape] as [
      number,
      ...number[],
    ];
    const [c, h, w] = others as [number, number, number];
    return emitter.constant(name, [first, h, w, c], channelsLast(numbers, first, others));
  };
  for (const [i, tensor] of order.entries()) {
    if (tensor === images || isConstant(tensor) || isState(tensor)) continue;
    const writing: Writing = {
      emitter,
      name: nameOf(tensor, i),
      valueOf,
      numbersOf,
      isPositive: (x) => positive.has(x),
      isOwn: (x) => valueAt(readers, x).length === 1,
      isForLinear: (x) => valueAt(readers, x).every(({ op, inputs }) => op === ops.linear && inputs[0] === x),
    };
    written.set(tensor, rowOf(tensor)(tensor, writing));
  }
  return { emitter, input: given, output: valueAt(written, output) };
}
