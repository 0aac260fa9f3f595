/** @file The ten figures: what is inside each, within the unit circle. */
import type { Stream } from "../stream.ts";

/** A place in a figure's own coordinates, x to the right, y down. */
export interface Point {
  x: number;
  y: number;
}

/**
 * Whether a point is inside. Nothing lies beyond -1 to 1 on either axis. NOTE: it takes an object, which whoever asks many
 * times keeps and moves, because two numbers would be put on the heap at each call.
 */
export type Figure = (point: Readonly<Point>) => boolean;

/** How to make a figure of each class; the stream varies its proportions. The keys in their order are the classes. */
export const figures = {
  disc: () => disc,
  ring: (random) => {
    const hole = random.between(0.45, 0.72) ** 2;
    return ({ x, y }) => x * x + y * y <= 1 && x * x + y * y >= hole;
  },
  triangle: () => triangle,
  square: () => square,
  cross: (random) => {
    const arm = random.between(0.2, 0.36);
    return ({ x, y }) => (Math.abs(x) <= arm && Math.abs(y) <= 1) || (Math.abs(y) <= arm && Math.abs(x) <= 1);
  },
  star: () => star,
  stripes: (random) => {
    const bars = 3 + random.below(3);
    const stretch = bars - 0.5; // begins and ends with a bar
    return (point) => square(point) && (((point.y + side) / (2 * side)) * stretch) % 1 <= 0.5;
  },
  checks: (random) => {
    const cells = 3 + random.below(3);
    const cell = (at: number): number => Math.floor(((at + side) / (2 * side)) * cells);
    return (point) => square(point) && (cell(point.x) + cell(point.y)) % 2 === 0;
  },
  dots: (random) => {
    const radius = random.between(0.18, 0.27) ** 2;
    const pitch = 0.72; // three by three, within 1
    const offset = (at: number): number => Math.abs(at) - (Math.abs(at) > pitch / 2 ? pitch : 0);
    return ({ x, y }) => offset(x) ** 2 + offset(y) ** 2 <= radius;
  },
  spiral: (random) => {
    const path = spiralPath(random.between(1.6, 2.3), random.below(2) === 0 ? 1 : -1);
    const spiral = { path, width: random.between(0.09, 0.13) };
    return (point) => onSpiral(spiral, point);
  },
} as const satisfies Record<string, (random: Stream) => Figure>;

const side = 0.84;
/** x0, y0, x1, y1, ... of the directions of a pentagon's sides. */
const pentagon = Float64Array.from(
  [0.25, 0.45, 0.65, 0.85, 0.05].map(direction).flatMap(({ x, y }: Direction) => [x, y]),
);

export function disc({ x, y }: Readonly<Point>): boolean {
  return x * x + y * y <= 1;
}

export function triangle({ x, y }: Readonly<Point>): boolean {
  return y <= 0.5 && y >= 1.7320508075688772 * Math.abs(x) - 1;
}

export function square({ x, y }: Readonly<Point>): boolean {
  return Math.abs(x) <= side && Math.abs(y) <= side;
}

/** A bar from edge to edge: with two unlike radii, a line. */
export function bar({ x, y }: Readonly<Point>): boolean {
  return Math.abs(x) <= 1 && Math.abs(y) <= 1;
}

/** A pentagram is what lies on the inner side of at least four of its five lines, cos 72° from the middle. */
function star({ x, y }: Readonly<Point>): boolean {
  let beyond = 0;
  for (let i = 0; i < 10; i += 2) {
    if (pentagon[i]! * x + pentagon[i + 1]! * y > 0.30901699437494745 && ++beyond > 1) return false;
  }
  return true;
}

/** The spiral's radius at its beginning, what it gains to its end, and its straight pieces a turn. */
const core = 0.08;
const growth = 0.87;
const piecesPerTurn = 12;
/** A piece's middle is nearer to the spiral's than its beginning, by no more than cos(half its angle). */
const sag = 0.96;

/** Points x0, y0, x1, y1, ... of Archimedes' spiral from near the middle to the rim. */
function spiralPath(turns: number, sense: 1 | -1): Float64Array {
  const steps = Math.ceil(turns * piecesPerTurn);
  const path = new Float64Array(2 * (steps + 1));
  for (let step = 0; step <= steps; step++) {
    const { x, y } = direction((sense * turns * step) / steps);
    const radius = core + growth * (step / steps);
    path[2 * step] = radius * x;
    path[2 * step + 1] = radius * y;
  }
  return path;
}

/** Whether a point in the unit circle is within `width` of the spiral; looks only at pieces that may be as near. */
function onSpiral(
  { path, width }: { readonly path: Float64Array; readonly width: number },
  { x, y }: Readonly<Point>,
): boolean {
  const squaredRadius = x * x + y * y;
  if (squaredRadius > 1) return false;
  const radius = Math.sqrt(squaredRadius);
  const squaredDistance = width ** 2;
  const steps = path.length / 2 - 1;
  const piecesPerUnit = steps / growth;
  const first = Math.max(0, Math.floor((radius - width - core) * piecesPerUnit) - 1);
  const last = Math.min(steps - 1, Math.ceil(((radius + width) / sag - core) * piecesPerUnit));
  for (let i = 2 * first; i <= 2 * last; i += 2) {
    const fromX = x - path[i]!;
    const fromY = y - path[i + 1]!;
    const dx = path[i + 2]! - path[i]!;
    const dy = path[i + 3]! - path[i + 1]!;
    const along = fromX * dx + fromY * dy;
    const length = dx * dx + dy * dy; // squared
    // Nearest to the piece's beginning (whose end is the next one's beginning), or to a place along it.
    if (along <= 0 || along >= length) {
      if (fromX * fromX + fromY * fromY <= squaredDistance) return true;
    } else if ((fromX * dy - fromY * dx) ** 2 <= squaredDistance * length) return true;
  }
  return false;
}

/** A unit vector. */
export interface Direction {
  readonly x: number;
  readonly y: number;
}

/**
 * (cos 2πt, sin 2πt) for t turns.
 *
 * NOTE: not `Math.cos` and `Math.sin`: each JavaScript engine may round those its own way. Sums and products are exact
 * IEEE 754 everywhere, so Taylor's series within a quarter turn (error below 1e-8) is the same everywhere.
 */
export function direction(turns: number): Direction {
  const quarters = 4 * (turns - Math.floor(turns));
  const quarter = Math.floor(quarters);
  const angle = (quarters - quarter) * 1.5707963267948966;
  const cosine = series(angle, 0);
  const sine = series(angle, 1);
  if (quarter === 0) return { x: cosine, y: sine };
  if (quarter === 1) return { x: -sine, y: cosine };
  if (quarter === 2) return { x: -cosine, y: -sine };
  return { x: sine, y: -cosine };
}

/** The alternating series of aⁿ/n! over even n from 0 (cosine) or odd n from 1 (sine). */
function series(angle: number, from: 0 | 1): number {
  let term = from === 0 ? 1 : angle;
  let sum = term;
  for (let n = from + 2; n < 18; n += 2) {
    term = (-term * angle * angle) / (n * (n - 1));
    sum += term;
  }
  return sum;
}
