/** @file Kernels in stages that threads run without waiting, and a place in memory for everything between. */
import type { Buffer, Kernel } from "../kernels/kernel.ts";

/** Kernels that do not depend on each other. */
export type Stage = readonly Kernel[];

/** Puts each kernel in the stage before if it neither reads what that stage writes nor touches what it reads. Order is kept. */
export function stages(kernels: readonly Kernel[]): Stage[] {
  const result: Kernel[][] = [];
  for (const kernel of kernels) {
    const stage = result.at(-1);
    if (stage && stage.every((earlier) => areIndependent(earlier, kernel))) stage.push(kernel);
    else result.push([kernel]);
  }
  return result;
}

function areIndependent(a: Kernel, b: Kernel): boolean {
  const touches = (list: readonly Buffer[], others: readonly Buffer[]): boolean => list.some((x) => others.includes(x));
  return !touches(a.writes, b.reads) && !touches(a.writes, b.writes) && !touches(a.reads, b.writes);
}

interface Lifetime {
  readonly buffer: Buffer;
  first: number;
  last: number;
}

/** Bytes apart from each other that places are multiples of. */
const alignment = 64;

/**
 * Gives each buffer without a fixed place an offset from `base`, so that buffers alive at the same time do not overlap:
 * the largest first, each at the lowest free place. `fromStart` and `toEnd` live from before the first stage, and until after the last.
 * Returns the bytes used.
 */
export function planMemory(
  all: readonly Stage[],
  {
    fixed,
    fromStart,
    toEnd,
  }: { readonly fixed: ReadonlySet<Buffer>; readonly fromStart: readonly Buffer[]; readonly toEnd: readonly Buffer[] },
): { readonly offsets: ReadonlyMap<Buffer, number>; readonly bytes: number } {
  const lifetimes = new Map<Buffer, Lifetime>();
  const touch = (buffer: Buffer, time: number): void => {
    if (fixed.has(buffer)) return;
    const known = lifetimes.get(buffer);
    if (!known) lifetimes.set(buffer, { buffer, first: time, last: time });
    else known.last = time;
  };
  for (const buffer of fromStart) touch(buffer, 0);
  for (const [time, stage] of all.entries()) {
    for (const kernel of stage) for (const buffer of [...kernel.writes, ...kernel.reads]) touch(buffer, time);
  }
  for (const buffer of toEnd) touch(buffer, all.length);

  const offsets = new Map<Buffer, number>();
  const placed: { lifetime: Lifetime; offset: number }[] = [];
  let bytes = 0;
  for (const lifetime of [...lifetimes.values()].sort((a, b) => b.buffer.bytes - a.buffer.bytes)) {
    const neighbours = placed
      .filter((other) => other.lifetime.first <= lifetime.last && lifetime.first <= other.lifetime.last)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const other of neighbours) {
      if (offset + lifetime.buffer.bytes <= other.offset) break;
      offset = Math.max(offset, other.offset + other.lifetime.buffer.bytes);
    }
    offset = Math.ceil(offset / alignment) * alignment;
    offsets.set(lifetime.buffer, offset);
    placed.push({ lifetime, offset });
    bytes = Math.max(bytes, offset + lifetime.buffer.bytes);
  }
  return { offsets, bytes };
}
