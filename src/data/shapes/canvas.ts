/** @file A small picture to paint on: figures placed, turned, squeezed, anti-aliased, filled with an uneven surface. */
import { direction, type Direction, type Figure, type Point } from "./figures.ts";
import type { Stream } from "../stream.ts";

/** Pixels along each side. */
export const side = 32;

/** Red, green and blue, 0 to 1. */
export type Colour = readonly [number, number, number];

/** Brightness of three planes, side x side each, row by row: CHW. */
export type Canvas = Float64Array<ArrayBuffer>;

/** Where a figure's unit circle goes: its middle, its radii along its own axes, in pixels, and its turn. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly radiusX: number;
  readonly radiusY: number;
  readonly turn: Direction;
}

/** What a figure is filled with: one colour, brightened and darkened by soft blotches and a fine ripple. */
export interface Surface {
  readonly colour: Colour;
  readonly relief?: Relief;
}

/** Brightness added to a colour, by place. */
export interface Relief {
  /** At 5 x 5 points that span the picture, smooth in between. */
  readonly mottle: Float64Array;
  readonly ripple: number;
  /** Ripples a pixel along x and y. */
  readonly wave: Direction;
}

/** Blotches and a ripple of the given swings, the ripple's period in pixels. */
export function relief(random: Stream, mottle: number, ripple: number, period: number): Relief {
  const { x, y } = direction(random.between(0, 1));
  const points = new Float64Array(25);
  for (let i = 0; i < points.length; i++) points[i] = random.between(-mottle, mottle);
  return { mottle: points, ripple, wave: { x: x / period, y: y / period } };
}

/** Fills the whole picture. */
export function fill(canvas: Canvas, { colour: [red, green, blue], relief }: Surface): void {
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i++) {
      const light = relief ? height(relief, x, y) : 0;
      canvas[i] = red + light;
      canvas[i + side * side] = green + light;
      canvas[i + 2 * side * side] = blue + light;
    }
  }
}

/** Distances of a pixel's samples from its middle, in pixels. */
const offsets = [-1 / 3, 0, 1 / 3];

/** Paints a figure; a pixel takes as much of it as of its 3 x 3 samples lie inside. */
export function paint(canvas: Canvas, inside: Figure, at: Placement, ink: Surface): void {
  const { x: cosine, y: sine } = at.turn;
  // One pixel to the right, or down, in the figure's own coordinates.
  const uRight = cosine / at.radiusX;
  const uDown = sine / at.radiusX;
  const vRight = -sine / at.radiusY;
  const vDown = cosine / at.radiusY;
  // Beyond these, no sample of a pixel lies inside.
  const uReach = 1 + (Math.abs(uRight) + Math.abs(uDown)) / 2;
  const vReach = 1 + (Math.abs(vRight) + Math.abs(vDown)) / 2;
  const reachX = Math.abs(cosine) * at.radiusX + Math.abs(sine) * at.radiusY + 1;
  const point: Point = { x: 0.5, y: 0.5 };
  const reachY = Math.abs(sine) * at.radiusX + Math.abs(cosine) * at.radiusY + 1;
  for (let y = Math.max(0, Math.floor(at.y - reachY)); y < Math.min(side, at.y + reachY); y++) {
    for (let x = Math.max(0, Math.floor(at.x - reachX)); x < Math.min(side, at.x + reachX); x++) {
      const dx = x + 0.5 - at.x;
      const dy = y + 0.5 - at.y;
      const u = dx * uRight + dy * uDown;
      const v = dx * vRight + dy * vDown;
      if (Math.abs(u) > uReach || Math.abs(v) > vReach) continue;
      let hits = 0;
      for (const down of offsets) {
        for (const right of offsets) {
          point.x = u + right * uRight + down * uDown;
          point.y = v + right * vRight + down * vDown;
          if (inside(point)) hits++;
        }
      }
      if (hits > 0) blend(canvas, x, y, ink, hits / 9);
    }
  }
}

function blend(canvas: Canvas, x: number, y: number, { colour, relief }: Surface, share: number): void {
  const light = relief ? height(relief, x, y) : 0;
  for (let channel = 0; channel < 3; channel++) {
    const i = (channel * side + y) * side + x;
    canvas[i] = canvas[i]! + share * (colour[channel]! + light - canvas[i]!);
  }
}

function height({ mottle, ripple, wave }: Relief, x: number, y: number): number {
  return blotches(mottle, x, y) + ripple * zigzag(x * wave.x + y * wave.y);
}

/** 5 x 5 values spread over the picture, bilinear in between. */
function blotches(values: Float64Array, x: number, y: number): number {
  const column = x >> 3;
  const row = y >> 3;
  const fx = (x & 7) / 8;
  const fy = (y & 7) / 8;
  const i = 5 * row + column;
  const above = values[i]! + fx * (values[i + 1]! - values[i]!);
  const below = values[i + 5]! + fx * (values[i + 6]! - values[i + 5]!);
  return above + fy * (below - above);
}

/** A wave of period 1 from -1 to 1 in straight lines. */
function zigzag(t: number): number {
  return 4 * Math.abs(t - Math.floor(t) - 0.5) - 1;
}
