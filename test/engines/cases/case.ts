/** @file What a case is: a small graph around one operation, and the values of its inputs. */
import type { OpName } from "../../../src/tensor/ops/index.ts";
import { sizeOf, type DType, type Shape, type Tensor } from "../../../src/tensor/index.ts";
import type { Draws } from "../random.ts";

/** One use of one operation. */
export interface Case {
  readonly op: OpName;
  /** What is special about it. */
  readonly title: string;
  readonly inputs: readonly Values[];
  build(...inputs: Tensor[]): Tensor;
  /** Whether value and gradients come element by element: nothing cancels, and each is held to its own size. */
  readonly elementwise?: boolean;
  /** Why finite differences cannot check its gradient: it stands on a kink, a tie, or its results are no numbers. */
  readonly notSmooth?: string;
}

/** An input's shape and how its values are drawn. */
export interface Values {
  readonly shape: Shape;
  readonly dtype: DType;
  draw(draws: Draws): Float32Array | Int32Array | Uint8Array;
}

/** Standard normal values. */
export function normal(...shape: number[]): Values {
  return { shape, dtype: "float32", draw: (draws) => draws.normals(sizeOf(shape)) };
}

/** Values in [0.5, 2.5): away from where 1 / x, log x and √x turn wild. */
export function positive(...shape: number[]): Values {
  return {
    shape,
    dtype: "float32",
    draw: (draws) => Float32Array.from({ length: sizeOf(shape) }, () => 0.5 + 2 * draws.uniform()),
  };
}

/** Values of a few whole numbers, so that equals meet. */
export function tied(...shape: number[]): Values {
  return {
    shape,
    dtype: "float32",
    draw: (draws) => Float32Array.from({ length: sizeOf(shape) }, () => draws.below(3) - 1),
  };
}

/** These values, row-major. */
export function filled(shape: Shape, values: readonly number[]): Values {
  return { shape, dtype: "float32", draw: () => Float32Array.from(values) };
}

/** Bytes, which an engine keeps. */
export function bytes(...shape: number[]): Values {
  return {
    shape,
    dtype: "uint8",
    draw: (draws) => Uint8Array.from({ length: sizeOf(shape) }, () => draws.below(256)),
  };
}

/** These whole numbers, one axis, int32. */
export function indices(...values: number[]): Values {
  return { shape: [values.length], dtype: "int32", draw: () => Int32Array.from(values) };
}

/** Whole numbers from 0 to below `limit`, int32. */
export function indicesIn(shape: Shape, limit: number): Values {
  return {
    shape,
    dtype: "int32",
    draw: (draws) => Int32Array.from({ length: sizeOf(shape) }, () => draws.below(limit)),
  };
}
