/** @file A table with a line a run, which stacks its cells where the page is narrow. */
import { html, type Content, type Html } from "./html.ts";

/** A heading, the cell of a row, and whether that is the wide one with a bar. */
export type Column<Row> = readonly [
  heading: string,
  cell: (row: Row, index: number) => Html | undefined,
  kind?: "accuracy",
];

/**
 * A line a run; a column that no run fills is left out.
 *
 * NOTE: roles are spelled out because the narrow layout takes the table's display away, and with it what browsers infer.
 */
export function runTable<Row extends { readonly title: Content }>(
  label: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): Html {
  const kept = columns.filter(([, cell]) => rows.some((row, i) => cell(row, i)));
  return html`<table class="runs" role="table" aria-label="${label}">
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">Run</th>
        ${kept.map(([heading, , kind]) => html`<th role="columnheader" scope="col" class="${kind}">${heading}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row, i) =>
          html`<tr role="row">
            <th role="rowheader" scope="row">${row.title}</th>
            ${kept.map(([heading, cell, kind]) =>
              kind
                ? html`<td role="cell" class="${kind}">${cell(row, i)}</td>`
                : html`<td role="cell" data-label="${heading}">${cell(row, i) ?? "–"}</td>`,
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
}
