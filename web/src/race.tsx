/** @file How often each network is right, epoch by epoch, all in one plot. */
import type { JSX } from "preact";
import { isTaught, type RunState } from "./lesson.ts";
import { Plot } from "./plot.tsx";

interface RaceProps {
  readonly runs: readonly RunState[];
  readonly chosen: RunState | undefined;
  readonly epochs: number;
  /** How many are tested on. */
  readonly pictures: number;
}

export function Race({ runs, chosen, epochs, pictures }: RaceProps): JSX.Element {
  const taught = runs.filter(isTaught);
  const kindOf = (run: RunState): string => {
    if (!isTaught(run)) return run.id;
    return `taught line-${taught.indexOf(run)}${run === chosen ? " chosen" : ""}`;
  };
  return (
    <section aria-labelledby="race">
      <h2 id="race">Side by side</h2>
      <p>How often each network is right about {pictures} pictures that none was trained on, twice an epoch.</p>
      <Plot
        label="Accuracy"
        epochs={epochs}
        range={[0, 100]}
        unit=" %"
        curves={runs.map((run) => ({ ...run.accuracy, kind: kindOf(run) }))}
      />
    </section>
  );
}
