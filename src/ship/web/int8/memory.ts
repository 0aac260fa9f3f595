/** @file Addresses for maps, whose memory is used again when nobody reads them any more. */
import type { Area } from "./place.ts";
import type { Step } from "./step.ts";

/** A stretch that is free from some step on. */
interface Stretch {
  readonly at: number;
  readonly bytes: number;
  readonly border: string;
}

/**
 * Places every area that steps write, from `start` on, and returns where memory ends. `kept` are placed first and never used again.
 *
 * NOTE: kernels write inside borders alone, so that a border, filled once, stays: such memory is only used by others with the
 * same border.
 */
export function placeAreas(steps: readonly Step[], kept: readonly Area[], start: number): number {
  let end = start;
  const grow = (area: Area): void => {
    area.place(end);
    end += area.bytes;
  };
  for (const area of kept) grow(area);
  const lastRead = new Map(steps.flatMap(({ reads }, at) => reads.map((area) => [area, at] as const)));
  const placed = new Set(kept);
  const free: Stretch[] = [];
  for (const [at, { reads, writes }] of steps.entries()) {
    for (const area of writes) {
      if (placed.has(area)) continue;
      placed.add(area);
      const fitting = free
        .filter(({ bytes, border }) => border === area.border && bytes >= area.bytes)
        .sort((a, b) => a.bytes - b.bytes)[0];
      if (fitting) {
        free.splice(free.indexOf(fitting), 1);
        area.place(fitting.at);
        const rest = fitting.bytes - area.bytes;
        if (rest > 0) free.push({ at: fitting.at + area.bytes, bytes: rest, border: area.border });
      } else grow(area);
    }
    for (const area of new Set([...reads, ...writes])) {
      const isDone = (lastRead.get(area) ?? at) === at;
      if (isDone && !kept.includes(area)) free.push({ at: area.address, bytes: area.bytes, border: area.border });
    }
  }
  return end;
}
