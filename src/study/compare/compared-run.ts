/** @file The runs that a comparison starts from, and what it refuses. */
import { shown } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import type { ComparedEpoch } from "./curves.ts";

/** A finished run, as far as a comparison looks at it. */
export interface ComparedRun {
  /** The cell of the study, the same for all its seeds: `kd, temperature=4`. */
  readonly row: string;
  /** How tables name it. */
  readonly title: string;
  readonly seed: number;
  /** Percent of the test images. */
  readonly accuracy: number;
  /** For each test image 1 if it was classified correctly, else 0; the same images in the same order in all runs. */
  readonly correct?: ArrayLike<number> | undefined;
  readonly parameters: number;
  /** Of one image. */
  readonly multiplyAdds?: number | undefined;
  /** The file of the student. */
  readonly bytes: number;
  /** Training, and computing the teacher's outputs. */
  readonly seconds: number;
  /** Milliseconds of a forward pass over one image. */
  readonly latency?: number | undefined;
  /** What computed the run, as far as it changes last bits or times: `wasm, 8 threads`. */
  readonly engine?: string | undefined;
  readonly epochs?: readonly ComparedEpoch[] | undefined;
  /** The student trained alone, which gains are measured against. */
  readonly isBaseline: boolean;
  readonly isTeacher: boolean;
}

/** The runs of each row, in the order in which rows first come; each row's by seed. Throws ARGUMENT for runs that cannot be compared. */
export function groupRuns(runs: readonly ComparedRun[]): ReadonlyMap<string, readonly ComparedRun[]> {
  const rows = new Map<string, ComparedRun[]>();
  for (const run of runs) {
    checkNumbers(run);
    const others = rows.get(run.row);
    if (others) others.push(run);
    else rows.set(run.row, [run]);
  }
  for (const own of rows.values()) checkSameRow(own);
  checkImages(runs);
  const baselines = [...new Set(runs.filter(({ isBaseline }) => isBaseline).map(({ row }) => row))];
  if (baselines.length > 1) {
    refuse(
      `one row should be the student alone, got ${baselines.map(shown).join(" and ")}; compare the runs of each student by themselves`,
    );
  }
  return new Map([...rows].map(([row, own]) => [row, own.toSorted((a, b) => a.seed - b.seed)]));
}

function checkNumbers(run: ComparedRun): void {
  const name = `${shown(run.row)}, seed ${run.seed}`;
  if (!Number.isSafeInteger(run.seed))
    refuse(`the seed of ${shown(run.row)} should be a whole number, got ${shown(run.seed)}`);
  if (!(run.accuracy >= 0 && run.accuracy <= 100))
    refuse(
      `the accuracy of ${name} should be from 0 to 100 percent, got ${shown(run.accuracy)}; leave out runs without a result`,
    );
  const { parameters, multiplyAdds = 0, bytes, seconds, latency = 0 } = run;
  for (const [what, value] of Object.entries({ parameters, multiplyAdds, bytes, seconds, latency }))
    if (!(value >= 0 && value < Infinity))
      refuse(`the ${what} of ${name} should be a number from 0, got ${shown(value)}`);
  if (run.isBaseline && run.isTeacher) refuse(`${name} should be a teacher or the student alone, is both`);
}

function checkSameRow(runs: readonly ComparedRun[]): void {
  const [first] = runs;
  const seeds = new Set<number>();
  for (const run of runs) {
    const row = shown(run.row);
    if (seeds.has(run.seed)) refuse(`${row} should have one run for each seed, has seed ${run.seed} twice`);
    seeds.add(run.seed);
    for (const key of ["title", "parameters", "multiplyAdds", "isBaseline", "isTeacher"] as const) {
      if (run[key] === first?.[key]) continue;
      refuse(
        `all runs of ${row} should have the same ${key}, got ${shown(first?.[key])} with seed ${first?.seed} and ${shown(run[key])} with seed ${run.seed}; give different networks different rows`,
      );
    }
  }
}

function checkImages(runs: readonly ComparedRun[]): void {
  const flagged = runs.filter(({ correct }) => correct !== undefined);
  const count = flagged[0]?.correct?.length ?? 0;
  const odd = flagged.find(({ correct }) => correct?.length !== count);
  if (!odd) return;
  refuse(
    `all runs should be tested on the same images, got ${count} for ${shown(flagged[0]?.row)} and ${odd.correct?.length} for ${shown(odd.row)}, seed ${odd.seed}`,
  );
}

function refuse(what: string): never {
  throw new LimbeckError("ARGUMENT", `compareRuns: ${what}`);
}
