/** @file The gains of students over each other, as a table with heat. */
import { html, points, type Html } from "../../report/index.ts";
import type { GainMatrix, MatrixCell } from "../compare/index.ts";

/** A row less a column. */
export function matrixPart({ titles, cells }: GainMatrix, group: string): Html {
  const largest = Math.max(...cells.flat().map((cell) => Math.abs(cell?.points ?? 0)), Number.MIN_VALUE);
  const label = group === "" ? "Gains over each other" : `Gains over each other, ${group}`;
  return html`<h3>Gains over each other</h3>
    <p class="quiet">
      Points by which a row is above a column, on the seeds that both have. Bold: beyond noise, by paired t tests
      adjusted for all pairs of this matrix (Holm).
    </p>
    <div class="scroll${titles.length > 15 && " tall"}" role="region" tabindex="0" aria-label="${label}">
      <table class="confusion">
        <thead>
          <tr>
            <td></td>
            ${titles.map((title) => html`<th scope="col"><span title="${title}">${title}</span></th>`)}
          </tr>
        </thead>
        <tbody>
          ${titles.map(
            (title, i) =>
              html`<tr>
                <th scope="row" title="${title}">${title}</th>
                ${(cells[i] ?? []).map((cell) => matrixCell(cell, largest))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function matrixCell(cell: MatrixCell | undefined, largest: number): Html {
  if (!cell) return html`<td class="none">–</td>`;
  const share = (Math.abs(cell.points) / largest).toFixed(1);
  const heat = `--heat: var(--${cell.points < 0 ? "wrong" : "right"}); --share: ${share}`;
  const text = points(cell.points);
  return html`<td data-style="${heat}">${cell.isBeyondNoise ? html`<strong>${text}</strong>` : text}</td>`;
}
