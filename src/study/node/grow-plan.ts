/** @file A plan that grows as its trials are done: the next rungs, then the final runs. Every worker finds the same ones. */
import type { DescribedRun } from "../expand.ts";
import { reportTuning, type StudyTuning } from "../tuning/report-tuning.ts";
import { nextStep, runsOfStep, type Outcome, type OutcomeOf, type TunedRow } from "../tuning/tuned-row.ts";
import { changePlan, readOutcome, type StudyPlan, type StudyRun } from "./study-folder.ts";

/** Names a run that is described, with the identity of its teacher. */
export type NameRun = (run: DescribedRun) => Promise<StudyRun>;

type Grown = Pick<StudyPlan, "runs" | "tuning">;

/** The plan with all runs that the outcomes so far call for; the same object where there are none to add. */
export async function grownPlan<Plan extends Grown>(plan: Plan, outcomeOf: OutcomeOf, name: NameRun): Promise<Plan> {
  const { tuning } = plan;
  if (!tuning) return plan;
  const runs = new Map(plan.runs.map((run) => [run.identity, run]));
  let hasGrown = false;
  const grown = async (row: TunedRow): Promise<TunedRow> => {
    const step = nextStep(row, outcomeOf);
    if (!step) return row;
    hasGrown = true;
    const ids: string[] = [];
    for (const described of runsOfStep(row, step, tuning)) {
      const run = await name(described);
      // Two rows may try the same settings: one run is enough for both.
      const known = runs.get(run.identity) ?? run;
      runs.set(run.identity, known);
      ids.push(known.id);
    }
    if (step.kind === "final") return { ...row, final: ids };
    const entries = step.trials.flatMap((trial, i) =>
      ids.slice(i * tuning.seeds.length, (i + 1) * tuning.seeds.length).map((id) => ({ trial, id })),
    );
    return grown({ ...row, entered: [...row.entered, entries] });
  };
  const rows: TunedRow[] = [];
  for (const row of tuning.rows) rows.push(await grown(row));
  return hasGrown ? { ...plan, tuning: { ...tuning, rows }, runs: inOrder([...runs.values()], rows) } : plan;
}

/** The plan with the rungs and final runs that another folder of the study has gone on to, for rows that began with the same trials. */
export function adoptedPlan(plan: StudyPlan, other: StudyPlan): StudyPlan {
  const { tuning } = plan;
  if (!tuning || !other.tuning) return plan;
  const begun = ({ entered, rungs, runs }: TunedRow): string =>
    JSON.stringify([entered[0], rungs, runs.map(({ seed }) => seed)]);
  const further = new Map(other.tuning.rows.map((row) => [begun(row), row]));
  const rows = tuning.rows.map((row) => {
    const { entered, final } = further.get(begun(row)) ?? row;
    return entered.length + final.length > row.entered.length + row.final.length ? { ...row, entered, final } : row;
  });
  const planned = new Set(plan.runs.map(({ id }) => id));
  const ids = new Set(rows.flatMap(({ entered, final }) => [...entered.flat().map(({ id }) => id), ...final]));
  const added = other.runs.filter(({ id }) => ids.has(id) && !planned.has(id));
  return added.length === 0
    ? plan
    : { ...plan, tuning: { ...tuning, rows }, runs: inOrder([...plan.runs, ...added], rows) };
}

/** Teachers first, then rung by rung the trials of all rows, then seed by seed the final runs, whenever they were planned. */
function inOrder(runs: readonly StudyRun[], rows: readonly TunedRow[]): readonly StudyRun[] {
  const most = (counts: readonly number[]): readonly number[] =>
    Array.from({ length: Math.max(0, ...counts) }, (_, i) => i);
  const ids = [
    ...most(rows.map(({ rungs }) => rungs.length)).flatMap((i) =>
      rows.flatMap(({ entered }) => entered[i] ?? []).map(({ id }) => id),
    ),
    ...most(rows.map(({ final }) => final.length)).flatMap((i) => rows.flatMap(({ final }) => final.slice(i, i + 1))),
  ];
  const places = new Map(ids.toReversed().map((id, i) => [id, ids.length - i]));
  return runs.toSorted((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0));
}

/** What the trials of a plan came to, read once each. */
export class Outcomes {
  readonly #folder: string;
  readonly #known = new Map<string, Outcome>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads those of the last rungs that are new; or of all. Throws OUTPUT for a damaged summary. */
  async of({ tuning }: Pick<StudyPlan, "tuning">, { all = false } = {}): Promise<OutcomeOf> {
    const needed = (tuning?.rows ?? []).flatMap(({ entered, final }) =>
      all ? entered.flat() : final.length > 0 ? [] : (entered.at(-1) ?? []),
    );
    for (const { id } of needed) {
      if (this.#known.has(id)) continue;
      const outcome = await readOutcome(this.#folder, id);
      if (outcome !== undefined) this.#known.set(id, outcome);
    }
    return (id) => this.#known.get(id);
  }
}

/** How the settings of a study were chosen; `undefined` for one that does not tune. Throws OUTPUT for a damaged summary. */
export async function readTuning(
  folder: string,
  { tuning }: Pick<StudyPlan, "tuning">,
): Promise<StudyTuning | undefined> {
  return tuning && reportTuning(tuning, await new Outcomes(folder).of({ tuning }, { all: true }));
}

/** The plan in memory and on disk, grown; known runs are the same objects. Throws OUTPUT, and as `name`. */
export async function growPlan(folder: string, plan: StudyPlan, outcomes: Outcomes, name: NameRun): Promise<StudyPlan> {
  const outcomeOf = await outcomes.of(plan);
  if (!plan.tuning?.rows.some((row) => nextStep(row, outcomeOf))) return plan;
  const grown = await changePlan(folder, async (stored) => grownThrough(stored, outcomes, name));
  const known = new Map(plan.runs.map((run) => [run.id, run]));
  return { ...grown, runs: grown.runs.map((run) => known.get(run.id) ?? run) };
}

/** Rung by rung as far as outcomes go. */
export async function grownThrough<Plan extends Grown>(plan: Plan, outcomes: Outcomes, name: NameRun): Promise<Plan> {
  const grown = await grownPlan(plan, await outcomes.of(plan), name);
  return grown === plan ? plan : grownThrough(grown, outcomes, name);
}
