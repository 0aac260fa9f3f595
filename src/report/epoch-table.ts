/** @file A figure of every epoch of every run, in a table that opens on demand. */
import type { EpochRecord, RunRecord } from "../experiment/record.ts";
import { html, type Html } from "./html.ts";

/** Runs without such a figure have no column; nothing where none has one. */
export function epochTable(
  caption: string,
  runs: readonly RunRecord[],
  figure: (epoch: EpochRecord) => string | undefined,
): Html | false {
  const columns = runs.flatMap(({ title, epochs }) => {
    const figures = epochs.map(figure);
    return figures.some((text) => text !== undefined) ? [{ title, figures }] : [];
  });
  if (columns.length === 0) return false;
  const length = Math.max(...columns.map(({ figures }) => figures.length));
  return html`<details>
    <summary>${caption}</summary>
    <div class="scroll" role="region" tabindex="0" aria-label="${caption}">
      <table class="classes">
        <thead>
          <tr>
            <th scope="col">Epoch</th>
            ${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${Array.from(
            { length },
            (_, epoch) =>
              html`<tr>
                <th scope="row">${epoch + 1}</th>
                ${columns.map(({ figures }) => html`<td>${figures[epoch] ?? "–"}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
