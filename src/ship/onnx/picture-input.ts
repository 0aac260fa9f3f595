/** @file What stands before a network in a file that takes pictures of any size: it resizes as Pillow does, crops and normalises. */
import { LimbeckError } from "../../errors.ts";
import type { OnnxGraph } from "../../onnx/index.ts";
import type { ShippedDescription } from "../description.ts";
import { Emitter } from "./emitter.ts";
import { LOGITS, PIXEL_VALUES } from "../exported-network.ts";
import { BATCH } from "./graph.ts";
import { resampled, sidesOf, weightsOf } from "./resample.ts";

/** Of a network, what its pictures have to become. */
export type PictureNeeds = Pick<ShippedDescription, "name" | "inputShape" | "normalisation" | "preparation">;

/**
 * The graph with pictures as its input: [batch, 3, height, width], bytes from 0 to 255 as floats. They become what `preparedPicture` makes of them, to the bit where
 * a place is made of no more than eight pixels of a line; else the sum is one of float32. A network whose images are not square takes pictures of its size.
 *
 * Throws UNSUPPORTED for other than one or three channels.
 */
export function forPictures(
  graph: Omit<OnnxGraph, "metadata">,
  { name, inputShape, normalisation, preparation }: PictureNeeds,
): Omit<OnnxGraph, "metadata"> {
  const [channels, height, width] = inputShape;
  if (channels !== 1 && channels !== 3) {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${name} takes images of ${channels} channels, but pictures have 1 or 3; export it in the format onnx`,
    );
  }
  const isSquare = height === width;
  const emitter = new Emitter([PIXEL_VALUES, LOGITS, ...namesIn(graph)]);
  const coloured = channels === 3 ? PIXEL_VALUES : grey(emitter);
  const sized = isSquare
    ? squared(emitter, coloured, height, Math.max(height, preparation?.resize ?? height))
    : coloured;
  const images = normalised(emitter, sized, normalisation);
  const renamed = (value: string): string => (value === PIXEL_VALUES ? images : value);
  return {
    ...graph,
    nodes: [...emitter.nodes, ...graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(renamed) }))],
    constants: [...emitter.constants, ...graph.constants],
    inputs: [{ name: PIXEL_VALUES, dims: [BATCH, 3, ...(isSquare ? ["height", "width"] : [height, width])] }],
  };
}

function namesIn({ nodes, constants }: Omit<OnnxGraph, "metadata">): string[] {
  return [...nodes.map(({ output }) => output), ...constants.map(({ name }) => name)];
}

/** As Pillow's `convert("L")`. Its sums are below 2²⁴, so that float32 has them exactly. */
function grey(emitter: Emitter): string {
  const weights = emitter.constant("grey.weights", [1, 3, 1, 1], Float32Array.of(19595, 38470, 7471));
  const half = emitter.constant("grey.half", [1], Float32Array.of(2 ** 15));
  const sum = emitter.node("Conv", [PIXEL_VALUES, weights, half], "grey.sum", { kernel_shape: { ints: [1, 1] } });
  return emitter.node("Floor", [emitter.node("Mul", [sum, emitter.number(2 ** -16)], "grey.part")], "grey");
}

/** `size` x `size` from the middle of the picture, whose shorter side becomes `resize`; a picture of that size stays as it is. */
function squared(emitter: Emitter, pictures: string, size: number, resize: number): string {
  const sides = sidesOf(emitter, pictures, { size, resize });
  const narrow = resampled(emitter, "columns", pictures, weightsOf(emitter, "columns", sides));
  return resampled(emitter, "rows", narrow, weightsOf(emitter, "rows", sides));
}

/** (value / 255 - mean) / deviation, rounded in the order in which training rounds it. */
function normalised(emitter: Emitter, bytes: string, { mean, std }: ShippedDescription["normalisation"]): string {
  const each = (name: string, values: readonly number[]): string =>
    emitter.constant(name, [1, values.length, 1, 1], Float32Array.from(values));
  const shares = emitter.node("Div", [bytes, emitter.number(255)], "shares");
  const centred = emitter.node("Sub", [shares, each("mean", mean)], "centred");
  return emitter.node("Div", [centred, each("deviation", std)], "images");
}
