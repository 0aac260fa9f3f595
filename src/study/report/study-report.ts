/** @file A study's report: one HTML file from finished runs, which opens without a network. */
import { claimOf, dark, html, jsonText, light, page, seedsTables, type Html } from "../../report/index.ts";
import { comparisonTables, gainMatrix, gainProfile } from "../compare/index.ts";
import type { GroupComparison } from "../compare-study.ts";
import { isBeyondNoise } from "../compare/comparison.ts";
import { costSection } from "./cost-section.ts";
import { linesOf, linesPart, profileLines } from "./lines-part.ts";
import { matrixPart } from "./matrix-part.ts";
import type { StudyReportInput } from "./input.ts";
import { protocolSection, troubleSection } from "./protocol-section.ts";

/** The whole page. */
export function studyReport(input: StudyReportInput): Promise<string> {
  const { name, groups, runs, troubles, unfinished, limbeck, uPlot } = input;
  const overall = gainProfile(groups.map(({ comparison }) => comparison));
  const across = overall ? [profileLines(overall, "Share of runs above a gain", "Gain, points")] : [];
  const lines = groups.map(linesOf);
  const plots = [...lines.flat(), ...across].map(({ plot }) => plot);
  const isMixed = [runs.map(({ engine }) => engine), runs.map(({ machine }) => machine)].some(
    (all) => new Set(all).size > 1,
  );
  return page({
    title: `Limbeck: ${name}`,
    eyebrow: `Limbeck, ${name}, ${runs.length} runs`,
    headline: groups.length === 1 ? claimOf(groups[0]?.comparison.headline ?? "") : overview(groups),
    sections: [
      ...groups.map((group, i) => {
        const title = group.group === "" ? "Over seeds" : group.group;
        return [
          `group-${i + 1}`,
          title,
          groupSection(group, `group-${i + 1}`, title, linesPart(lines[i] ?? [])),
        ] as const;
      }),
      ["all", "All comparisons", acrossSection(linesPart(across))],
      ["cost", "Accuracy and cost", costSection(groups, isMixed)],
      ["failed", "Runs without a result", troubleSection(troubles, unfinished)],
      ["making", "How it was made", protocolSection(input)],
    ],
    limbeck,
    data: html`<script type="application/json" id="curves">
      ${jsonText({ light, dark, plots })}
    </script>`,
    uPlot,
  });
}

function groupSection({ group, comparison }: GroupComparison, id: string, title: string, lines: Html | false): Html {
  const matrix = gainMatrix(comparison);
  const { rows, headline, notes } = comparison;
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${group !== "" && html`<p>${headline}</p>`}
    ${rows.length > 0 && seedsTables({ notes, tables: comparisonTables(comparison) }, group)} ${lines}
    ${matrix && matrixPart(matrix, group)}
  </section>`;
}

function acrossSection(lines: Html | false): Html | false {
  return (
    lines &&
    html`<section id="all" aria-labelledby="all-title">
      <h2 id="all-title">All comparisons</h2>
      <p class="quiet">Gains over the student alone on the same seed, those of a method in all comparisons together.</p>
      ${lines}
    </section>`
  );
}

/** In how many comparisons something was found, and the largest gain of all. */
function overview(groups: readonly GroupComparison[]): ReturnType<typeof claimOf> {
  const gains = groups.flatMap(({ group, comparison }) =>
    comparison.rows.flatMap(({ title, gain }) => (gain ? [{ group, title, gain, headline: comparison.headline }] : [])),
  );
  const found = new Set(gains.filter(({ gain }) => isBeyondNoise(gain) && gain.mean > 0).map(({ group }) => group))
    .size;
  const [best] = gains.toSorted((a, b) => b.gain.mean - a.gain.mean);
  if (!best)
    return {
      claim: groups.length === 0 ? "No student has finished." : `${groups.length} comparisons without a gain yet.`,
      context: "",
      caution: "",
    };
  return {
    claim: `In ${found === 0 ? "none" : found} of ${groups.length} comparisons a method is better than noise.`,
    context: `The largest gain is in ${best.group}: ${best.headline}`,
    caution: "P values are adjusted within each comparison, not over all of them.",
  };
}
