/** @file One picture: a background, clutter, the figure, more clutter, noise; and how hard it is to tell what it shows. */
import { elementAt } from "../../elements.ts";
import { fill, paint, relief, side, type Canvas, type Colour, type Placement, type Surface } from "./canvas.ts";
import { bar, direction, disc, square, triangle, type Figure } from "./figures.ts";
import type { Stream } from "../stream.ts";

/** Paints a picture of the figure, everything else about it drawn from the stream. */
export function paintPicture(canvas: Canvas, figure: (random: Stream) => Figure, random: Stream): void {
  const ground: Colour = [pick(random, hardness.ground), pick(random, hardness.ground), pick(random, hardness.ground)];
  fill(canvas, uneven(random, ground));
  scatter(canvas, random, ground, hardness.piecesBehind, hardness.lines);
  const colour = contrasting(random, ground, pick(random, hardness.contrast));
  paint(canvas, figure(random), place(random), uneven(random, colour));
  scatter(canvas, random, ground, hardness.piecesOver, [0, 0]);
}

/** Writes a canvas as bytes, noise added, from `pixels[offset]` on. */
export function develop(canvas: Canvas, random: Stream, pixels: Uint8Array, offset: number): void {
  random.blur(canvas, pick(random, hardness.noise));
  for (let i = 0; i < canvas.length; i++) {
    pixels[offset + i] = Math.floor(Math.min(1, Math.max(0, canvas[i]!)) * 255 + 0.5);
  }
}

const pieces: readonly Figure[] = [disc, triangle, square];

/** Small pieces and lines, anywhere. */
function scatter(canvas: Canvas, random: Stream, ground: Colour, pieceCount: Range, lineCount: Range): void {
  const put = (figure: Figure, radiusX: number, radiusY: number): void => {
    const colour = contrasting(random, ground, pick(random, hardness.clutterContrast));
    const at = { x: random.between(0, side), y: random.between(0, side), turn: direction(random.between(0, 1)) };
    paint(canvas, figure, { ...at, radiusX, radiusY }, { colour });
  };
  for (let left = pickWhole(random, pieceCount); left > 0; left--) {
    const radius = pick(random, hardness.pieceRadius);
    put(elementAt(pieces, random.below(pieces.length)), radius, radius);
  }
  for (let left = pickWhole(random, lineCount); left > 0; left--) {
    put(bar, pick(random, hardness.lineLength), pick(random, hardness.lineWidth));
  }
}

function place(random: Stream): Placement {
  const radiusX = pick(random, hardness.radius);
  const margin = hardness.margin * radiusX;
  return {
    x: random.between(margin, side - margin),
    y: random.between(margin, side - margin),
    radiusX,
    radiusY: radiusX * pick(random, hardness.squeeze),
    turn: direction(random.between(0, 1)),
  };
}

function uneven(random: Stream, colour: Colour): Surface {
  const mottle = pick(random, hardness.mottle);
  const ripple = pick(random, hardness.ripple);
  return { colour, relief: relief(random, mottle, ripple, pick(random, hardness.ripplePeriod)) };
}

/** A colour at this distance (root of the mean square over channels) from another, in a random direction that leans to the bright side; cut off at black and white. */
function contrasting(random: Stream, from: Colour, distance: number): Colour {
  const dark = hardness.lean - 1;
  const step = [random.between(dark, 1), random.between(dark, 1), random.between(dark, 1)] as const;
  const length = Math.sqrt((step[0] ** 2 + step[1] ** 2 + step[2] ** 2) / 3) + 1e-6;
  const move = (channel: 0 | 1 | 2): number =>
    Math.min(1, Math.max(0, from[channel] + (step[channel] / length) * distance));
  return [move(0), move(1), move(2)];
}

function pick(random: Stream, [from, to]: Range): number {
  return random.between(from, to);
}

function pickWhole(random: Stream, [from, to]: Range): number {
  return from + random.below(to - from + 1);
}

/** Drawn uniformly between the two ends for each picture. Lengths in pixels, brightness from 0 to 1. */
export type Range = readonly [from: number, to: number];

/** Wider ranges of size, clutter and noise, and less contrast, make all networks worse, small ones more so. */
const hardness = {
  /** Half the figure's longer side. */
  radius: [9.5, 13],
  /** The shorter side over the longer. */
  squeeze: [0.75, 1],
  /** How far inside the picture's edge the figure's middle stays, in radii: below 1 it may be cut off. */
  margin: 0.95,
  /** Each channel of the background. */
  ground: [0.05, 0.55],
  /** 0: a figure is brighter than the background as often as darker. 1: always brighter, in every channel. */
  lean: 0.8,
  /** Distance between the figure's colour and the background's. */
  contrast: [0.35, 0.9],
  /** Soft blotches over background and figure: the swing of brightness. */
  mottle: [0, 0.06],
  /** A fine ripple over background and figure: its swing, and its period. */
  ripple: [0, 0.04],
  ripplePeriod: [2.5, 9],
  /** Small pieces behind the figure and over it, and their half size. */
  piecesBehind: [0, 2],
  piecesOver: [0, 1],
  pieceRadius: [1.2, 3],
  /** Lines behind, their half length and half width. */
  lines: [0, 1],
  lineLength: [5, 20],
  lineWidth: [0.3, 0.9],
  /** Distance between a piece's or a line's colour and the background's. */
  clutterContrast: [0.15, 0.6],
  /** Deviation of the noise added to every number. */
  noise: [0.01, 0.06],
} as const satisfies Record<string, Range | number>;
