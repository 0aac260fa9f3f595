import { expect, test } from "vitest";
import { planMemory } from "./memory.ts";
import type { Dispatch, Span } from "./dispatch.ts";
import { levels } from "./schedule.ts";

const span = (label: string, elements: number): Span => ({ label, bytes: Math.ceil(elements / 16) * 64 });

function dispatch(reads: readonly Span[], writes: readonly Span[]): Dispatch {
  return { label: "", reads, writes };
}

test("spans of one time lie apart, those of different times share, inputs and outputs live throughout", () => {
  const buffers = Array.from({ length: 12 }, (_, i) => span(`${i}`, 1000 * (1 + (i % 5))));
  const chain = buffers.slice(1).map((buffer, i) => dispatch([buffers[i]!], [buffer]));
  const input = span("input", 777);
  const all = levels([dispatch([input], [buffers[0]!]), ...chain], new Set<Span>());
  const { offsets, bytes } = planMemory(all, { fixed: new Set(), fromStart: [input], toEnd: [buffers[2]!] });
  const end = (one: Span): number => offsets.get(one)! + one.bytes;
  const apart = (x: Span, y: Span): boolean => end(x) <= offsets.get(y)! || end(y) <= offsets.get(x)!;
  for (const [i, buffer] of buffers.entries()) {
    expect(offsets.get(buffer)! % 64).toBe(0);
    expect(end(buffer)).toBeLessThanOrEqual(bytes);
    if (i > 0) expect(apart(buffers[i - 1]!, buffer)).toBe(true);
    if (i > 2) expect(apart(buffers[2]!, buffer)).toBe(true);
  }
  expect(apart(input, buffers[0]!)).toBe(true);
  expect(bytes).toBeLessThan(buffers.reduce((sum, buffer) => sum + buffer.bytes, 0) / 2);
});
