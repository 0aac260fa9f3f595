/** @file Random search: the settings of each trial, drawn from ranges by a hash, so that every worker and every study draws the same. */
import type { SearchRange } from "../../distill/index.ts";
import { sha256Hex } from "../../sha256.ts";

/** Where each searched setting is looked for, by its name: `learningRate`, `weightDecay`, `option kd.temperature`. */
export type Ranges = Readonly<Record<string, SearchRange>>;

/** Values of searched settings by their names; none for a trial that has them as they are described. */
export type Draw = Readonly<Record<string, number>>;

/**
 * The settings of each trial. The first has none drawn: it is what is described, so that tuning never forgets it. The others draw each setting
 * from its range, by a number that depends on the seed, the trial and the setting's name alone: all rows of a study try the same learning rates
 * relative to their ranges, and a row that is added changes no other.
 */
export async function drawTrials(ranges: Ranges, trials: number, seed: number): Promise<readonly Draw[]> {
  const drawn = async (trial: number): Promise<Draw> =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(ranges).map(
          async ([name, range]) => [name, valueAt(range, await quantileOf(seed, trial, name))] as const,
        ),
      ),
    );
  return Promise.all(Array.from({ length: trials }, (_, trial) => (trial === 0 ? {} : drawn(trial))));
}

/** The value below which a share of the range lies, from·(to / from)^u or from + (to - from)·u, to three significant digits. */
export function valueAt({ from, to, scale }: SearchRange, share: number): number {
  const value = scale === "log" ? from * (to / from) ** share : from + (to - from) * share;
  return Math.min(to, Math.max(from, Number(value.toPrecision(3))));
}

/** From 0 to 1, uniform. */
async function quantileOf(seed: number, trial: number, name: string): Promise<number> {
  return Number.parseInt((await sha256Hex(`${seed} ${trial} ${name}`)).slice(0, 13), 16) / 2 ** 52;
}
