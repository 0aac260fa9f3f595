/** @file Sums, largest elements and log-softmax along one axis. */
import type { Reducer } from "../../compiler/reduction.ts";
import type { ReduceShape } from "../../compiler/sizes.ts";
import { Buffer, kernel, type Kernel } from "./kernel.ts";
import { plus, teamFor, teamKernel, termsOfTeam, tree } from "./team.ts";

const combinations: Readonly<Record<Reducer, (a: string, b: string) => string>> = {
  sum: plus,
  max: (a, b) => `maximum_(${a}, ${b})`,
};
const starts: Readonly<Record<Reducer, string>> = { sum: "0.0", max: "-infinity_()" };

/** Terms that an invocation may take alone, and how many where there are results enough for all of a GPU. */
const fewTerms = 32;
const termsOfMany = 256;
const many = 65_536;

/** [outer, summed, inner] → [outer, inner]: by invocations, teams, or teams twice. */
export function reduce(reducer: Reducer, shape: ReduceShape, x: Buffer, y: Buffer): Kernel[] {
  const { outer, summed, inner } = shape;
  if (summed <= (outer * inner < many ? fewTerms : termsOfMany)) return [reduceAlone(reducer, shape, x, y)];
  const parts = Math.ceil(summed / termsOfTeam(summed, teamFor(inner)));
  if (parts === 1) return [reduceByTeams(reducer, shape, x, y)];
  const partial = new Buffer(`parts of ${reducer}`, outer * parts * inner);
  return [reduceByTeams(reducer, shape, x, partial), ...reduce(reducer, { outer, summed: parts, inner }, partial, y)];
}

/** Adds up the parts of sums, which lie one behind the other; nothing where there is one. */
export function addParts(parts: number, size: number, from: Buffer, to: Buffer): Kernel[] {
  return parts === 1 ? [] : reduce("sum", { outer: 1, summed: parts, inner: size }, from, to);
}

/** An invocation a result. */
function reduceAlone(reducer: Reducer, { outer, summed, inner }: ReduceShape, x: Buffer, y: Buffer): Kernel {
  return kernel({
    label: `${reducer} ${outer}×${summed}×${inner}`,
    reads: { x },
    writes: { y },
    count: outer * inner,
    body: (names) => `  let first = (i / ${inner}u) * ${summed * inner}u + i % ${inner}u;
  var total = ${names.x}[first];
  for (var t = 1u; t < ${summed}u; t++) {
    let term = ${names.x}[first + t * ${inner}u];
    total = ${combinations[reducer]("total", "term")};
  }
  ${names.y}[i] = total;`,
  });
}

/** Teams give a result each, or one of each part. */
function reduceByTeams(reducer: Reducer, { outer, summed, inner }: ReduceShape, x: Buffer, y: Buffer): Kernel {
  const team = teamFor(inner);
  const terms = termsOfTeam(summed, team);
  const parts = Math.ceil(summed / terms);
  const combine = combinations[reducer];
  return teamKernel({
    label: `${reducer} ${outer}×${summed}×${inner}`,
    reads: { x },
    writes: { y },
    team,
    inner,
    runs: outer * parts,
    shared: ["totals"],
    body: (names) => `  var total = ${starts[reducer]};
  if (inside) {
    let first = (run / ${parts}u) * ${summed * inner}u + column;
    let part = run % ${parts}u;
    for (var t = part * ${terms}u + row; t < min((part + 1u) * ${terms}u, ${summed}u); t += ${team.rows}u) {
      let term = ${names.x}[first + t * ${inner}u];
      total = ${combine("total", "term")};
    }
  }
${tree(team, "totals", "total", combine)}
  if (inside && row == 0u) { ${names.y}[run * ${inner}u + column] = totals[own]; }`,
  });
}

/** y = x - max - log Σ e^(x - max) along the middle axis, an invocation a row */
export function logSoftmax({ outer, summed, inner }: ReduceShape, x: Buffer, y: Buffer): Kernel {
  return kernel({
    label: `logSoftmax ${outer}×${summed}×${inner}`,
    reads: { x },
    writes: { y },
    count: outer * inner,
    body: (names) => `  let first = (i / ${inner}u) * ${summed * inner}u + i % ${inner}u;
  let end = first + ${summed * inner}u;
  var largest = ${names.x}[first];
  for (var at = first + ${inner}u; at < end; at += ${inner}u) { largest = maximum_(largest, ${names.x}[at]); }
  var total = 0.0;
  for (var at = first; at < end; at += ${inner}u) { total += exp_(${names.x}[at] - largest); }
  let shift = log_(total);
  for (var at = first; at < end; at += ${inner}u) { ${names.y}[at] = (${names.x}[at] - largest) - shift; }`,
  });
}
