import { expect, test } from "vitest";
import { torchRandom } from "../../random/index.ts";
import type { Dispatch, Span } from "./dispatch.ts";
import { levels } from "./schedule.ts";

const span = (label: string, elements: number): Span => ({ label, bytes: Math.ceil(elements / 16) * 64 });
const none: ReadonlySet<Span> = new Set();

function dispatch(reads: readonly Span[], writes: readonly Span[]): Dispatch {
  return { label: "", reads, writes };
}

test("kernels share a level until one depends on another, whichever way", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((label) => span(label, 16)) as [Span, Span, Span, Span];
  const [first, beside, reader] = [dispatch([a], [b]), dispatch([a], [c]), dispatch([b, c], [d])];
  expect(levels([first, beside, reader], none)).toEqual([[first, beside], [reader]]);
  const [overwriter, rewriter] = [dispatch([d], [a]), dispatch([d], [b])];
  expect(levels([first, overwriter], none)).toEqual([[first], [overwriter]]);
  expect(levels([first, rewriter], none)).toEqual([[first], [rewriter]]);
});

test("a gradient is used as soon as it can be, a weight packed as late as it may, whatever lies between", () => {
  const [weight, packed, x, y, g, gx, gw] = ["weight", "packed", "x", "y", "g", "gx", "gw"].map((label) =>
    span(label, label.startsWith("g") || label.length === 1 ? 1600 : 160),
  ) as [Span, Span, Span, Span, Span, Span, Span];
  const pack = dispatch([weight], [packed]);
  const activate = dispatch([x], [y]);
  const gradient = dispatch([y], [g]);
  const product = dispatch([g, packed], [gx]);
  const sum = dispatch([g], [gw]);
  const update = dispatch([gw], [weight]);
  const more = span("more", 1600);
  const further = dispatch([gx], [more]);
  const large = dispatch([more], [span("large", 16_000)]);
  const all = [pack, activate, gradient, product, further, large, sum, update];
  expect(levels(all, new Set([weight, x]))).toEqual([
    [activate],
    [pack, gradient],
    [product, sum],
    [further, update],
    [large],
  ]);
});

test("what finds no room waits until there is some", () => {
  const [x, y, z, small] = [span("x", 1600), span("y", 3200), span("z", 1600), span("small", 16)] as const;
  const [first, second] = [dispatch([x], [y]), dispatch([y], [z])];
  const beside = dispatch([x], [small]);
  expect(levels([first, second, beside], none)).toEqual([[first, beside], [second]]);
  const large = dispatch([x], [span("large", 16_000)]);
  const largest = dispatch([z], [span("largest", 16_000)]);
  expect(levels([first, second, large, largest], none)).toEqual([[first], [second], [large], [largest]]);
});

test("random dispatches: none comes before what it waits for, none is lost, and no level is without need, nor holds more than one after the other", () => {
  const random = torchRandom(7);
  const below = (limit: number): number => random.randint(1, 0, limit)[0]!;
  for (let round = 0; round < 200; round++) {
    const spans = Array.from({ length: 3 + below(8) }, (_, i) => span(`${i}`, 16 * (1 + below(50))));
    const some = (): Span[] => Array.from({ length: 1 + below(3) }, () => spans[below(spans.length)]!);
    const all = Array.from({ length: 1 + below(20) }, () => dispatch(some(), some()));
    const fixed = new Set(spans.slice(below(spans.length)));
    const found = levels(all, fixed);
    const levelOf = new Map(found.flatMap((level, i) => level.map((one) => [one, i])));
    expect([...levelOf.keys()].toSorted((a, b) => all.indexOf(a) - all.indexOf(b))).toEqual(all);
    const chain = new Map<Dispatch, number>();
    for (const [i, later] of all.entries()) {
      const waitsFor = all.slice(0, i).filter((earlier) => !areIndependent(earlier, later));
      for (const earlier of waitsFor) expect(levelOf.get(earlier)).toBeLessThan(levelOf.get(later)!);
      chain.set(later, 1 + Math.max(0, ...waitsFor.map((earlier) => chain.get(earlier)!)));
    }
    expect(levels(all, new Set(spans))).toHaveLength(Math.max(...chain.values()));
    const most = Math.max(...heldBy(all.map((one) => [one])));
    for (const [i, bytes] of heldBy(found).entries()) if (found[i]!.length > 1) expect(bytes).toBeLessThanOrEqual(most);

    /** Bytes in each level of spans that it, or one before and one after it, touches. */
    function heldBy(schedule: readonly (readonly Dispatch[])[]): number[] {
      const touches = (span: Span): number[] =>
        schedule.flatMap((level, i) => (level.some((one) => [...one.reads, ...one.writes].includes(span)) ? [i] : []));
      const lives = spans.filter((span) => !fixed.has(span)).map((span) => ({ span, at: touches(span) }));
      return schedule.map((_, i) =>
        lives
          .filter(({ at }) => at.length > 0 && at[0]! <= i && i <= at.at(-1)!)
          .reduce((sum, { span }) => sum + span.bytes, 0),
      );
    }
  }
});

function areIndependent(a: Dispatch, b: Dispatch): boolean {
  const touches = (list: readonly Span[], others: readonly Span[]): boolean => list.some((x) => others.includes(x));
  return !touches(a.writes, b.reads) && !touches(a.writes, b.writes) && !touches(a.reads, b.writes);
}
