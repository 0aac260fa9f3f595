/** @file The page of a study: the table so far, and its runs by state. */
import { html, runTable, seedsSection, type Html } from "../../report/index.ts";
import { comparisonTables, type GroupComparison } from "../../study/index.ts";
import { about, progressBar, several, stateCell, underWay } from "./cells.ts";
import { nameOf } from "./run-view.ts";
import { link, studyBar } from "./overview-page.ts";
import { shell } from "./shell.ts";
import type { StudyRunView, StudyTable, StudyView } from "./study-view.ts";

/** Lines of the list of runs; those that say most come first. */
const MOST_RUNS = 300;
const order: readonly StudyRunView["state"][] = [
  "running",
  "set aside",
  "damaged",
  "silent",
  "stopped",
  "waiting",
  "done",
];

export function studyPage(study: StudyView, { groups, problem }: StudyTable, actions: Html | false): Html {
  const { runs, secondsLeft } = study;
  const done = runs.filter(({ state }) => state === "done").length;
  const left = secondsLeft === undefined ? "" : `, about ${about(secondsLeft)} left`;
  const problems = [study.problem, problem].filter((text) => text !== undefined);
  return shell({
    title: `Limbeck: ${study.name}`,
    eyebrow: html`<a href="./">All runs</a>, study ${nameOf(study)}`,
    headline: `${study.name}: ${done} of ${several(runs.length, "run")} done${left}`,
    lead: study.folder,
    parts: [
      html`<div id="actions" data-live>${actions}${problems.map((text) => html`<p class="caution">${text}</p>`)}</div>`,
      html`<div id="table" data-live>${groups.map(tableOf)}</div>`,
      html`<div id="runs" data-live>${runs.length > 0 && runsSection(study)}</div>`,
    ],
  });
}

/** As the report has it, with its headline. */
export function tableOf({ group, comparison }: GroupComparison): Html {
  return html`${seedsSection({ ...comparison, tables: comparisonTables(comparison).slice(0, 1) })}
    <p class="caution">${group !== "" && `${group}: `}${comparison.headline}</p>`;
}

function runsSection(study: StudyView): Html {
  const { runs, id } = study;
  const rows = runs
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
    .slice(0, MOST_RUNS)
    .map((each) => ({
      ...each,
      title: each.state === "waiting" ? each.run.title : link("run", `${id}/runs/${each.run.id}`, each.run.title),
    }));
  const rest = runs.length - rows.length;
  return html`<section aria-labelledby="runs-title">
    <h2 id="runs-title">Runs</h2>
    ${studyBar(study)}
    ${runTable("Runs", rows, [
      [
        "Progress",
        ({ view, failure }) =>
          html`${view && progressOf(view)}${failure && html`<small>failed ${failure.date.slice(0, 16)}: ${failure.message}</small>`}`,
        "accuracy",
      ],
      ["State", ({ state }) => stateCell(state)],
    ])}
    ${rest > 0 && html`<p class="quiet">And ${several(rest, "more run")}, done or waiting.</p>`}
  </section>`;
}

function progressOf(view: NonNullable<StudyRunView["view"]>): Html | undefined {
  if (view.problem !== undefined) return html`<small>${view.problem}</small>`;
  const progress = underWay(view);
  return progress && progressBar(progress);
}
