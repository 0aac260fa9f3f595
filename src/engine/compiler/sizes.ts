/** @file Sizes that kernels are written for, taken from the nodes that they compute. */
import { elementAt } from "../../elements.ts";
import type { PoolAttributes } from "../../tensor/ops/pool.ts";
import { asImages, asMatrix, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { isRowMajor } from "./layout.ts";
import type { AttributesOf, InputsOf } from "../../tensor/ops/index.ts";

/** C [m, n] = op(A)·op(B), for each of a batch. */
export interface MatmulShape {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** A is stored [k, m]. */
  readonly transposeA: boolean;
  /** B is stored [n, k]. */
  readonly transposeB: boolean;
}

export function matmulShapeOf(node: Tensor<AttributesOf<"matmul">, InputsOf<"matmul">>): MatmulShape {
  const [m, n] = asMatrix(node.shape.slice(-2));
  const [rows, columns] = asMatrix(node.inputs[0].shape.slice(-2));
  const k = node.attributes.transposeA ? rows : columns;
  return { batch: node.size / (m * n), m, k, n, ...node.attributes };
}

export function linearShapeOf(node: Tensor<AttributesOf<"linear">, InputsOf<"linear">>): MatmulShape {
  const [m, k] = asMatrix(node.inputs[0].shape);
  const [, n] = asMatrix(node.shape);
  return { batch: 1, m, k, n, transposeA: false, transposeB: true };
}

/** Sizes as [height, width]. */
export interface PoolShape extends PoolAttributes {
  readonly images: number;
  readonly channels: number;
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
}

/** Of a pool that makes y of x. */
export function poolShapeOf({ kernel, stride, padding }: PoolAttributes, x: Tensor, y: Tensor): PoolShape {
  const [images, channels, ...input] = asImages(x.shape);
  const [, , ...output] = asImages(y.shape);
  return { images, channels, input, output, kernel, stride, padding };
}

/** x as a matrix: a row an image or pixel, a column a channel. */
export interface NormShape {
  readonly rows: number;
  readonly channels: number;
}

export function normShapeOf({ shape, size }: Tensor): NormShape {
  const [, channels = 1] = shape;
  return { rows: size / channels, channels };
}

/** Sizes of what stays outside, what is reduced, and what stays inside. */
export interface ReduceShape {
  readonly outer: number;
  readonly summed: number;
  readonly inner: number;
}

/** Of what is done along a node's last axis. */
export function lastAxisOf({ shape, size }: Tensor): ReduceShape {
  const summed = elementAt(shape, -1);
  // Channels lie last in memory.
  const inner = shape.length === 4 ? elementAt(shape, 1) : 1;
  return { outer: size / summed / inner, summed, inner };
}

/** Rows [rows, columns], and how many indices there are. */
export interface RowsShape {
  readonly rows: number;
  readonly columns: number;
  readonly count: number;
}

/** Rows of bytes [rows, channels, height, width], how many indices there are, what lies around an image, and whether the result's channels lie last. */
export interface LookupShape {
  readonly rows: number;
  readonly channels: number;
  /** 1 where rows are no images. */
  readonly height: number;
  readonly width: number;
  readonly border: AttributesOf<"lookupRows">["border"];
  readonly count: number;
  readonly isChannelsLast: boolean;
}

export function lookupShapeOf({
  inputs: [x],
  attributes: { border },
  shape,
}: Tensor<AttributesOf<"lookupRows">, InputsOf<"lookupRows">>): LookupShape {
  const [rows, channels, ...pixels] = x.shape as [number, number, ...number[]];
  const [height, width] = pixels.length === 2 ? (pixels as [number, number]) : ([1, sizeOf(pixels)] as const);
  return { rows, channels, height, width, border, count: elementAt(shape, 0), isChannelsLast: !isRowMajor(shape) };
}

/** Rows of a matrix, and how many of each row's entries an index names. */
export interface GatherShape {
  readonly rows: number;
  readonly columns: number;
  readonly each: number;
}
