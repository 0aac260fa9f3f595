/** @file The page of a run: its networks, their curves, what stops it or lets it go on. */
import {
  curvesSection,
  html,
  intervalText,
  percent,
  runTable,
  type ChartedRun,
  type Html,
  type StepLoss,
} from "../../report/index.ts";
import type { RunRecord } from "../../experiment/index.ts";
import { about, bar, moment, progressBar, speed, stateCell, stateName, timeLeft, underWay } from "./cells.ts";
import { nameOf, otherHost, type NetworkView, type RunView } from "./run-view.ts";
import { shell } from "./shell.ts";

/** A network with what its record says, where it is done, and its batches so far. */
export interface NetworkDetails {
  readonly network: NetworkView;
  readonly record?: RunRecord | undefined;
  readonly steps: readonly StepLoss[];
  readonly problem?: string | undefined;
}

export interface RunDetails {
  readonly run: RunView;
  readonly networks: readonly NetworkDetails[];
  /** Buttons, and what came of those pressed. */
  readonly actions: Html | false;
  readonly predictions: Html | false;
}

export function runPage({ run, networks, actions, predictions }: RunDetails): Html {
  const problems = [run.problem, ...networks.map(({ problem }) => problem)].filter((text) => text !== undefined);
  return shell({
    title: `Limbeck: ${nameOf(run)}`,
    eyebrow: html`<a href="./">All runs</a>, limbeck ${run.command} on ${run.dataset}, changed ${moment(run.date)}`,
    headline: `${nameOf(run)}: ${headline(run)}`,
    lead: run.folder,
    parts: [
      html`<div id="actions" data-live>
        ${actions}${problems.map((problem) => html`<p class="caution">${problem}</p>`)}
      </div>`,
      html`<div id="networks" data-live>${networks.length > 0 && networksSection(run, networks)}</div>`,
      html`<div id="training">
        ${trainingSection(
          networks.flatMap((each) => charted(each, each.network.title)),
          stepsByName(networks),
        )}
      </div>`,
      html`<div id="predictions" data-live>${predictions}</div>`,
    ],
  });
}

function headline(run: RunView): string {
  const progress = underWay(run);
  const left = timeLeft(run.state, progress);
  const host = run.holder && otherHost(run.holder);
  const what = stateName(run.state).toLowerCase() + (host === undefined ? "" : ` on ${host}`);
  if (!progress) return what;
  return `${what}, epoch ${progress.epoch} of ${progress.epochs}${left === undefined ? "" : `, about ${left} left`}`;
}

function networksSection({ state }: RunView, networks: readonly NetworkDetails[]): Html {
  const rows = networks.map((each) => ({ ...each, title: each.network.title }));
  return html`<section aria-labelledby="networks-title">
    <h2 id="networks-title">Networks</h2>
    ${runTable("Networks", rows, [
      [
        "Progress",
        ({ network: { isDone, isBegun, progress } }) =>
          isDone ? bar(1, "done", "var(--right)") : progress ? progressBar(progress) : bar(0, isBegun ? "begun" : ""),
        "accuracy",
      ],
      ["State", ({ network: { isDone, isBegun } }) => stateCell(isDone ? "done" : isBegun ? state : "waiting")],
      [
        "Accuracy",
        ({ record }) =>
          record && html`${percent(record.test.accuracy)} <small>${intervalText(record.test.interval)}</small>`,
      ],
      ["Validation", (each) => validation(each)],
      ["Images a second", ({ network: { progress } }) => speed(progress)],
      [
        "Time left",
        ({ network: { progress } }) =>
          ((left) => (left === undefined ? undefined : html`${left}`))(timeLeft(state, progress)),
      ],
      ["Training", ({ record }) => record && html`${about(record.seconds)}`],
    ])}
  </section>`;
}

/** The last. */
function validation({ record, network: { progress } }: NetworkDetails): Html | undefined {
  const last = (record?.epochs ?? progress?.position.epochs ?? []).at(-1)?.validationAccuracy;
  return last === undefined ? undefined : html`${percent(last)}`;
}

/** A network as the report's curves have it; nothing of one that has not been saved yet. */
export function charted(
  { network, record, steps }: NetworkDetails,
  title: string,
  name = network.name,
): readonly ChartedRun[] {
  const { progress } = network;
  if (record) return [{ ...record, name, title }];
  if (!progress || steps.length === 0) return [];
  return [
    {
      name,
      title,
      weights: progress.weights,
      epochs: progress.position.epochs.filter(({ phase }) => phase === undefined),
    },
  ];
}

export function trainingSection(
  runs: readonly ChartedRun[],
  steps: Readonly<Record<string, readonly StepLoss[]>>,
): Html | false {
  return runs.length > 0 && curvesSection(runs, steps);
}

function stepsByName(networks: readonly NetworkDetails[]): Readonly<Record<string, readonly StepLoss[]>> {
  return Object.fromEntries(networks.map(({ network, steps }) => [network.name, steps]));
}
