/** @file Data movement: operations that compute nothing and put elements under other shapes, in other orders and places. */
import type { Along, Stretch } from "../../../tensor/ops/concat.ts";
import type { OpName } from "../../../tensor/ops/index.ts";
import { sizeOf, stridesOf, type Shape } from "../../../tensor/shape.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { channelShuffle, copy, copyBoxes, reorder, type Box } from "../kernels/copy.ts";
import { gather, gatherGrad, indexCopy, indexSelect, indexSelectGrad, type RowsShape } from "../kernels/indexing.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { isRowMajor, memoryOrder, strides } from "../kernels/layout.ts";
import type { Lowering } from "./lowering.ts";

/** How each of them becomes kernels. */
export const dataMovement = {
  permute: ({ node, x, y }) => {
    const { axes } = node.attributes as { axes: readonly number[] };
    const from = strides(node.inputs[0]!.shape);
    const steps = axes.map((axis) => from[axis]!);
    return [reorder("permute", node.shape, x(0), steps, y, memoryOrder(node.shape.length))];
  },
  reshape: ({ node, x, y }) => changeShape(node.inputs[0]!.shape, node.shape, x(0), y),
  concat: ({ node, x, y }) => {
    const { axis } = node.attributes as Along;
    const place = placer(node.shape, axis);
    const boxes = node.inputs.map(({ shape }, i) => place(x(i), shape));
    return [copyBoxes("concat", y, boxes)];
  },
  slice: ({ node, x, y }) => {
    const { axis, from } = node.attributes as Stretch;
    const whole = node.inputs[0]!.shape;
    const box = placer(node.shape, axis)(x(0), node.shape, whole);
    return [copyBoxes("slice", y, [{ ...box, fromOffset: from * strides(whole)[axis]! }])];
  },
  sliceGrad: ({ node, x, y }) => {
    const { axis, from, to, size } = node.attributes as Stretch & { readonly size: number };
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
    return [copyBoxes("sliceGrad", y, [...zeros(from), place(x(0), node.inputs[0]!.shape), ...zeros(size - to)])];
  },
  indexSelect: ({ node, x, y }) => {
    const [rows, columns] = node.inputs[0]!.shape as [number, number];
    const { indices, kernels } = inOrder(node.inputs[1]!, x(1));
    return [...kernels, indexSelect({ rows, columns, count: node.shape[0]! }, x(0), indices, y)];
  },
  indexSelectGrad: ({ node, x, y }) => {
    const { indices, kernels } = inOrder(node.inputs[1]!, x(1));
    return [...kernels, indexSelectGrad(rowsOf(node), x(0), indices, y)];
  },
  indexCopy: ({ node, x, y }) => {
    const put = indexCopy(rowsOf(node), x(1), x(2), y);
    return x(0) === y ? [put] : [copy("copy rows", x(0), y, [{ size: node.size, step: 1 }]), put];
  },
  gather: ({ node, x, y }) => {
    const [rows, columns] = node.inputs[0]!.shape as [number, number];
    return [gather({ rows, columns, each: node.size / rows }, x(0), x(1), y)];
  },
  gatherGrad: ({ node, x, y }) => {
    const [rows, columns] = node.shape as [number, number];
    return [gatherGrad({ rows, columns, each: node.inputs[0]!.size / rows }, x(0), x(1), y)];
  },
  channelShuffle: ({ node, x, y }) => {
    const channels = node.shape[1]!;
    const { groups } = node.attributes as { groups: number };
    return [channelShuffle(node.size / channels, channels, groups, x(0), y)];
  },
} as const satisfies Partial<Record<OpName, Lowering>>;

/** Reorders elements into row-major order, which a reshape keeps, and from there into the new shape's. */
function changeShape(from: Shape, to: Shape, x: Buffer, y: Buffer): Kernel[] {
  if (isRowMajor(to)) return [reorder("reshape", from, x, strides(from), y, [...from.keys()])];
  if (isRowMajor(from)) return [reorder("reshape", to, x, stridesOf(to), y, memoryOrder(to.length))];
  const rowMajor = new Buffer("row-major", sizeOf(from));
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

function rowsOf({ shape, inputs }: Tensor): RowsShape {
  return { rows: shape[0]!, columns: shape[1]!, count: inputs[1]!.size };
}

/** Indices in row-major order, which those of four axes are brought into first. */
function inOrder({ shape }: Tensor, buffer: Buffer): { readonly indices: Buffer; readonly kernels: Kernel[] } {
  if (isRowMajor(shape)) return { indices: buffer, kernels: [] };
  const indices = new Buffer("indices", sizeOf(shape));
  return { indices, kernels: changeShape(shape, [sizeOf(shape)], buffer, indices) };
}
