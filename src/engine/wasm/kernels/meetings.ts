/** @file Where the taps of a convolution's window meet its input, along one axis: what is summed for each element of a small map. */
import { elementAt } from "../../../elements.ts";
import type { ConvShape } from "../../compiler/conv-shape.ts";
import { greatestCommonDivisor } from "../../../tensor/shape.ts";
import { address, type Code, type Int, type Local } from "../emit/code.ts";

/** Element `input` is what tap `tap` of the window sees for element `output` of the result. */
export type Meeting = Readonly<Record<"output" | "tap" | "input", number>>;

/** Evenly spaced numbers. */
export interface Line {
  readonly first: number;
  readonly step: number;
}

/** Results that are sums of as many terms, and evenly spaced: for the i-th of them, all places move by i steps. */
export interface Run {
  readonly members: number;
  readonly result: Line;
  /** Of each sum. */
  readonly terms: number;
  /** Where the terms' two factors lie: those of the first term, and from one term to the next. */
  readonly factors: readonly [Factor, Factor];
}

export interface Factor extends Line {
  readonly termStep: number;
}

/** All of them along an axis, in the order of outputs and taps. Those on the padding are left out. */
export function meetings(
  { input, output, kernel, stride, padding, dilation }: ConvShape,
  axis: 0 | 1,
): readonly Meeting[] {
  const all: Meeting[] = [];
  for (let o = 0; o < output[axis]; o++) {
    for (let tap = 0; tap < kernel[axis]; tap++) {
      const at = o * stride[axis] + tap * dilation[axis] - padding[axis];
      if (at >= 0 && at < input[axis]) all.push({ output: o, tap, input: at });
    }
  }
  return all;
}

/** The sums for results 0 to `size` - 1, numbered by `result`, over the products of what lies at the two factors. */
export function runsOf(
  all: readonly Meeting[],
  size: number,
  result: keyof Meeting,
  factors: readonly [keyof Meeting, keyof Meeting],
): readonly Run[] {
  const runs: Run[] = [];
  for (let i = 0; i < size; i++) {
    const own = all.filter((meeting) => meeting[result] === i);
    const [first, second] = own;
    const factorOf = (name: keyof Meeting): Factor => ({
      first: first?.[name] ?? 0,
      step: 0,
      termStep: first && second ? second[name] - first[name] : 0,
    });
    const single: Run = {
      members: 1,
      result: { first: i, step: 0 },
      terms: own.length,
      factors: [factorOf(factors[0]), factorOf(factors[1])],
    };
    const last = runs.findLastIndex(({ terms }) => terms === own.length);
    const longer = last >= 0 ? extended(elementAt(runs, last), single) : undefined;
    if (longer) runs[last] = longer;
    else runs.push(single);
  }
  return runs;
}

/** The run with one more member, if that continues it. */
function extended(run: Run, { result, factors }: Run): Run | undefined {
  const places = [run.result, ...run.factors];
  const steps = [result, ...factors].map(({ first }, i) => {
    const { first: start, step } = elementAt(places, i);
    const found = (first - start) / run.members;
    return run.members === 1 || found === step ? found : undefined;
  });
  const [resultStep, a, b] = steps;
  if (resultStep === undefined || a === undefined || b === undefined) return undefined;
  return {
    ...run,
    members: run.members + 1,
    result: { ...run.result, step: resultStep },
    factors: [
      { ...run.factors[0], step: a },
      { ...run.factors[1], step: b },
    ],
  };
}

/** The same of both axes. */
export function bothAxes<Item>(of: (axis: 0 | 1) => Item): readonly [Item, Item] {
  return [of(0), of(1)];
}

/** So many evenly spaced numbers. */
export interface Lattice extends Line {
  readonly count: number;
}

/** The fewest that have all of these among them. */
export function latticeOf(numbers: readonly number[]): Lattice {
  if (numbers.length === 0) return { first: 0, step: 1, count: 0 };
  const first = Math.min(...numbers);
  const step = numbers.reduce((common, number) => greatestCommonDivisor(common, number - first), 0) || 1;
  return { first, step, count: (Math.max(...numbers) - first) / step + 1 };
}

/**
 * Address of a pixel: `start` and the bytes to the pixel in this row and column of two lines, of a map whose rows and columns lie so many bytes
 * apart.
 */
export function pixelAddress(
  start: Int,
  [down, across]: readonly [Line, Line],
  [rowBytes, columnBytes]: readonly [number, number],
  [row, column]: readonly [Local, Local],
): Code {
  return address(
    start,
    down.first * rowBytes + across.first * columnBytes,
    [row, down.step * rowBytes],
    [column, across.step * columnBytes],
  );
}
