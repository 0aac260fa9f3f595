/** @file How an engine's operations become its kernels: what each is given, and which are computed together. */
import { elementAt } from "../../elements.ts";
import { ops, type AttributesOf, type ForInputs, type InputsOf, type OpName } from "../../tensor/ops/index.ts";
import { sameShape, type Shape } from "../../tensor/shape.ts";
import { isConstant, type Op, type Tensor } from "../../tensor/tensor.ts";
import type { FusionRules } from "./fuse.ts";
import { isRowMajor } from "./layout.ts";

/** What a store does besides. */
export interface StoreSpec<Memory> {
  /** Added to each result, one number for an output channel or column. */
  readonly bias?: Memory | undefined;
  /** Another tensor of the result's shape, added before the ReLU. */
  readonly added?: Memory | undefined;
  readonly relu?: boolean;
  /** The result of the ReLU whose gradient is taken: results stay only where it is above 0. */
  readonly positive?: Memory | undefined;
}

/** A node, where its inputs lie and its result goes, and what its store does besides. */
export interface LoweringInput<Name extends OpName, Memory> {
  readonly node: Tensor<AttributesOf<Name>, InputsOf<Name>>;
  readonly inputs: ForInputs<Name, Memory>;
  readonly y: Memory;
  readonly epilogue: StoreSpec<Memory>;
}

/** One for each of these operations, given what `More` says besides; a missing one is a type error. */
export type Lowerings<Names extends OpName, Memory, Kernel, More = unknown> = {
  readonly [Name in Names]: (given: LoweringInput<Name, Memory> & More) => Kernel[];
};

/** What any operation has. */
export interface AnyLoweringInput<Memory> {
  readonly node: Tensor;
  readonly inputs: readonly Memory[];
  readonly y: Memory;
  readonly epilogue: StoreSpec<Memory>;
}

/** By operation, not by name: another operation that is called `matmul` is not an engine's to run. */
export function byOperation<Names extends OpName, Memory, Kernel, More>(
  lowerings: Lowerings<Names, Memory, Kernel, More>,
): ReadonlyMap<Op<never>, (given: AnyLoweringInput<Memory> & More) => Kernel[]> {
  return new Map(
    Object.entries(lowerings).map(([name, lowering]) => [
      ops[name as Names],
      lowering as (given: AnyLoweringInput<Memory> & More) => Kernel[],
    ]),
  );
}

/** One pass over `shape`: `nodes` in order, of which `stored` go to memory. */
export interface ElementwisePass<Memory> {
  readonly shape: Shape;
  readonly nodes: readonly Tensor[];
  readonly stored: ReadonlyMap<Tensor, Memory>;
  /** The tensor that a renaming stands for. */
  readonly origin: (tensor: Tensor) => Tensor;
  /** Where an operand from outside the pass lies. */
  readonly bufferOf: (tensor: Tensor) => Memory;
}

/** What a pass reads from outside of itself, and where that lies. */
export interface Operand<Memory> {
  readonly tensor: Tensor;
  readonly buffer: Memory;
  /** Where in the buffer it begins, in elements. */
  readonly offset: number;
}

/** The operands of a pass: rows, which are not computed but read where they lie, and what its other nodes need from outside. */
export function operandsOf<Memory>({ nodes, origin, bufferOf }: ElementwisePass<Memory>): Operand<Memory>[] {
  const own = new Set(nodes);
  const rows = nodes.filter((node) => node.op === ops.row);
  const outside = new Set(computedNodes(nodes).flatMap(({ inputs }) => inputs));
  return [
    ...rows.map((tensor) => ({
      tensor,
      buffer: bufferOf(elementAt(tensor.inputs, 0)),
      offset: (tensor.attributes as AttributesOf<"row">).index * tensor.size,
    })),
    ...[...outside]
      .filter((x) => !own.has(origin(x)) && !isConstant(origin(x)))
      .map((tensor) => ({ tensor, buffer: bufferOf(tensor), offset: 0 })),
  ];
}

/** Those that are not read, as rows are. */
export function computedNodes(nodes: readonly Tensor[]): Tensor[] {
  return nodes.filter((node) => node.op !== ops.row);
}

/** Whether both operands of an addition are read as they lie: a row, or a number, is better added by a pass that knows it. */
function isStoredSum({ inputs, shape }: Tensor): boolean {
  return inputs.every((x) => sameShape(x.shape, shape) && x.op !== ops.broadcastTo && !isConstant(x));
}

/** What kernels can compute together. */
export function fusionRules(isElementwise: (op: Op<never>) => boolean): FusionRules {
  return {
    isElementwise,
    isEpilogue: (node, [x, ...after]) => {
      if (node.op === ops.add) return x.op === ops.conv2d && after.length === 0 && isStoredSum(node);
      if (node.op === ops.relu)
        return (x.op === ops.conv2d || x.op === ops.linear) && after.every(({ op }) => op === ops.add);
      if (node.op !== ops.reluGrad || after.length > 0 || node.inputs[0] !== x) return false;
      if (x.op === ops.conv2dInputGrad || x.op === ops.matmul) return true;
      // The pooled value tells whether the ReLU let its largest element through, if the pool looked at that ReLU's result.
      return x.op === ops.maxPool2dGrad && x.inputs[1] === node.inputs[1];
    },
    isInPlace: (reshape) => isRowMajor(reshape.shape) && isRowMajor(elementAt(reshape.inputs, 0).shape),
  };
}
