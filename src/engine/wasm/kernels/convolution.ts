/** @file What a convolution's kernels are made of, forward and backward, whatever the algorithm. Channels last: NHWC images, OHWI weights. */
import type { ConvShape } from "../../compiler/conv-shape.ts";
import type { Buffer } from "./kernel.ts";
import type { Finish } from "./product.ts";
import type { TileShape } from "./tile.ts";

/** y = conv(x, weight), and what follows it. */
export interface Convolution {
  readonly tile: TileShape;
  readonly shape: ConvShape;
  readonly x: Buffer;
  readonly weight: Buffer;
  readonly y: Buffer;
  readonly epilogue: Finish;
}

/** dx = dL/dx, of g = dL/dy. */
export interface InputGradient {
  readonly tile: TileShape;
  /** Of the convolution, not of its gradient. */
  readonly shape: ConvShape;
  readonly g: Buffer;
  readonly weight: Buffer;
  readonly dx: Buffer;
  readonly epilogue: Finish;
}

/** dw = dL/dweight, of g = dL/dy. */
export interface WeightGradient {
  readonly tile: TileShape;
  readonly shape: ConvShape;
  readonly g: Buffer;
  readonly x: Buffer;
  readonly dw: Buffer;
}
