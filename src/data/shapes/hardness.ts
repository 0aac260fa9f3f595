/** @file How hard the pictures are to tell apart: every range that drawing picks from, in one place. */

/** Picked evenly between the two ends, anew for each picture. Lengths in pixels, brightness from 0 to 1. */
export type Range = readonly [from: number, to: number];

/** Wider ranges of size, clutter and noise, and less contrast, make all networks worse, small ones more so. */
export const hardness = {
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
