/** @file The tuning of a study as it is planned: for each row what is searched, what each trial draws, and the rungs. */
import { findMethod } from "../../distill/index.ts";
import { LimbeckError } from "../../errors.ts";
import { checkNames } from "../../experiment/settings/index.ts";
import { parseWithModules } from "../../experiment/node/index.ts";
import type { StudyDescription, TuneDescription } from "../description.ts";
import { seedList, type DescribedRun } from "../expand.ts";
import { drawTrials } from "../tuning/draw.ts";
import { searchSpace } from "../tuning/ranges.ts";
import { rungsOf } from "../tuning/rungs.ts";
import type { TunedRow, Tuning } from "../tuning/tuned-row.ts";

const defaults = { trials: 9, seeds: 2, halving: 3, validation: "10%" } as const;

/**
 * How the settings of these runs are chosen; `undefined` for a study that does not tune. Throws ARGUMENT for a seed of trials that is one of the
 * study's, CONFIG for a study that never looks at the test images, and as a run's configuration does.
 */
export async function tuningOf(study: StudyDescription, runs: readonly DescribedRun[]): Promise<Tuning | undefined> {
  if (study.tune === undefined) return undefined;
  const tune: TuneDescription = typeof study.tune === "number" ? { trials: study.tune } : study.tune;
  const { trials = defaults.trials, halving = defaults.halving } = tune;
  const own = new Set(seedList(study.seeds));
  const { seed = 0, seeds: count = defaults.seeds } = tune;
  if (tune.seed !== undefined && own.has(seed))
    throw new LimbeckError(
      "ARGUMENT",
      `tune.seed: ${seed} is one of the study's seeds, and the final runs need fresh ones; give another, or leave it out`,
    );
  const fresh = Array.from({ length: own.size + count }, (_, i) => seed + i).filter((each) => !own.has(each));
  const seeds = fresh.slice(0, count);
  const rows = new Map<string, DescribedRun[]>();
  for (const run of runs) {
    const key = JSON.stringify([run.group, run.row]);
    rows.set(key, [...(rows.get(key) ?? []), run]);
  }
  const tuned: TunedRow[] = [];
  let held: number | string | undefined;
  for (const described of rows.values()) {
    for (const { row, group, command, settings, teacherTitle } of described.slice(0, 1)) {
      checkNames(settings);
      const { config, own: modules } = await parseWithModules(command, {
        ...settings,
        // Any name, where the study trains the teacher: it is not there yet.
        ...(command === "distill" &&
          !("teacher" in settings) &&
          teacherTitle !== undefined && { teacher: ["teacher"] }),
      });
      if (!config.tested)
        throw new LimbeckError(
          "CONFIG",
          "a study that tunes chooses on validation images and looks at the test images once, for its table; leave out tested: false, or tune",
        );
      held ??= config.validation;
      const methods = config.method
        .split("+")
        .map((name) => modules.methods.get(name.trim()) ?? findMethod(name.trim()));
      const given = (settings["options"] ?? {}) as object;
      const space = searchSpace(config, methods, { given, grid: study.grid ?? {}, tune });
      tuned.push({
        group,
        row,
        runs: described,
        rungs: rungsOf(trials, halving, config.epochs),
        draws: await drawTrials(space.ranges, trials, seeds[0] ?? 0),
        described: space.described,
        inEpochs: space.inEpochs,
        entered: [],
        final: [],
      });
    }
  }
  const validation = tune.validation ?? held ?? defaults.validation;
  return { trials, halving, validation, seeds, holdsOut: held !== undefined, rows: tuned };
}
