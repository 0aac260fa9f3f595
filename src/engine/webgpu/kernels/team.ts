/**
 * @file Reductions by workgroups: a team of invocations, so many to each of some neighbouring columns, takes the terms in turn, and
 * adds up what each has by a tree in the workgroup's memory. Who takes which term, and the tree, follow from the shape alone, so
 * every sum has one order.
 */
import { shader, spread, type Kernel, type Memory, type Names } from "./kernel.ts";

const invocations = 256;
/** Neighbours in memory that a GPU reads at once. */
const mostColumns = 32;

/** `rows` invocations to each of `columns` columns. */
export interface Team {
  readonly columns: number;
  readonly rows: number;
}

export function teamFor(inner: number): Team {
  const columns = Math.min(mostColumns, 2 ** Math.ceil(Math.log2(inner)));
  return { columns, rows: invocations / columns };
}

/** Terms that an invocation takes: so many where all are one team's, else at least, and at most. */
const termsAlone = 128;
const leastTerms = 64;
const mostTerms = 1024;

/** How many terms a team takes of a sum. What teams give is a sum again, and mostly one team's. */
export function termsOfTeam(summed: number, { rows }: Team): number {
  if (summed <= rows * termsAlone) return summed;
  const even = Math.ceil(summed / (rows * termsAlone));
  return Math.min(Math.max(even, rows * leastTerms), rows * mostTerms);
}

interface TeamSpec<Reads extends string, Writes extends string> extends Memory<Reads, Writes> {
  readonly label: string;
  readonly team: Team;
  /** Columns next to each other in memory, and runs of them: teams take neighbours of one run. */
  readonly inner: number;
  readonly runs: number;
  /** Names of arrays in the workgroup's memory, a number for each invocation. */
  readonly shared: readonly string[];
  /** Statements of an invocation: `column` of `run`, `row` among its column's, `inside` where there is such a column. All reach every barrier. */
  body(names: Names<Reads | Writes>): string;
}

/** A kernel of teams. */
export function teamKernel<Reads extends string, Writes extends string>({
  team: { columns },
  inner,
  runs,
  shared,
  body,
  ...memory
}: TeamSpec<Reads, Writes>): Kernel {
  const tiles = Math.ceil(inner / columns);
  const workgroups = spread(runs * tiles);
  return shader({
    ...memory,
    workgroups,
    code: (names) => `${shared.map((name) => `var<workgroup> ${name}: array<f32, ${invocations}>;`).join("\n")}
@compute @workgroup_size(${invocations})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let number = id.y * ${workgroups[0]}u + id.x;
  if (number >= ${runs * tiles}u) { return; }
  let own = local % ${columns}u;
  let row = local / ${columns}u;
  let column = (number % ${tiles}u) * ${columns}u + own;
  let run = number / ${tiles}u;
  let inside = column < ${inner}u;
${body(names)}
}`,
  });
}

/** Statements: what each column's invocations have in `value` is combined, and may be read as `memory[own]`. */
export function tree({ columns, rows }: Team, memory: string, value: string, combine = plus): string {
  return `  ${memory}[local] = ${value};
  workgroupBarrier();
  for (var half = ${rows / 2}u; half > 0u; half >>= 1u) {
    if (row < half) { ${memory}[local] = ${combine(`${memory}[local]`, `${memory}[local + half * ${columns}u]`)}; }
    workgroupBarrier();
  }`;
}

export function plus(a: string, b: string): string {
  return `${a} + ${b}`;
}
