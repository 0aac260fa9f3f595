/** @file How hard the pictures are to tell apart: every range that drawing picks from, in one place. */

/** Picked evenly between the two ends, anew for each picture. Lengths in pixels, brightness from 0 to 1. */
export type Range = readonly [from: number, to: number];

/** Wider ranges of contrast, noise and clutter widen the gap between a large network and a small one. */
export const hardness = {
  /** Half the figure's longer side. */
  radius: [6, 12.5],
  /** The shorter side over the longer. */
  squeeze: [0.7, 1],
  /** How far the middle may lie off the picture's edge inwards, in radii. */
  margin: 0.75,
  /** Distance between the figure's colour and the background's. */
  contrast: [0.16, 0.7],
  /** Soft blotches over background and figure: the swing of brightness. */
  mottle: [0, 0.12],
  /** A fine ripple over background and figure: its swing, and its period. */
  ripple: [0, 0.1],
  ripplePeriod: [2.5, 9],
  /** Small pieces behind the figure and over it, and their half size. */
  piecesBehind: [2, 6],
  piecesOver: [0, 2],
  pieceRadius: [1.2, 3.2],
  /** Lines behind and over, their half length and half width. */
  linesBehind: [0, 4],
  linesOver: [0, 2],
  lineLength: [5, 20],
  lineWidth: [0.3, 0.9],
  /** Distance between a piece's or a line's colour and the background's. */
  clutterContrast: [0.15, 0.7],
  /** Deviation of the noise added to every number. */
  noise: [0.01, 0.12],
} as const satisfies Record<string, Range | number>;
