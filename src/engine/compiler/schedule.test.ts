import { expect, test } from "vitest";
import { levels, type Dispatch, type Span } from "./schedule.ts";

const span = (label: string, elements: number): Span => ({ label, bytes: Math.ceil(elements / 16) * 64 });

function dispatch(reads: readonly Span[], writes: readonly Span[]): Dispatch {
  return { label: "", reads, writes };
}

test("kernels share a level until one depends on another, whichever way", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((label) => span(label, 16)) as [Span, Span, Span, Span];
  const [first, beside, reader] = [dispatch([a], [b]), dispatch([a], [c]), dispatch([b, c], [d])];
  expect(levels([first, beside, reader])).toEqual([[first, beside], [reader]]);
  const [overwriter, rewriter] = [dispatch([d], [a]), dispatch([d], [b])];
  expect(levels([first, overwriter])).toEqual([[first], [overwriter]]);
  expect(levels([first, rewriter])).toEqual([[first], [rewriter]]);
});
