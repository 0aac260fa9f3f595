/** @file The report's table over seeds: a line a method, where an experiment has several seeds. */
import { html, type Html } from "./html.ts";

/** A comparison over seeds, as text. */
export interface SeedsTable {
  readonly headline: string;
  readonly notes: readonly string[];
  /** The headings, then a line for each method. */
  readonly lines: readonly (readonly string[])[];
}

export function seedsSection({ lines: [headings = [], ...rows], notes }: SeedsTable): Html {
  const [, ...others] = headings;
  return html`<section id="seeds" aria-labelledby="seeds-title">
    <h2 id="seeds-title">Over seeds</h2>
    <table class="runs" role="table" aria-label="Over seeds">
      <thead role="rowgroup">
        <tr role="row">
          ${headings.map((heading) => html`<th role="columnheader" scope="col">${heading}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          ([title, ...cells]) =>
            html`<tr role="row">
              <th role="rowheader" scope="row">${title ?? ""}</th>
              ${cells.map((cell, i) => html`<td role="cell" data-label="${others[i] ?? ""}">${cell || "–"}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
    <p class="quiet">${notes.join(" ")}</p>
  </section>`;
}
