/**
 * @file Memory for what lies in memory only while a program runs. Buffers whose times do not meet share a slot, and each slot is a
 * GPUBuffer of its own, since a dispatch may not read one and write it, not even in different places.
 */
import type { Buffer, Kernel } from "./kernels/kernel.ts";

/** What shares a piece of memory. */
export interface Slot {
  readonly bytes: number;
  readonly buffers: readonly Buffer[];
}

interface Lifetime {
  readonly first: number;
  last: number;
}

/** Slots for all that is not `fixed`, the largest first. `fromStart` lives from before the first kernel, `toEnd` until after the last. */
export function planSlots(
  kernels: readonly Kernel[],
  {
    fixed,
    fromStart,
    toEnd,
  }: { readonly fixed: ReadonlySet<Buffer>; readonly fromStart: Iterable<Buffer>; readonly toEnd: Iterable<Buffer> },
): Slot[] {
  const lifetimes = new Map<Buffer, Lifetime>();
  const touch = (buffer: Buffer, time: number): void => {
    if (fixed.has(buffer)) return;
    const known = lifetimes.get(buffer);
    if (known) known.last = time;
    else lifetimes.set(buffer, { first: time, last: time });
  };
  for (const buffer of fromStart) touch(buffer, -1);
  for (const [time, { reads, writes }] of kernels.entries())
    for (const buffer of [...reads, ...writes]) touch(buffer, time);
  for (const buffer of toEnd) touch(buffer, kernels.length);

  const slots: { readonly bytes: number; readonly buffers: Buffer[]; readonly taken: Lifetime[] }[] = [];
  for (const [buffer, lifetime] of [...lifetimes].sort(([a], [b]) => b.bytes - a.bytes)) {
    const isFree = ({ taken }: { readonly taken: readonly Lifetime[] }): boolean =>
      taken.every(({ first, last }) => last < lifetime.first || lifetime.last < first);
    // Slots come from large to small: the last that is free is the tightest.
    const slot = slots.findLast(isFree);
    if (slot) {
      slot.buffers.push(buffer);
      slot.taken.push(lifetime);
    } else slots.push({ bytes: buffer.bytes, buffers: [buffer], taken: [lifetime] });
  }
  return slots;
}
