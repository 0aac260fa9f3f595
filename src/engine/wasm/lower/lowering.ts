/** @file How an operation becomes kernels: what it is given. */
import type { Tensor } from "../../../tensor/tensor.ts";
import type { Buffer, Kernel } from "../kernels/kernel.ts";
import type { TileShape } from "../kernels/tile.ts";

/** A node, where its inputs lie and its result goes, and what its store does besides. */
export interface LoweringInput {
  readonly node: Tensor;
  /** The buffer of input i. */
  readonly x: (i: number) => Buffer;
  readonly y: Buffer;
  readonly tile: TileShape;
  readonly epilogue: { readonly relu?: boolean; readonly positive?: Buffer };
}

export type Lowering = (given: LoweringInput) => Kernel[];
