/** @file Pooling and its gradients, eight channels at a time. */
import { elementAt } from "../../../elements.ts";
import type { PoolShape } from "../../compiler/sizes.ts";
import { address, advance, f32x4, i32, repeat, seq, set, v128, when, type Code, type Local } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";
import { storeColumns, zeroFloats } from "./floats.ts";
import type { Buffer, Kernel } from "./kernel.ts";

/** y = the largest of each window, NaN if it has one. */
export function maxPool(shape: PoolShape, x: Buffer, y: Buffer): Kernel {
  return eachWindow({ name: "maxPool2d", shape, reads: [x], result: y }, (f, walk, inPooled, lanes) => {
    const best = f.locals("v128", vectorsFor(lanes));
    const given = f.local("v128");
    // NOTE: fewer instructions than V8 makes of `f32x4.max`.
    const isBetter = (local: Local): Code => v128.or(f32x4.gt(given, local), f32x4.ne(given, given));
    return seq(
      ...best.map((local) => set(local, f32x4.const(-Infinity))),
      walk((at, offset) =>
        seq(
          ...best.flatMap((local, v) => [
            set(given, v128.load(at, x.address + offset + v * 16)),
            set(local, v128.bitSelect(given, local, isBetter(local))),
          ]),
        ),
      ),
      ...best.map((local, v) => storeColumns(inPooled, local, y.address + v * 16, lanes - v * 4, f)),
    );
  });
}

/** The gradient g of pooled maps y, the maps x that were pooled, and their gradient dx. */
type PoolGradient = Readonly<Record<"g" | "x" | "y" | "dx", Buffer>>;

/** dx = g at each window's first largest element; `rectified`: only where y is above 0, the gradient of a ReLU before. */
export function maxPoolGrad(shape: PoolShape, { g, x, y, dx }: PoolGradient, rectified: boolean): Kernel {
  const name = rectified ? "maxPool2dGrad reluGrad" : "maxPool2dGrad";
  return eachWindow({ name, shape, reads: [g, x, y], result: dx, isGradient: true }, (f, walk, inPooled, lanes) => {
    const vectors = [...Array(vectorsFor(lanes)).keys()];
    const one = vectors.map(() => {
      const [open, best, gradient, hit, given, winner] = f.locals("v128", 6);
      return { open, best, gradient, hit, given, winner };
    });
    return seq(
      ...one.flatMap(({ best, gradient, open }, v) => {
        const value = v128.load(inPooled, g.address + v * 16);
        return [
          set(best, v128.load(inPooled, y.address + v * 16)),
          set(gradient, rectified ? v128.andNot(value, f32x4.le(best, f32x4.const(0))) : value),
          set(open, f32x4.eq(f32x4.const(0), f32x4.const(0))),
        ];
      }),
      // The first of equal ones; of NaN, as in PyTorch, the last.
      walk((at, offset, number) =>
        seq(
          ...one.flatMap(({ open, best, hit, given, winner }, v) => {
            const isBest = v128.and(open, f32x4.eq(given, best));
            const isNaN = f32x4.ne(given, given);
            return [
              set(given, v128.load(at, x.address + offset + v * 16)),
              set(hit, v128.or(isBest, isNaN)),
              set(open, v128.andNot(open, hit)),
              set(winner, v128.bitSelect(f32x4.const(number), winner, hit)),
            ];
          }),
        ),
      ),
      walk((at, offset, number) => {
        const shares = one.map(({ gradient, winner }) => v128.and(gradient, f32x4.eq(winner, f32x4.const(number))));
        return addTo(f, shape, { at, offset: dx.address + offset, lanes }, shares);
      }),
    );
  });
}

/** y = the mean of each window, the padded counted as zeros. */
export function avgPool(shape: PoolShape, x: Buffer, y: Buffer): Kernel {
  const share = 1 / (shape.kernel[0] * shape.kernel[1]);
  return eachWindow({ name: "avgPool2d", shape, reads: [x], result: y }, (f, walk, inPooled, lanes) => {
    const total = f.locals("v128", vectorsFor(lanes));
    return seq(
      ...total.map((local) => set(local, f32x4.const(0))),
      walk((at, offset) =>
        seq(...total.map((local, v) => set(local, f32x4.add(local, v128.load(at, x.address + offset + v * 16))))),
      ),
      ...total.map((local, v) =>
        storeColumns(inPooled, f32x4.mul(local, f32x4.const(share)), y.address + v * 16, lanes - v * 4, f),
      ),
    );
  });
}

