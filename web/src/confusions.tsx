/** @file Which classes are taken for which, by the student alone and by the one that is taught. */
import type { JSX } from "preact";
import type { RunState } from "./lesson.ts";

interface ConfusionsProps {
  readonly classes: readonly string[];
  readonly runs: readonly (RunState | undefined)[];
}

export function Confusions({ classes, runs }: ConfusionsProps): JSX.Element {
  return (
    <section aria-labelledby="confusions">
      <h2 id="confusions">What they confuse</h2>
      <p>A row for each true class, a column for each answer. What a student learns moves onto the diagonal.</p>
      <div class="matrices">{runs.map((run) => run && <Matrix key={run.id} {...{ classes, run }} />)}</div>
    </section>
  );
}

function Matrix({ classes, run }: { readonly classes: readonly string[]; readonly run: RunState }): JSX.Element {
  const confusion = run.judgement?.confusion;
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={`Confusions: ${run.title}`}>
      <table class="confusion">
        <caption>
          <b>{run.title}.</b> {confusion ? worst(classes, confusion) : "Nothing yet."}
        </caption>
        <thead>
          <tr>
            <td />
            {classes.map((name) => (
              <th key={name} scope="col">
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classes.map((name, truth) => {
            const row = confusion?.[truth];
            const total = row?.reduce((sum, count) => sum + count, 0) ?? 0;
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                {classes.map((answer, c) => {
                  const count = row?.[c] ?? 0;
                  const share = total > 0 ? count / total : 0;
                  return (
                    <td key={answer} class={c === truth ? "right" : "wrong"} style={{ "--share": share }}>
                      {count > 0 ? count : ""}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The most frequent mistake, in words. */
function worst(classes: readonly string[], confusion: readonly (readonly number[])[]): string {
  let most = { count: 0, truth: 0, answer: 0 };
  for (const [truth, row] of confusion.entries()) {
    for (const [answer, count] of row.entries()) {
      if (answer !== truth && count > most.count) most = { count, truth, answer };
    }
  }
  if (most.count === 0) return "No mistakes.";
  return `Most often it takes ${classes[most.truth]} for ${classes[most.answer]}, ${most.count} ${most.count === 1 ? "time" : "times"}.`;
}
