/** @file Batch normalisation's sums over [rows, channels]: teams take parts of the rows, and one more adds the parts up. */
import type { NormShape } from "../../compiler/sizes.ts";
import { literal } from "./functions.ts";
import { Buffer, type Kernel } from "./kernel.ts";
import { addParts } from "./reduce.ts";
import { teamFor, teamKernel, termsOfTeam, tree } from "./team.ts";

/**
 * y [2, C]: means, then variances. Each part's mean m and M = Σ(x - m)², then mean = Σ length·m / rows and
 * variance = Σ(M + length·(m - mean)²) / rows. Chan, Golub, LeVeque, "Updating Formulae", 1979.
 */
export function batchMoments({ rows, channels }: NormShape, x: Buffer, y: Buffer): Kernel[] {
  const team = teamFor(channels);
  const length = termsOfTeam(rows, team);
  const parts = Math.ceil(rows / length);
  const to = parts === 1 ? y : new Buffer("moments of parts", parts * 2 * channels);
  const one = teamKernel({
    label: `batchMoments ${rows}×${channels}`,
    reads: { x },
    writes: { y: to },
    team,
    inner: channels,
    runs: parts,
    shared: ["totals"],
    body: (names) => {
      const eachRow = (statement: string): string => `  if (inside) {
    for (var r = run * ${length}u + row; r < end; r += ${team.rows}u) {
      let value = ${names.x}[r * ${channels}u + column];
      ${statement}
    }
  }`;
      return `  let end = min((run + 1u) * ${length}u, ${rows}u);
  let count = f32(end - run * ${length}u);
  var total = 0.0;
${eachRow("total += value;")}
${tree(team, "totals", "total")}
  let mean = totals[own] / count;
  workgroupBarrier();
  total = 0.0;
${eachRow("total += (value - mean) * (value - mean);")}
${tree(team, "totals", "total")}
  if (inside && row == 0u) {
    ${names.y}[run * ${2 * channels}u + column] = mean;
    ${names.y}[run * ${2 * channels}u + ${channels}u + column] = totals[own]${parts === 1 ? " / count" : ""};
  }`;
    },
  });
  return parts === 1 ? [one] : [one, joinMoments({ rows, channels }, length, to, y)];
}

/** The moments of all rows from those of parts of `length` rows, of which the last may be shorter. */
function joinMoments({ rows, channels }: NormShape, length: number, x: Buffer, y: Buffer): Kernel {
  const team = teamFor(channels);
  const parts = Math.ceil(rows / length);
  return teamKernel({
    label: `batchMoments of ${parts} parts ${rows}×${channels}`,
    reads: { x },
    writes: { y },
    team,
    inner: channels,
    runs: 1,
    shared: ["totals"],
    body: (names) => {
      const eachPart = (statement: string): string => `  if (inside) {
    for (var part = row; part < ${parts}u; part += ${team.rows}u) {
      let count = f32(min(${length}u, ${rows}u - part * ${length}u));
      let mean = ${names.x}[part * ${2 * channels}u + column];
      ${statement}
    }
  }`;
      const squares = `${names.x}[part * ${2 * channels}u + ${channels}u + column]`;
      return `  var total = 0.0;
${eachPart("total += count * mean;")}
${tree(team, "totals", "total")}
  let all = totals[own] * ${literal(1 / rows)};
  workgroupBarrier();
  total = 0.0;
${eachPart(`total += ${squares} + count * (mean - all) * (mean - all);`)}
${tree(team, "totals", "total")}
  if (inside && row == 0u) {
    ${names.y}[column] = all;
    ${names.y}[column + ${channels}u] = totals[own] * ${literal(1 / rows)};
  }`;
    },
  });
}

/** sums [2, C] = Σ g·x̂, then Σ g, x̂ = (x - mean) / √(variance + eps). */
export function batchNormParameterGrads(
  { rows, channels }: NormShape,
  eps: number,
  { g, x, moments, sums: y }: Readonly<Record<"g" | "x" | "moments" | "sums", Buffer>>,
): Kernel[] {
  const team = teamFor(channels);
  const length = termsOfTeam(rows, team);
  const parts = Math.ceil(rows / length);
  const to = parts === 1 ? y : new Buffer("parts of sums", parts * 2 * channels);
  const one = teamKernel({
    label: `batchNormParameterGrads ${rows}×${channels}`,
    reads: { g, x, moments },
    writes: { y: to },
    team,
    inner: channels,
    runs: parts,
    shared: ["scaled", "plain"],
    body: (names) => `  var scaledTotal = 0.0;
  var plainTotal = 0.0;
  if (inside) {
    let mean = ${names.moments}[column];
    let deviation = sqrt(${names.moments}[column + ${channels}u] + ${literal(eps)});
    for (var r = run * ${length}u + row; r < min((run + 1u) * ${length}u, ${rows}u); r += ${team.rows}u) {
      let gradient = ${names.g}[r * ${channels}u + column];
      scaledTotal += gradient * ((${names.x}[r * ${channels}u + column] - mean) / deviation);
      plainTotal += gradient;
    }
  }
${tree(team, "scaled", "scaledTotal")}
${tree(team, "plain", "plainTotal")}
  if (inside && row == 0u) {
    ${names.y}[run * ${2 * channels}u + column] = scaled[own];
    ${names.y}[run * ${2 * channels}u + ${channels}u + column] = plain[own];
  }`,
  });
  return [one, ...addParts(parts, 2 * channels, to, y)];
}