/** dx = each window's gradient in equal shares. */
export function avgPoolGrad(shape: PoolShape, g: Buffer, dx: Buffer): Kernel {
  const share = 1 / (shape.kernel[0] * shape.kernel[1]);
  return eachWindow(
    { name: "avgPool2dGrad", shape, reads: [g], result: dx, isGradient: true },
    (f, walk, inPooled, lanes) => {
      const gradient = f.locals("v128", vectorsFor(lanes));
      return seq(
        ...gradient.map((local, v) =>
          set(local, f32x4.mul(v128.load(inPooled, g.address + v * 16), f32x4.const(share))),
        ),
        walk((at, offset) => addTo(f, shape, { at, offset: dx.address + offset, lanes }, gradient)),
      );
    },
  );
}

/** Channels that are handled side by side: two vectors, which V8 pairs. */
const sideBySide = 8;

function vectorsFor(lanes: number): number {
  return Math.ceil(lanes / 4);
}

/** Windows that share no pixel and leave none out: then gradients are stored, not added to zeros. */
function tiles({ kernel, stride, padding, input, output }: PoolShape): boolean {
  return [0, 1].every((axis) => {
    const i = axis as 0 | 1;
    return kernel[i] === stride[i] && padding[i] === 0 && output[i] * stride[i] === input[i];
  });
}

function addTo(
  f: FunctionBuilder,
  shape: PoolShape,
  { at, offset, lanes }: { readonly at: Local; readonly offset: number; readonly lanes: number },
  values: readonly Code[],
): Code {
  const sums = f.locals("v128", values.length);
  const before = (v: number): Code => v128.load(at, offset + v * 16);
  // NOTE: all loads before the first store: V8 pairs no two loads across a store.
  return seq(
    ...values.map((value, v) => set(elementAt(sums, v), tiles(shape) ? value : f32x4.add(before(v), value))),
    ...sums.map((sum, v) => storeColumns(at, sum, offset + v * 16, lanes - v * 4, f)),
  );
}

/** What is done for eight (or the last few) channels of one window. */
type WindowBody = (
  f: FunctionBuilder,
  /** Code for each pixel of the window that lies inside the image: its place is `offset` bytes behind `at` in the image's buffers, its number counts from the window's first. */
  walk: (pixel: (at: Local, offset: number, number: number) => Code) => Code,
  /** The window's place in the pooled buffers. */
  inPooled: Local,
  lanes: number,
) => Code;

/** A pooling operation; a gradient is added to zeros. */
interface Pooling {
  readonly name: string;
  readonly shape: PoolShape;
  readonly reads: readonly Buffer[];
  readonly result: Buffer;
  readonly isGradient?: boolean;
}

/** A kernel with a task for each image, which visits its windows row by row, and in each eight channels at a time. */
function eachWindow({ name, shape, reads, result, isGradient = false }: Pooling, body: WindowBody): Kernel {
  const { images, channels, input, output, kernel, stride, padding } = shape;
  const pixel = channels * 4;
  const imageBytes = input[0] * input[1] * pixel;
  return {
    label: `${name} ${images}×${channels}×${input.join("×")}`,
    reads,
    writes: [result],
    tasks: images,
    body: (f, task) => {
      const [y, x, imageAt, column, inImage, inPooled, inside] = f.locals("i32", 7);
      const top = i32.sub(i32.mul(y, stride[0]), padding[0]);
      const left = i32.sub(i32.mul(x, stride[1]), padding[1]);
      const offsets = Array.from(
        { length: kernel[0] * kernel[1] },
        (_, i) => [Math.floor(i / kernel[1]), i % kernel[1]] as const,
      );
      const walk = (one: (at: Local, offset: number, number: number) => Code): Code =>
        seq(
          ...offsets.map(([u, v], i) => {
            const offset = (u * input[1] + v) * pixel;
            if (padding[0] === 0 && padding[1] === 0) return one(inImage, offset, i);
            // NOTE: the window may begin before the buffer; only the sum is a valid address.
            return when(
              i32.and(i32.ltUnsigned(i32.add(top, u), input[0]), i32.ltUnsigned(i32.add(left, v), input[1])),
              [set(inside, i32.add(inImage, offset)), one(inside, 0, i)],
            );
          }),
        );
      const step = seq(advance(inImage, sideBySide * 4), advance(inPooled, sideBySide * 4));
      const rest = channels % sideBySide;
      const oneWindow = seq(
        set(inImage, address(imageAt, [address([top, input[1]], left), pixel])),
        set(inPooled, i32.mul(address([address([task, output[0]], y), output[1]], x), pixel)),
        repeat(column, Math.floor(channels / sideBySide), [body(f, walk, inPooled, sideBySide), step]),
        rest > 0 ? body(f, walk, inPooled, rest) : [],
      );
      const zero = isGradient && !tiles(shape);
      return seq(
        set(imageAt, i32.mul(task, imageBytes)),
        zero ? seq(set(inImage, i32.add(imageAt, result.address)), zeroFloats(f, inImage, imageBytes / 4)) : [],
        repeat(y, output[0], repeat(x, output[1], oneWindow)),
      );
    },
  };
}
