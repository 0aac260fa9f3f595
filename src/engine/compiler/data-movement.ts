/** @file Data movement: operations that compute nothing and put elements under other shapes, in other orders and places. */
import { elementAt } from "../../elements.ts";
import { asImages, asMatrix, sizeOf, stridesOf, type Shape } from "../../tensor/shape.ts";
import type { DType, Tensor } from "../../tensor/tensor.ts";
import { reordered, whole, type Box, type CopyBoxes } from "./box.ts";
import { isRowMajor, memoryOrder, strides } from "./layout.ts";
import type { Lowerings } from "./lowering.ts";
import { lookupShapeOf, type GatherShape, type LookupShape, type RowsShape } from "./sizes.ts";

/** What an engine has for it. */
export interface Moving<Memory, Kernel> {
  memory(label: string, elements: number, dtype: DType): Memory;
  readonly copyBoxes: CopyBoxes<Memory, Kernel>;
  lookupRows(shape: LookupShape, from: LookedUp<Memory>, y: Memory): Kernel;
  indexSelect(shape: RowsShape, x: Memory, indices: Memory, y: Memory): Kernel;
  indexSelectGrad(shape: RowsShape, g: Memory, indices: Memory, dx: Memory): Kernel;
  indexCopy(shape: RowsShape, indices: Memory, values: Memory, y: Memory): Kernel;
  gather(shape: GatherShape, x: Memory, index: Memory, y: Memory): Kernel;
  gatherGrad(shape: GatherShape, g: Memory, index: Memory, dx: Memory): Kernel;
  /** y[c·groups + g] = x[g·C / groups + c] of each pixel's C channels. */
  channelShuffle(pixels: number, channels: number, groups: number, x: Memory, y: Memory): Kernel;
}

/** What rows are looked up in, and by what. */
export interface LookedUp<Memory> {
  readonly x: Memory;
  readonly indices: Memory;
  readonly table: Memory;
  readonly shifts?: Memory | undefined;
}

type Moved =
  | "permute"
  | "reshape"
  | "concat"
  | "slice"
  | "sliceGrad"
  | "lookupRows"
  | "indexSelect"
  | "indexSelectGrad"
  | "indexCopy"
  | "gather"
  | "gatherGrad"
  | "channelShuffle";

