/** @file Drawings of a few strokes, light on dark, at any size: what a person might write, without labels. */
import { Stream } from "../../src/data/stream.ts";

/** A line or a circle, in a square from 0 to 1. */
type Stroke = { readonly from: Point; readonly to: Point } | { readonly centre: Point; readonly radius: number };
type Point = readonly [x: number, y: number];

const { hypot, max, min } = Math;
const cross: readonly Stroke[] = [line(0.1, 0.1, 0.9, 0.9), line(0.1, 0.9, 0.9, 0.1)];

/** Drawings that stand for something, by the teacher's names. */
export const known: Readonly<Record<string, readonly Stroke[]>> = {
  times: cross,
  divides: [line(0.5, 0.05, 0.5, 0.95)],
  without: [line(0.25, 0.1, 0.75, 0.9)],
};

/** The strokes of drawing `i`: one of some kinds, each a little different every time. */
export function drawing(i: number): readonly Stroke[] {
  const random = new Stream(1, 0x7374726f, i);
  const shaky = (): number => (random.below(1000) / 1000 - 0.5) * 0.16;
  const kinds: readonly (readonly Stroke[])[] = [
    ...Object.values(known),
    [line(0.1, 0.5, 0.9, 0.5), line(0.5, 0.1, 0.5, 0.9)],
    [{ centre: [0.5, 0.5], radius: 0.4 }],
    [line(0.8, 0.1, 0.2, 0.5), line(0.2, 0.5, 0.8, 0.9)],
    [line(0.1, 0.35, 0.9, 0.35), line(0.1, 0.65, 0.9, 0.65)],
    [line(0.1, 0.1, 0.9, 0.1), line(0.5, 0.1, 0.5, 0.9)],
    [line(0.5, 0.1, 0.1, 0.9), line(0.5, 0.1, 0.9, 0.9)],
    [line(0.1, 0.3, 0.9, 0.3), line(0.1, 0.5, 0.9, 0.5), line(0.1, 0.7, 0.9, 0.7)],
  ];
  return kinds[random.below(kinds.length)]!.map((stroke) =>
    "radius" in stroke
      ? {
          centre: [stroke.centre[0] + shaky() / 2, stroke.centre[1] + shaky() / 2],
          radius: stroke.radius * (1 + shaky()),
        }
      : {
          from: [stroke.from[0] + shaky(), stroke.from[1] + shaky()],
          to: [stroke.to[0] + shaky(), stroke.to[1] + shaky()],
        },
  );
}

/** [size, size], 255 on strokes a thirtieth wide, their edges smooth. */
export function drawn(strokes: readonly Stroke[], size: number): Uint8Array {
  return Uint8Array.from({ length: size * size }, (_, i) => {
    const point: Point = [((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size];
    const away = min(...strokes.map((stroke) => distance(point, stroke)));
    return 255 * max(0, min(1, (0.017 - away) * size + 0.5));
  });
}

function distance([x, y]: Point, stroke: Stroke): number {
  if ("radius" in stroke) return Math.abs(hypot(x - stroke.centre[0], y - stroke.centre[1]) - stroke.radius);
  const [[ax, ay], [bx, by]] = [stroke.from, stroke.to];
  const along = max(0, min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)));
  return hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
}

function line(ax: number, ay: number, bx: number, by: number): Stroke {
  return { from: [ax, ay], to: [bx, by] };
}
