/** @file Batch normalisation's sums over [rows, channels]: in two passes each way, a part of the rows an invocation, then the parts. */
import type { NormShape } from "../../compiler/sizes.ts";
import { literal } from "./functions.ts";
import { Buffer, kernel, type Kernel } from "./kernel.ts";
import { addParts } from "./reduce.ts";

/** Rows that one invocation takes together. */
const rowsOfPart = 64;

/**
 * y [2, C]: means, then variances Σ(x - mean)² / n.
 * Sums of parts first; the squares are of differences from the mean, since those from zero would cancel.
 */
export function batchMoments({ rows, channels }: NormShape, x: Buffer, y: Buffer): Kernel[] {
  const parts = Math.ceil(rows / rowsOfPart);
  const sums = new Buffer("sums", channels);
  const sumParts = parts === 1 ? sums : new Buffer("parts of sums", parts * channels);
  const squares = new Buffer("squares", channels);
  const squareParts = parts === 1 ? squares : new Buffer("parts of squares", parts * channels);
  const count = parts * channels;
  const mean = (name: string): string => `${name}[c] * ${literal(1 / rows)}`;
  return [
    kernel({
      label: `batchMoments sums ${rows}×${channels}`,
      reads: { x },
      writes: { y: sumParts },
      count,
      body: (names) => `${eachRow(rows, channels, "", `total += ${names.x}[at];`)}
  ${names.y}[i] = total;`,
    }),
    ...addParts(parts, channels, sumParts, sums),
    kernel({
      label: `batchMoments squares ${rows}×${channels}`,
      reads: { x, sums },
      writes: { y: squareParts },
      count,
      body: (
        names,
      ) => `${eachRow(rows, channels, `let mean = ${mean(names.sums)};`, `let d = ${names.x}[at] - mean; total += d * d;`)}
  ${names.y}[i] = total;`,
    }),
    ...addParts(parts, channels, squareParts, squares),
    kernel({
      label: `batchMoments ${rows}×${channels}`,
      reads: { sums, squares },
      writes: { y },
      count: channels,
      body: (names) => `  let c = i;
  ${names.y}[c] = ${mean(names.sums)};
  ${names.y}[c + ${channels}u] = ${mean(names.squares)};`,
    }),
  ];
}

/** y [2, C]: Σ g·x̂, then Σ g, x̂ = (x - mean) / √(variance + eps). */
export function batchNormParameterGrads(
  { rows, channels }: NormShape,
  eps: number,
  g: Buffer,
  x: Buffer,
  moments: Buffer,
  y: Buffer,
): Kernel[] {
  const parts = Math.ceil(rows / rowsOfPart);
  const to = parts === 1 ? y : new Buffer("parts of sums", parts * 2 * channels);
  const one = kernel({
    label: `batchNormParameterGrads ${rows}×${channels}`,
    reads: { g, x, moments },
    writes: { y: to },
    count: parts * channels,
    body: (names) => `${eachRow(
      rows,
      channels,
      `let mean = ${names.moments}[c]; let deviation = sqrt(${names.moments}[c + ${channels}u] + ${literal(eps)}); var plain = 0.0;`,
      `total += ${names.g}[at] * ((${names.x}[at] - mean) / deviation); plain += ${names.g}[at];`,
    )}
  ${names.y}[part * ${2 * channels}u + c] = total;
  ${names.y}[part * ${2 * channels}u + ${channels}u + c] = plain;`,
  });
  return [one, ...addParts(parts, 2 * channels, to, y)];
}

/** Sums `total` over the rows of invocation i's part, in channel c; `first` comes before them. */
function eachRow(rows: number, channels: number, first: string, each: string): string {
  return `  let c = i % ${channels}u;
  let part = i / ${channels}u;
  ${first}
  var total = 0.0;
  for (var row = part * ${rowsOfPart}u; row < min((part + 1u) * ${rowsOfPart}u, ${rows}u); row++) {
    let at = row * ${channels}u + c;
    ${each}
  }`;
}
