/** @file Data movement: operations that compute nothing and put elements under other shapes, in other orders and places. */
import type { OpName } from "../../../tensor/ops/index.ts";
import { asImages, asMatrix, sizeOf, stridesOf, type Shape } from "../../../tensor/shape.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { channelShuffle, copy, copyBoxes, reorder, type Box } from "../kernels/copy.ts";
import { gather, gatherGrad, indexCopy, indexSelect, indexSelectGrad } from "../kernels/indexing.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { isRowMajor, memoryOrder, strides } from "../../wasm/kernels/layout.ts";
import type { Lowerings } from "./lowering.ts";

/** How each of them becomes kernels. */
export const dataMovement = {
  permute: ({ node, inputs: [x], y }) => {
    const from = strides(node.inputs[0].shape);
    const steps = node.attributes.axes.map((axis) => from[axis]!);
    return reorder("permute", node.shape, x, steps, y, memoryOrder(node.shape.length));
  },
  reshape: ({ node, inputs: [x], y }) => changeShape(node.inputs[0].shape, node.shape, x, y),
  concat: ({ node, inputs, y }) => {
    const place = placer(node.shape, node.attributes.axis);
    const boxes = inputs.map((x, i) => place(x, node.inputs[i]!.shape));
    return copyBoxes("concat", y, boxes);
  },
  slice: ({ node, inputs: [x], y }) => {
    const { axis, from } = node.attributes;
    const whole = node.inputs[0].shape;
    const box = placer(node.shape, axis)(x, node.shape, whole);
    return copyBoxes("slice", y, [{ ...box, fromOffset: from * strides(whole)[axis]! }]);
  },
  sliceGrad: ({ node, inputs: [g], y }) => {
    const { axis, from, to, size } = node.attributes;
    const place = placer(node.shape, axis);
    const zeros = (count: number): Box[] =>
      count === 0
        ? []
        : [
            place(
              null,
              node.shape.map((old, i) => (i === axis ? count : old)),
            ),
          ];
    return copyBoxes("sliceGrad", y, [...zeros(from), place(g, node.inputs[0].shape), ...zeros(size - to)]);
  },
  indexSelect: ({ node, inputs: [x, index], y }) => {
    const [rows, columns] = asMatrix(node.inputs[0].shape);
    const { indices, kernels } = inOrder(node.inputs[1], index);
    return [...kernels, indexSelect({ rows, columns, count: node.inputs[1].size }, x, indices, y)];
  },
  indexSelectGrad: ({ node, inputs: [g, index], y }) => {
    const [rows, columns] = asMatrix(node.shape);
    const { indices, kernels } = inOrder(node.inputs[1], index);
    return [...kernels, indexSelectGrad({ rows, columns, count: node.inputs[1].size }, g, indices, y)];
  },
  indexCopy: ({ node, inputs: [x, indices, values], y }) => {
    const [rows, columns] = asMatrix(node.shape);
    const put = indexCopy({ rows, columns, count: node.inputs[1].size }, indices, values, y);
    return x === y ? [put] : [...copy("copy rows", x, y, [{ size: node.size, step: 1 }]), put];
  },
  gather: ({ node, inputs: [x, index], y }) => {
    const [rows, columns] = asMatrix(node.inputs[0].shape);
    return [gather({ rows, columns, each: node.size / rows }, x, index, y)];
  },
  gatherGrad: ({ node, inputs: [g, index], y }) => {
    const [rows, columns] = asMatrix(node.shape);
    return [gatherGrad({ rows, columns, each: node.inputs[0].size / rows }, g, index, y)];
  },
  channelShuffle: ({ node, inputs: [x], y }) => {
    const [, channels] = asImages(node.shape);
    return channelShuffle(node.size / channels, channels, node.attributes.groups, x, y);
  },
} satisfies Partial<Lowerings<OpName>>;

/** Reorders elements into row-major order, which a reshape keeps, and from there into the new shape's. */
function changeShape(from: Shape, to: Shape, x: Buffer, y: Buffer): Kernel[] {
  if (isRowMajor(to)) return reorder("reshape", from, x, strides(from), y, [...from.keys()]);
  if (isRowMajor(from)) return reorder("reshape", to, x, stridesOf(to), y, memoryOrder(to.length));
  const rowMajor = new Buffer("row-major", sizeOf(from), x.type);
  return [...changeShape(from, [sizeOf(from)], x, rowMajor), ...changeShape([sizeOf(from)], to, rowMajor, y)];
}

/** Says where parts of a tensor of shape `to` lie, one behind the other along `axis`; a part may itself be taken out of a tensor of shape `whole`. */
function placer(to: Shape, axis: number): (from: Buffer | null, part: Shape, whole?: Shape) => Box {
  const toSteps = strides(to);
  let place = 0;
  return (from, part, whole = part) => {
    const fromSteps = strides(whole);
    const toOffset = place * toSteps[axis]!;
    place += part[axis]!;
    const loops = memoryOrder(part.length).map((i) => ({
      size: part[i]!,
      from: from ? fromSteps[i]! : 0,
      to: toSteps[i]!,
    }));
    return { from, fromOffset: 0, toOffset, loops };
  };
}

/** Indices in row-major order, which those of four axes are brought into first. */
function inOrder({ shape }: Tensor, buffer: Buffer): { readonly indices: Buffer; readonly kernels: Kernel[] } {
  if (isRowMajor(shape)) return { indices: buffer, kernels: [] };
  const indices = new Buffer("indices", sizeOf(shape), "i32");
  return { indices, kernels: changeShape(shape, [sizeOf(shape)], buffer, indices) };
}