/** How each of them becomes kernels. */
export function dataMovement<Memory, Kernel>(engine: Moving<Memory, Kernel>): Lowerings<Moved, Memory, Kernel> {
  const { memory, copyBoxes } = engine;

  /** Reorders elements into row-major order, which a reshape keeps, and from there into the new shape's. */
  const changeShape = (from: Shape, to: Shape, x: Memory, y: Memory, dtype: DType): Kernel[] => {
    if (isRowMajor(to)) return copyBoxes("reshape", y, [reordered(from, x, strides(from), [...from.keys()])]);
    if (isRowMajor(from)) return copyBoxes("reshape", y, [reordered(to, x, stridesOf(to), memoryOrder(to.length))]);
    const flat = [sizeOf(from)];
    const rowMajor = memory("row-major", sizeOf(from), dtype);
    return [...changeShape(from, flat, x, rowMajor, dtype), ...changeShape(flat, to, rowMajor, y, dtype)];
  };
  /** Indices in row-major order, which those of four axes are brought into first. */
  const inOrder = ({ shape }: Tensor, given: Memory): { readonly indices: Memory; readonly kernels: Kernel[] } => {
    if (isRowMajor(shape)) return { indices: given, kernels: [] };
    const indices = memory("indices", sizeOf(shape), "int32");
    return { indices, kernels: changeShape(shape, [sizeOf(shape)], given, indices, "int32") };
  };

  return {
    permute: ({ node, inputs: [x], y }) => {
      const from = strides(node.inputs[0].shape);
      const steps = node.attributes.axes.map((axis) => elementAt(from, axis));
      return copyBoxes("permute", y, [reordered(node.shape, x, steps, memoryOrder(node.shape.length))]);
    },
    reshape: ({ node, inputs: [x], y }) => changeShape(node.inputs[0].shape, node.shape, x, y, node.dtype),
    concat: ({ node, inputs, y }) => {
      const place = placer<Memory>(node.shape, node.attributes.axis);
      return copyBoxes(
        "concat",
        y,
        inputs.map((x, i) => place(x, elementAt(node.inputs, i).shape)),
      );
    },
    slice: ({ node, inputs: [x], y }) => {
      const { axis, from } = node.attributes;
      const all = node.inputs[0].shape;
      const box = placer<Memory>(node.shape, axis)(x, node.shape, all);
      return copyBoxes("slice", y, [{ ...box, fromOffset: from * elementAt(strides(all), axis) }]);
    },
    sliceGrad: ({ node, inputs: [g], y }) => {
      const { axis, from, to, size } = node.attributes;
      const place = placer<Memory>(node.shape, axis);
      const zeros = (count: number): Box<Memory>[] => {
        if (count === 0) return [];
        const part = node.shape.map((old, i) => (i === axis ? count : old));
        return [place(null, part)];
      };
      return copyBoxes("sliceGrad", y, [...zeros(from), place(g, node.inputs[0].shape), ...zeros(size - to)]);
    },
    lookupRows: ({ node, inputs: [x, indices, table, shifts], y }) => [
      engine.lookupRows(lookupShapeOf(node), { x, indices, table, shifts }, y),
    ],
    indexSelect: ({ node, inputs: [x, index], y }) => {
      const [rows, columns] = asMatrix(node.inputs[0].shape);
      const { indices, kernels } = inOrder(node.inputs[1], index);
      return [...kernels, engine.indexSelect({ rows, columns, count: node.inputs[1].size }, x, indices, y)];
    },
    indexSelectGrad: ({ node, inputs: [g, index], y }) => {
      const [rows, columns] = asMatrix(node.shape);
      const { indices, kernels } = inOrder(node.inputs[1], index);
      return [...kernels, engine.indexSelectGrad({ rows, columns, count: node.inputs[1].size }, g, indices, y)];
    },
    indexCopy: ({ node, inputs: [x, indices, values], y }) => {
      const [rows, columns] = asMatrix(node.shape);
      const put = engine.indexCopy({ rows, columns, count: node.inputs[1].size }, indices, values, y);
      return x === y ? [put] : [...copyBoxes("copy rows", y, [whole(x, node.size)]), put];
    },
    gather: ({ node, inputs: [x, index], y }) => {
      const [rows, columns] = asMatrix(node.inputs[0].shape);
      return [engine.gather({ rows, columns, each: node.size / rows }, x, index, y)];
    },
    gatherGrad: ({ node, inputs: [g, index], y }) => {
      const [rows, columns] = asMatrix(node.shape);
      return [engine.gatherGrad({ rows, columns, each: node.inputs[0].size / rows }, g, index, y)];
    },
    channelShuffle: ({ node, inputs: [x], y }) => {
      const [, channels] = asImages(node.shape);
      return [engine.channelShuffle(node.size / channels, channels, node.attributes.groups, x, y)];
    },
  };
}

/** Says where parts of a tensor of shape `to` lie, one behind the other along `axis`; a part may itself be taken out of a tensor of shape `all`. */
function placer<Memory>(to: Shape, axis: number): (from: Memory | null, part: Shape, all?: Shape) => Box<Memory> {
  const toSteps = strides(to);
  let place = 0;
  return (from, part, all = part) => {
    const fromSteps = strides(all);
    const toOffset = place * elementAt(toSteps, axis);
    place += elementAt(part, axis);
    const loops = memoryOrder(part.length).map((i) => ({
      size: elementAt(part, i),
      from: from === null ? 0 : elementAt(fromSteps, i),
      to: elementAt(toSteps, i),
    }));
    return { from, fromOffset: 0, toOffset, loops };
  };
}
