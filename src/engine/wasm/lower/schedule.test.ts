import { expect, test } from "vitest";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { planMemory, stages } from "./schedule.ts";

function kernel(reads: readonly Buffer[], writes: readonly Buffer[]): Kernel {
  return { label: "", reads, writes, tasks: 1, scratch: 0, body: () => [] };
}

test("kernels share a stage until one depends on another, whichever way", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((label) => new Buffer(label, 16)) as [Buffer, Buffer, Buffer, Buffer];
  const [first, beside, reader] = [kernel([a], [b]), kernel([a], [c]), kernel([b, c], [d])];
  expect(stages([first, beside, reader])).toEqual([[first, beside], [reader]]);
  const [overwriter, rewriter] = [kernel([d], [a]), kernel([d], [b])];
  expect(stages([first, overwriter])).toEqual([[first], [overwriter]]);
  expect(stages([first, rewriter])).toEqual([[first], [rewriter]]);
});

test("buffers of one time lie apart, those of different times share, inputs and outputs live throughout", () => {
  const buffers = Array.from({ length: 12 }, (_, i) => new Buffer(`${i}`, 1000 * (1 + (i % 5))));
  const chain = buffers.slice(1).map((buffer, i) => kernel([buffers[i]!], [buffer]));
  const input = new Buffer("input", 777);
  const all = stages([kernel([input], [buffers[0]!]), ...chain]);
  const { offsets, bytes } = planMemory(all, { fixed: new Set(), fromStart: [input], toEnd: [buffers[2]!] });
  const end = (buffer: Buffer): number => offsets.get(buffer)! + buffer.bytes;
  const apart = (x: Buffer, y: Buffer): boolean => end(x) <= offsets.get(y)! || end(y) <= offsets.get(x)!;
  for (const [i, buffer] of buffers.entries()) {
    expect(offsets.get(buffer)! % 64).toBe(0);
    expect(end(buffer)).toBeLessThanOrEqual(bytes);
    if (i > 0) expect(apart(buffers[i - 1]!, buffer)).toBe(true);
    if (i > 2) expect(apart(buffers[2]!, buffer)).toBe(true);
  }
  expect(apart(input, buffers[0]!)).toBe(true);
  expect(bytes).toBeLessThan(buffers.reduce((sum, buffer) => sum + buffer.bytes, 0) / 2);
});
