/** @file Where a tensor's elements lie in memory: row-major, except that the channels of a 4-axis tensor come last. */
import { elementAt } from "../../elements.ts";
import { asImages, stridesOf, type Shape } from "../../tensor/shape.ts";

/** The logical axes in memory order, outermost first: NHWC for NCHW. */
export function memoryOrder(rank: number): number[] {
  return rank === 4 ? [0, 2, 3, 1] : [...Array(rank).keys()];
}

/** Steps between neighbours along each logical axis, in elements. */
export function strides(shape: Shape): number[] {
  const order = memoryOrder(shape.length);
  const inMemory = stridesOf(order.map((axis) => elementAt(shape, axis)));
  return shape.map((_, axis) => elementAt(inMemory, order.indexOf(axis)));
}

/** Whether a tensor's elements lie in row-major order all the same. */
export function isRowMajor(shape: Shape): boolean {
  return shape.length !== 4 || shape[1] === 1 || elementAt(shape, 2) * elementAt(shape, 3) === 1;
}

/** A 4-axis tensor's values from row-major order to memory's, or back. */
export function rearrange(
  values: Float32Array,
  { shape }: { readonly shape: Shape },
  to: "memory" | "row-major",
): Float32Array {
  const steps = strides(shape);
  const [n, c, h, w] = asImages(shape);
  const result = new Float32Array(values.length);
  let rowMajor = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < c; j++) {
      for (let y = 0; y < h; y++) {
        for (let x = 0; x < w; x++, rowMajor++) {
          const inMemory =
            i * elementAt(steps, 0) + j * elementAt(steps, 1) + y * elementAt(steps, 2) + x * elementAt(steps, 3);
          if (to === "memory") result[inMemory] = elementAt(values, rowMajor);
          else result[rowMajor] = elementAt(values, inMemory);
        }
      }
    }
  }
  return result;
}

/** A nest of loops: the size of each, and how far each of several pointers moves at each turn, in elements. */
export interface Loop {
  readonly size: number;
  readonly steps: readonly number[];
}

/** The same walk of so many pointers in fewer loops: sizes of 1 dropped, neighbours joined where every pointer allows. At least one loop is left. */
export function joinLoops(pointers: number, loops: readonly Loop[]): Loop[] {
  const joined: Loop[] = [];
  for (const loop of loops) {
    if (loop.size === 1) continue;
    const outer = joined.at(-1);
    if (outer && outer.steps.every((step, i) => step === elementAt(loop.steps, i) * loop.size)) {
      joined[joined.length - 1] = { size: outer.size * loop.size, steps: loop.steps };
    } else {
      joined.push(loop);
    }
  }
  return joined.length > 0 ? joined : [{ size: 1, steps: Array<number>(pointers).fill(0) }];
}

/** The loops over a tensor's elements in memory order, with operands stretched to it by broadcasting. */
export function elementLoops(shape: Shape, operands: readonly Shape[], steps = operands.map(strides)): Loop[] {
  return memoryOrder(shape.length).map((axis) => ({
    size: elementAt(shape, axis),
    steps: operands.map((operand, i) => {
      const own = axis - shape.length + operand.length;
      return own < 0 || operand[own] === 1 ? 0 : elementAt(elementAt(steps, i), own);
    }),
  }));
}
