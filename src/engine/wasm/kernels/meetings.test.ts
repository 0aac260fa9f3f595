import { expect, test } from "vitest";
import { latticeOf, meetings, runsOf, type Factor, type Run } from "./meetings.ts";
import type { ConvShape } from "../../compiler/conv-shape.ts";

/** A convolution along one axis. */
function along(
  input: number,
  kernel: number,
  [stride, padding, dilation]: readonly [number, number, number],
): ConvShape {
  const output = Math.floor((input + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  const both = (size: number) => [size, size] as const;
  return {
    images: 1,
    channels: 1,
    outputs: 1,
    groups: 1,
    input: both(input),
    output: both(output),
    kernel: both(kernel),
    stride: both(stride),
    padding: both(padding),
    dilation: both(dilation),
  };
}

/** What runs say is summed: for each result, its terms. */
function sums(runs: readonly Run[]): Map<number, [number, number][]> {
  const found = new Map<number, [number, number][]>();
  for (const { members, result, terms, factors } of runs) {
    for (let member = 0; member < members; member++) {
      const at = (factor: Factor, term: number): number => factor.first + member * factor.step + term * factor.termStep;
      const own = Array.from({ length: terms }, (_, t): [number, number] => [at(factors[0], t), at(factors[1], t)]);
      const index = result.first + member * result.step;
      expect(found.has(index)).toBe(false);
      found.set(index, own);
    }
  }
  return found;
}

test("runs hold each result once, with all of its terms in order", () => {
  for (const input of [1, 2, 3, 4, 7]) {
    for (const kernel of [1, 2, 3, 5]) {
      for (const stride of [1, 2, 3]) {
        for (const padding of [0, 1, 3]) {
          for (const dilation of [1, 2]) {
            const shape = along(input, kernel, [stride, padding, dilation]);
            if (shape.output[0] < 1) continue;
            const all = meetings(shape, 0);
            for (const [result, a, b, size] of [
              ["output", "input", "tap", shape.output[0]],
              ["input", "output", "tap", input],
              ["tap", "output", "input", kernel],
            ] as const) {
              const expected = Array.from({ length: size }, (_, i): [number, [number, number][]] => [
                i,
                all
                  .filter((meeting) => meeting[result] === i)
                  .map((meeting): [number, number] => [meeting[a], meeting[b]]),
              ]);
              const found = sums(runsOf(all, size, result, [a, b]));
              expect([...found].toSorted(([i], [j]) => i - j)).toEqual(expected);
            }
          }
        }
      }
    }
  }
});

test("a window of 3 over 2 elements with padding is one run, over 4 it is two: at the borders and between", () => {
  const runs = (input: number): readonly Run[] => {
    const shape = along(input, 3, [1, 1, 1]);
    return runsOf(meetings(shape, 0), input, "output", ["input", "tap"]);
  };
  expect(runs(2).map(({ members, terms }) => [members, terms])).toEqual([[2, 2]]);
  expect(runs(4).map(({ members, terms }) => [members, terms])).toEqual([
    [2, 2],
    [2, 3],
  ]);
});

test("a lattice is the sparsest that holds the numbers", () => {
  expect(latticeOf([0, 2, 6])).toEqual({ first: 0, step: 2, count: 4 });
  expect(latticeOf([3, 1, 2])).toEqual({ first: 1, step: 1, count: 3 });
  expect(latticeOf([5, 5])).toEqual({ first: 5, step: 1, count: 1 });
  expect(latticeOf([])).toEqual({ first: 0, step: 1, count: 0 });
});
