import { expect, test } from "vitest";
import { stages } from "./schedule.ts";
import type { Span, Step } from "./step.ts";

const span = (label: string, elements: number): Span => ({ label, bytes: Math.ceil(elements / 16) * 64 });

function step(reads: readonly Span[], writes: readonly Span[]): Step {
  return { label: "", reads, writes };
}

test("steps share a stage until one depends on another, whichever way", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((label) => span(label, 16)) as [Span, Span, Span, Span];
  const [first, beside, reader] = [step([a], [b]), step([a], [c]), step([b, c], [d])];
  expect(stages([first, beside, reader])).toEqual([[first, beside], [reader]]);
  const [overwriter, rewriter] = [step([d], [a]), step([d], [b])];
  expect(stages([first, overwriter])).toEqual([[first], [overwriter]]);
  expect(stages([first, rewriter])).toEqual([[first], [rewriter]]);
});
