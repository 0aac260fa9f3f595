/** @file Rows of bytes by their indices, each byte looked up in a table: images, normalised, as they are or shifted. */
import type { LookedUp } from "../../compiler/data-movement.ts";
import type { LookupShape } from "../../compiler/sizes.ts";
import { kernel, type Buffer, type Kernel } from "./kernel.ts";

/** y[k] = each byte of x[indices[k]], shifted, as the table has it for its channel. A row begins with a word (`wordsOf`). */
export function lookupRows(
  { rows, channels, height, width, border, count, isChannelsLast }: LookupShape,
  from: LookedUp<Buffer>,
  y: Buffer,
): Kernel {
  const pixels = height * width;
  const columns = channels * pixels;
  const lookup = kernel({
    label: `lookupRows ${count} of ${rows}×${channels}×${height}×${width}`,
    reads: { shifts: undefined, ...from },
    writes: { y },
    count: count * columns,
    body: (names) => `  let k = i / ${columns}u;
  let row = ${names.indices}[k];
  let place = i % ${columns}u;
  let channel = ${isChannelsLast ? `place % ${channels}u` : `place / ${pixels}u`};
  let pixel = ${isChannelsLast ? `place / ${channels}u` : `place % ${pixels}u`};
${from.shifts ? shifted({ height, width, border }, names.shifts) : "  let source = pixel;\n  let lies = true;"}
  let at = channel * ${pixels}u + source;
  let word = ${names.x}[u32(clamp(row, 0, ${rows - 1})) * ${wordsOf(columns)}u + at / 4u];
  let value = select(0u, (word >> (8u * (at % 4u))) & 255u, lies);
  ${names.y}[i] = select(nan_(), ${names.table}[256u * channel + value], row >= 0 && row < ${rows});`,
  });
  return { ...lookup, touched: count * columns * 5 };
}

/** Statements that say which pixel of an image is `source` of `pixel` of its view, and whether it `lies` in the image. */
function shifted({ height, width, border }: Pick<LookupShape, "height" | "width" | "border">, shifts: string): string {
  const reflected = (place: string, length: number): string =>
    border === "black" ? place : `select(abs(${place}), ${2 * (length - 1)} - ${place}, ${place} >= ${length})`;
  // Further away, everything is outside.
  const shift = (which: number, length: number): string =>
    `clamp(${shifts}[3u * k + ${which}u], ${-2 * length}, ${2 * length})`;
  return `  let column = i32(pixel % ${width}u);
  let h0 = i32(pixel / ${width}u) + ${shift(0, height)};
  let w0 = select(column, ${width - 1} - column, ${shifts}[3u * k + 2u] != 0) + ${shift(1, width)};
  let h = ${reflected("h0", height)};
  let w = ${reflected("w0", width)};
  let lies = h >= 0 && h < ${height} && w >= 0 && w < ${width};
  let source = select(0u, u32(h * ${width} + w), lies);`;
}

/** Words of a row of so many bytes. */
export function wordsOf(bytes: number): number {
  return Math.ceil(bytes / 4);
}
