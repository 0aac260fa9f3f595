/** @file A place for everything that lies in memory only while a program runs. */
import type { Dispatch, Span } from "./dispatch.ts";

/** So many numbers from an address on. */
export interface MemoryRange {
  readonly at: number;
  readonly length: number;
}

interface Lifetime<Memory extends Span> {
  readonly span: Memory;
  first: number;
  last: number;
}

/** Bytes apart from each other that places are multiples of. */
const alignment = 64;

/**
 * Gives each span without a fixed place an offset from `base`, so that spans in use at the same time do not overlap:
 * the largest first, each at the lowest free place. `fromStart` and `toEnd` live from before the first level, and until after the last.
 * Returns the bytes used.
 */
export function planMemory<Memory extends Span>(
  levels: readonly (readonly Dispatch<Memory>[])[],
  {
    fixed,
    fromStart,
    toEnd,
  }: { readonly fixed: ReadonlySet<Memory>; readonly fromStart: readonly Memory[]; readonly toEnd: readonly Memory[] },
): { readonly offsets: ReadonlyMap<Memory, number>; readonly bytes: number } {
  const lifetimes = new Map<Memory, Lifetime<Memory>>();
  const touch = (span: Memory, time: number): void => {
    if (fixed.has(span)) return;
    const known = lifetimes.get(span);
    if (!known) lifetimes.set(span, { span, first: time, last: time });
    else known.last = time;
  };
  for (const span of fromStart) touch(span, 0);
  for (const [time, level] of levels.entries()) {
    for (const { reads, writes } of level) for (const span of [...writes, ...reads]) touch(span, time);
  }
  for (const span of toEnd) touch(span, levels.length);

  const offsets = new Map<Memory, number>();
  /** In the order of their offsets. */
  const placed: { lifetime: Lifetime<Memory>; offset: number }[] = [];
  let bytes = 0;
  for (const lifetime of [...lifetimes.values()].sort((a, b) => b.span.bytes - a.span.bytes)) {
    let offset = 0;
    for (const other of placed) {
      if (offset + lifetime.span.bytes <= other.offset) break;
      if (other.lifetime.first > lifetime.last || lifetime.first > other.lifetime.last) continue;
      offset = Math.max(offset, Math.ceil((other.offset + other.lifetime.span.bytes) / alignment) * alignment);
    }
    offsets.set(lifetime.span, offset);
    const above = placed.findIndex((other) => other.offset > offset);
    placed.splice(above < 0 ? placed.length : above, 0, { lifetime, offset });
    bytes = Math.max(bytes, offset + lifetime.span.bytes);
  }
  return { offsets, bytes };
}
