/** @file The first page: every run and study below the folder. */
import { hostname } from "node:os";
import { html, percent, runTable, type Html } from "../../report/index.ts";
import { about, bar, moment, progressBar, several, speed, stateCell, timeLeft, underWay } from "./cells.ts";
import { nameOf, otherHost, type RunView } from "./run-view.ts";
import { shell } from "./shell.ts";
import type { StudyView } from "./study-view.ts";

export interface Overview {
  readonly root: string;
  readonly isThere: boolean;
  readonly runs: readonly RunView[];
  readonly studies: readonly StudyView[];
  readonly problems: readonly string[];
}

export function overviewPage({ root, isThere, runs, studies, problems }: Overview, failed: Html, form: Html): Html {
  const running = runs.filter(({ state }) => state === "running").length;
  const inStudies = studies.reduce(
    (sum, { runs: all }) => sum + all.filter(({ state }) => state === "running").length,
    0,
  );
  return shell({
    title: `Limbeck: ${root}`,
    eyebrow: `Limbeck, live on ${hostname()}`,
    headline: headline(running + inStudies, runs, studies),
    lead: isThere
      ? root
      : `${root} does not exist yet. Runs show here when they begin: limbeck train --out ${root}/first`,
    parts: [
      html`<div id="damage" data-live>
        ${problems.map((problem) => html`<p class="caution">${problem}</p>`)}${failed}
      </div>`,
      html`<div id="studies" data-live>${studies.length > 0 && studiesSection(studies)}</div>`,
      html`<div id="runs" data-live>${runs.length > 0 && runsSection(runs)}</div>`,
      form,
    ],
  });
}

function headline(running: number, runs: readonly RunView[], studies: readonly StudyView[]): string {
  if (runs.length + studies.length === 0) return "No runs yet";
  const all = [
    ...(studies.length > 0 ? [several(studies.length, "study", "studies")] : []),
    ...(runs.length > 0 ? [several(runs.length, "run")] : []),
  ];
  return `${running === 0 ? "Nothing is running" : `${several(running, "run is", "runs are")} under way`}: ${all.join(" and ")}`;
}

function studiesSection(studies: readonly StudyView[]): Html {
  const count = ({ runs }: StudyView, ...states: readonly string[]): Html | undefined => {
    const number = runs.filter(({ state }) => states.includes(state)).length;
    return number === 0 ? undefined : html`${number}`;
  };
  const rows = studies.map((study) => ({ ...study, title: link("study", study.id, study.name) }));
  return html`<section aria-labelledby="studies-title">
    <h2 id="studies-title">Studies</h2>
    ${runTable("Studies", rows, [
      ["Done", (study) => studyBar(study), "accuracy"],
      ["Running", (study) => count(study, "running")],
      ["Waiting", (study) => count(study, "waiting")],
      ["Stopped", (study) => count(study, "stopped", "silent")],
      ["Set aside", (study) => count(study, "set aside", "damaged")],
      ["Time left", ({ secondsLeft }) => (secondsLeft === undefined ? undefined : html`${about(secondsLeft)}`)],
    ])}
    ${studies.map(({ name, problem }) => problem !== undefined && html`<p class="caution">${name}: ${problem}</p>`)}
  </section>`;
}

export function studyBar({ runs }: Pick<StudyView, "runs">): Html | undefined {
  const done = runs.filter(({ state }) => state === "done").length;
  return runs.length === 0 ? undefined : bar(done / runs.length, `${done} of ${runs.length}`, "var(--right)");
}

const order: readonly RunView["state"][] = ["running", "silent", "damaged", "stopped", "finished"];

function runsSection(runs: readonly RunView[]): Html {
  const rows = runs
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.date - a.date)
    .map((run) => ({
      ...run,
      title: html`<input
          type="checkbox"
          name="run"
          value="${run.id}"
          aria-label="Compare ${nameOf(run)}"
        />${link("run", run.id, nameOf(run))} <small>${run.command} ${run.dataset}</small>`,
    }));
  const measures = new Set(runs.filter(({ accuracy }) => accuracy !== undefined).map(({ measure }) => measure));
  return html`<section aria-labelledby="runs-title">
    <h2 id="runs-title">Runs</h2>
    <form action="compare" method="get">
      <p class="quiet">Figures of a run under way are as of its last save, after each epoch or 15 seconds.</p>
      ${runTable("Runs", rows, [
        ["Progress", progressOf, "accuracy"],
        ["State", ({ state }) => stateCell(state)],
        [
          measures.size === 1 ? ([...measures][0] ?? "Accuracy") : "Accuracy",
          ({ accuracy }) => (accuracy === undefined ? undefined : html`${percent(accuracy)}`),
        ],
        ["Images a second", (run) => (run.state === "running" ? speed(underWay(run)) : undefined)],
        ["Time left", timeLeftOf],
        ["Changed", ({ date }) => html`<span class="moment">${moment(date)}</span>`],
      ])}
      <p class="actions"><button>Compare the ticked runs</button></p>
    </form>
  </section>`;
}

function progressOf(run: RunView): Html {
  if (run.problem !== undefined) return html`<small>${run.problem}</small>`;
  const progress = underWay(run);
  if (progress) return progressBar(progress);
  const done = run.networks.filter(({ isDone }) => isDone).length;
  if (run.state === "finished") return bar(1, several(done, "network"), "var(--right)");
  return bar(
    done / Math.max(1, run.networks.length),
    done === 0 ? "begun" : `${done} of ${several(run.networks.length, "network")}`,
  );
}

/** With the machine, where it is another. */
function timeLeftOf(run: RunView): Html | undefined {
  const left = timeLeft(run.state, underWay(run));
  const host = run.holder && otherHost(run.holder);
  if (left === undefined && host === undefined) return undefined;
  return html`${left ?? ""}${host !== undefined && html` <small>on ${host}</small>`}`;
}

export function link(page: string, id: string, text: string): Html {
  return html`<a href="${page}?id=${encodeURIComponent(id)}">${text}</a>`;
}
