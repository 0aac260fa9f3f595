/** @file Where activations lie: channels last, inside a border of zeros where convolutions reach over the edge; memory that nobody reads any more is used again. */
import { elementAt } from "../../elements.ts";
import type { Quantisation } from "./network.ts";

/** A range of memory for one map. */
export class Area {
  readonly label: string;
  readonly bytes: number;
  /** Areas whose borders are the same can have the same memory, one after the other; any two without borders can. */
  readonly border: string;
  /** What the border is filled with, if there is one. */
  readonly filling: number | undefined;
  #address: number | undefined;

  constructor(label: string, bytes: number, border?: { readonly layout: string; readonly filling: number }) {
    this.label = label;
    // NOTE: the last channels are read and written with those that a whole vector has.
    this.bytes = Math.ceil(bytes / 64) * 64 + 64;
    this.border = border ? `${border.layout} of ${border.filling}` : "";
    this.filling = border?.filling;
  }

  get address(): number {
    if (this.#address === undefined) throw new Error(`${this.label} has no address yet`);
    return this.#address;
  }

  place(address: number): void {
    this.#address = address;
  }
}

/** A layer's numbers, or a part of its channels. */
export interface Place {
  readonly area: Area;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** From the area's beginning to the first pixel's first channel, which is not in the border. In bytes, as are the distances. */
  readonly first: number;
  readonly pixel: number;
  readonly row: number;
  readonly quantisation: Quantisation;
}

/** A new map. `room`: how many channels its kernel writes of each pixel. */
export function placeFor(
  label: string,
  {
    shape,
    quantisation,
    border: [above, beside],
    room,
    bytes,
  }: {
    readonly shape: readonly number[];
    readonly quantisation: Quantisation;
    readonly border: readonly [above: number, beside: number];
    readonly room: number;
    readonly bytes: number;
  },
): Place {
  const [channels, height = 1, width = 1] = [elementAt(shape, 0), ...shape.slice(1)];
  const pixel = room * bytes;
  const row = (width + 2 * beside) * pixel;
  const first = above * row + beside * pixel;
  const total = (height + 2 * above) * row;
  const hasBorder = above + beside > 0;
  const layout = `${height}x${width}x${pixel} in ${above}x${beside}`;
  const area = new Area(label, total, hasBorder ? { layout, filling: quantisation.zero } : undefined);
  return { area, channels, height, width, first, pixel, row, quantisation };
}

/** The address of a place's first number. NOTE: known when its area has been given one. */
export function addressOf({ area, first }: Place): number {
  return area.address + first;
}

/** A range that is free from some step on. */
interface FreeRange {
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
export function placeAreas(
  steps: readonly Readonly<Record<"reads" | "writes", readonly Area[]>>[],
  kept: readonly Area[],
  start: number,
): number {
  let end = start;
  const grow = (area: Area): void => {
    area.place(end);
    end += area.bytes;
  };
  for (const area of kept) grow(area);
  const lastRead = new Map(steps.flatMap(({ reads }, at) => reads.map((area) => [area, at] as const)));
  const placed = new Set(kept);
  const free: FreeRange[] = [];
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
