/** @file Tables over seeds, a line a method: of an experiment with several seeds, and of each comparison of a study. */
import { html, type Html } from "./html.ts";
import { runTable, type Column } from "./run-table.ts";

/** A comparison over seeds, as text. */
export interface SeedsTable {
  readonly headline: string;
  readonly notes: readonly string[];
  readonly tables: readonly {
    /** For people: `Gain`. */
    readonly label: string;
    /** The headings, then a line for each method. */
    readonly lines: readonly (readonly string[])[];
  }[];
}

/** Rows that a page shows at once; more scroll. */
const SHOWN = 20;

export function seedsSection(table: SeedsTable): Html {
  return html`<section id="seeds" aria-labelledby="seeds-title">
    <h2 id="seeds-title">Over seeds</h2>
    ${seedsTables(table)}
  </section>`;
}

/** The tables, and what a reader has to know. `group` says of what, where a page has several. */
export function seedsTables({ tables, notes }: Omit<SeedsTable, "headline">, group = ""): Html {
  return html`${tables.map(({ label, lines }, i) => {
      const name = group === "" ? label : `${label}, ${group}`;
      const shown = seedsTable(name, lines);
      return html`${i > 0 && html`<h3>${label}</h3>`}
      ${
        lines.length > SHOWN + 1
          ? html`<div class="scroll tall" role="region" tabindex="0" aria-label="${name}, all rows">${shown}</div>`
          : shown
      }`;
    })}
    <p class="quiet">${notes.join(" ")}</p>`;
}

function seedsTable(label: string, [headings = [], ...rows]: readonly (readonly string[])[]): Html {
  const lines = rows.map(([title = "", ...cells]) => ({ title, cells }));
  const columns = headings
    .slice(1)
    .map((heading, i): Column<(typeof lines)[number]> => [
      heading,
      ({ cells }) => (cells[i] ? html`${cells[i]}` : undefined),
    ]);
  return runTable(label, lines, columns);
}
