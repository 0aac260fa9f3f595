/**
 * @file Pillow's bilinear resizing as ONNX nodes, for pictures whose size is known only when they come. Weights are computed in whole numbers, from the picture's
 * size, and multiplied as matrices. NOTE: not in float64, which ONNX Runtime's files for pages do not have; and not by its `Resize` with `antialias`, which is up
 * to 16 levels away from Pillow.
 */
import { ELEMENT } from "../../onnx/index.ts";
import type { Emitter } from "./emitter.ts";

/** Which way pixels are added up: `columns` makes pictures narrower or wider. */
export type Direction = "columns" | "rows";

/** Names of what is known of both sides, [height, width] each, in pixels. */
export interface Sides {
  readonly size: number;
  /** Of the picture. */
  readonly from: string;
  /** Of the resized picture. */
  readonly to: string;
  /** Where the middle begins in it. */
  readonly skips: string;
}

/** As `shortSideSize` and `middle` have them. */
export function sidesOf(
  emitter: Emitter,
  pictures: string,
  { size, resize }: { readonly size: number; readonly resize: number },
): Sides {
  const node = (operator: string, name: string, ...inputs: string[]): string => emitter.node(operator, inputs, name);
  const from = emitter.node("Shape", [pictures], "from", { start: { int: 2 }, end: { int: 4 } });
  const [least, most] = [emitter.node("ReduceMin", [from], "least"), emitter.node("ReduceMax", [from], "most")];
  const own = emitter.list([size]);
  const isOwn = node("And", "fits", node("Equal", "fits.least", least, own), node("Equal", "fits.most", most, own));
  const short = node("Where", "short", isOwn, own, emitter.list([resize]));
  const to = node("Div", "to", node("Mul", "scaled", from, short), least);
  // Halves are rounded to even: k for 2k, and of 2k + 1 the even one of k and k + 1.
  const two = emitter.list([2]);
  const odd = (name: string, value: string, half: string): string =>
    node("Sub", name, value, node("Mul", `${name}.even`, half, two));
  const rest = node("Sub", "rest", to, own);
  const half = node("Div", "half", rest, two);
  const up = node("Mul", "up", odd("rest.odd", rest, half), odd("half.odd", half, node("Div", "quarter", half, two)));
  return { size, from, to, skips: node("Add", "skips", half, up) };
}

/** Matrices that add up to the weights. The first holds their upper 11 bits, the second the lower ones: so float32 adds products with bytes without rounding. */
export interface Weights {
  readonly upper: string;
  readonly lower: string;
}

/**
 * The weights of one direction, [places, side], or turned for columns. A pixel at j + 1/2 is |(2j + 1) to - (2 place + 1) from| / (2 to) from a place's centre and
 * counts max(0, 2 max(from, to) - |...|); each row is divided by its sum, in steps of 2⁻²².
 */
export function weightsOf(emitter: Emitter, direction: Direction, sides: Sides): Weights {
  const named = (name: string): string => `${direction}.${name}`;
  const node = (operator: string, name: string, ...inputs: string[]): string =>
    emitter.node(operator, inputs, named(name));
  const whole = (name: string, ...values: readonly number[]): string =>
    emitter.constant(named(name), [values.length, 1], BigInt64Array.from(values, BigInt));
  const place = emitter.list([direction === "rows" ? 0 : 1]);
  const [from, to, skip] = [sides.from, sides.to, sides.skips].map((values) =>
    node("Gather", "one", values, place),
  ) as [string, string, string];
  const two = emitter.list([2]);
  const steps = whole("places", ...Array.from({ length: sides.size }, (_, i) => 2 * i + 1));
  const centres = node("Mul", "centres", node("Add", "skipped", steps, node("Mul", "skip.twice", skip, two)), from);
  const scalar = (value: bigint): string => emitter.constant(named("number"), [], BigInt64Array.of(value));
  const side = node("Squeeze", "side", from);
  const pixels = node("Range", "pixels", scalar(1n), node("Mul", "side.twice", side, scalar(2n)), scalar(2n));
  const far = node("Abs", "far", node("Sub", "distances", node("Mul", "pixels.scaled", pixels, to), centres));
  const reach = node("Mul", "reach", node("Max", "stretch", from, to), two);
  const counts = node("Max", "counts", node("Sub", "near", reach, far), emitter.list([0]));
  const sums = emitter.node("ReduceSum", [counts, emitter.list([1])], named("sums"), { keepdims: { int: 1 } });
  // count / sum in steps of 2⁻²², halves up.
  const doubled = node("Mul", "sums.twice", sums, two);
  const raised = node("Add", "raised", node("Mul", "counts.scaled", counts, emitter.list([2 ** 23])), sums);
  const all = node("Div", "all", raised, doubled);
  const high = node("Div", "upper.whole", all, emitter.list([2 ** 11]));
  const low = node("Sub", "lower.whole", all, node("Mul", "upper.raised", high, emitter.list([2 ** 11])));
  const matrix = (name: string, value: string, step: number): string => {
    const floats = emitter.node("Cast", [value], named(`${name}.float`), { to: { int: ELEMENT.float } });
    const scaled = node("Mul", name, floats, emitter.number(step));
    return direction === "rows" ? scaled : emitter.node("Transpose", [scaled], named(name), { perm: { ints: [1, 0] } });
  };
  return { upper: matrix("upper", high, 2 ** -11), lower: matrix("lower", low, 2 ** -22) };
}

/** The pictures resampled in one direction, and rounded to bytes, halves up. */
export function resampled(emitter: Emitter, direction: Direction, pictures: string, { upper, lower }: Weights): string {
  const node = (operator: string, name: string, ...inputs: string[]): string =>
    emitter.node(operator, inputs, `${direction}.${name}`);
  const sum = (weights: string): string =>
    node("MatMul", "sum", ...(direction === "rows" ? [weights, pictures] : [pictures, weights]));
  const raised = node("Add", "half", sum(upper), emitter.number(0.5));
  const floor = node("Floor", "floor", raised);
  const fraction = node("Add", "fraction", node("Sub", "rest", raised, floor), sum(lower));
  return node("Add", "bytes", floor, node("Floor", "carry", fraction));
}
