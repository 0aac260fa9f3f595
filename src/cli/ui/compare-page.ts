/** @file Chosen runs beside each other: a table over their seeds, and their curves in the same plots. */
import { html, type Html } from "../../report/index.ts";
import type { GroupComparison } from "../../study/index.ts";
import { several } from "./cells.ts";
import { link } from "./overview-page.ts";
import { charted, trainingSection, type NetworkDetails } from "./run-page.ts";
import { shell } from "./shell.ts";
import { tableOf } from "./study-page.ts";

export interface Chosen {
  readonly id: string;
  readonly networks: readonly NetworkDetails[];
}

export function comparePage(
  chosen: readonly Chosen[],
  groups: readonly GroupComparison[],
  problem: string | undefined,
): Html {
  const networks = chosen.flatMap(({ id, networks: all }) =>
    all.map((each) => ({
      ...each,
      name: `${id}/${each.network.name}`,
      title: `${id}: ${each.network.title}`,
    })),
  );
  const steps = Object.fromEntries(networks.map(({ name, steps: all }) => [name, all]));
  return shell({
    title: "Limbeck: runs compared",
    eyebrow: html`<a href="./">All runs</a>`,
    headline: chosen.length === 0 ? "Tick some runs to compare them" : `${several(chosen.length, "run")} side by side`,
    lead: html`${chosen.map(({ id }, i) => html`${i > 0 && ", "}${link("run", id, id)}`)}`,
    parts: [
      html`<div id="table" data-live>
        ${problem !== undefined && html`<p class="caution">${problem}</p>`}${groups.map(tableOf)}
      </div>`,
      html`<div id="training">
        ${trainingSection(
          networks.flatMap((each) => charted(each, each.title, each.name)),
          steps,
        )}
      </div>`,
    ],
  });
}
