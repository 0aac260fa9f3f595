/** @file Which sizes of a graph are the batch's: seen by recording it twice. */
import { elementAt, valueAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { record, type Module } from "../../nn/index.ts";
import { formatShape, input, topologicalOrder, type Shape, type Tensor } from "../../tensor/index.ts";

/** Two batches that no other sizes of a graph are both taken for. */
const [FEWER, MORE] = [5, 7];

/** A size: a number, or how many times the batch it is. */
export type Size = number | { readonly batches: number };

/** A graph in an order where each tensor comes after its inputs, and the shape of each for any batch. */
export interface AnyBatch {
  readonly order: readonly Tensor[];
  readonly images: Tensor;
  readonly output: Tensor;
  sizesOf(tensor: Tensor): readonly Size[];
}

/** Throws UNSUPPORTED where the network is another for another batch. */
export function forAnyBatch(name: string, module: Module, inputShape: Shape): AnyBatch {
  const recorded = (batch: number): Recorded => {
    const images = input("images", [batch, ...inputShape]);
    const { output } = record(module, images, { training: false });
    return { images, output, order: topologicalOrder([output]) };
  };
  const [fewer, more] = [recorded(FEWER), recorded(MORE)];
  const refuse = (problem: string): never => {
    throw new LimbeckError(
      "UNSUPPORTED",
      `${name}: ${problem}; an ONNX file is for any batch, so each image has to be computed by itself`,
    );
  };
  if (fewer.order.length !== more.order.length)
    refuse(`it records other operations for ${FEWER} images than for ${MORE}`);
  const sizes = new Map<Tensor, readonly Size[]>();
  for (const [i, tensor] of fewer.order.entries()) {
    const other = elementAt(more.order, i);
    if (tensor.op !== other.op)
      refuse(`it records ${tensor.op.name} for ${FEWER} images, and ${other.op.name} for ${MORE}`);
    if (attributesOf(tensor) !== attributesOf(other)) refuse(`${tensor.op.name} is another for another batch`);
    const shape = tensor.shape.map((size, axis) => sizeOf(size, other.shape[axis]));
    if (other.shape.length !== shape.length || shape.includes(undefined))
      refuse(
        `${tensor.op.name} gives ${formatShape(tensor.shape)} for ${FEWER} images, and ${formatShape(other.shape)} for ${MORE}`,
      );
    sizes.set(tensor, shape as Size[]);
  }
  const { images, output, order } = fewer;
  return { images, output, order, sizesOf: (tensor) => valueAt(sizes, tensor) };
}

interface Recorded {
  readonly images: Tensor;
  readonly output: Tensor;
  readonly order: readonly Tensor[];
}

function sizeOf(fewer: number, more: number | undefined): Size | undefined {
  if (fewer === more) return fewer;
  const batches = fewer / FEWER;
  return Number.isInteger(batches) && batches * MORE === more ? { batches } : undefined;
}

/** But for the shape of the result, which is looked at by itself, and a state's name. */
function attributesOf({ attributes }: Tensor): string {
  return JSON.stringify({ ...(attributes as object), shape: undefined });
}
