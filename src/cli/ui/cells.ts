/** @file Cells of the live page's tables: states, bars, times. */
import { count, duration, html, percent, runColour, type Html } from "../../report/index.ts";
import type { NetworkProgress, RunView } from "./run-view.ts";
import type { StudyRunState } from "./study-view.ts";

/** For people, and its colour. */
const states: Readonly<Record<RunView["state"] | StudyRunState, readonly [text: string, colour: string]>> = {
  running: ["Running", runColour(2)],
  finished: ["Finished", "var(--right)"],
  done: ["Finished", "var(--right)"],
  stopped: ["Stopped", runColour(1)],
  silent: ["No sign of life", runColour(1)],
  "set aside": ["Set aside", "var(--wrong)"],
  damaged: ["Damaged", "var(--wrong)"],
  waiting: ["Waiting", runColour(0)],
};

export function stateName(state: RunView["state"] | StudyRunState): string {
  return states[state][0];
}

export function stateCell(state: RunView["state"] | StudyRunState): Html {
  const [text, colour] = states[state];
  return html`<span class="state"><span class="swatch" data-style="--colour: ${colour}"></span>${text}</span>`;
}

/** A share from 0 to 1 as a bar, and what it is of. */
export function bar(share: number, text: string, colour: string = runColour(2)): Html {
  return html`<div class="measure">
    <div class="track" data-style="--colour: ${colour}; --at: ${percent(100 * share)}" aria-hidden="true"><i></i></div>
    <span>${text}</span>
  </div>`;
}

export function progressBar({ steps, total, epoch, epochs }: NetworkProgress): Html {
  return bar(steps / total, `epoch ${epoch}/${epochs}`);
}

/** The network that is being trained, as far as it is saved. */
export function underWay({ networks }: Pick<RunView, "networks">): NetworkProgress | undefined {
  return networks.find(({ progress }) => progress)?.progress;
}

export function speed({ imagesPerSecond }: Partial<NetworkProgress> = {}): Html | undefined {
  return imagesPerSecond === undefined ? undefined : html`${count(imagesPerSecond)}`;
}

/** Seconds until a training that goes on is over, as it looks now. */
export function timeLeft(state: string, progress: NetworkProgress | undefined): string | undefined {
  if (state !== "running" || progress?.secondsLeft === undefined) return undefined;
  return about(Math.max(0, progress.secondsLeft - (Date.now() - progress.date) / 1000));
}

/** A time that is only estimated: full minutes, or what is less. */
export function about(seconds: number): string {
  return seconds < 60
    ? `${Math.max(1, Math.round(seconds))} s`
    : duration(60 * Math.round(seconds / 60)).replace(" 00 s", "");
}

/** `2026-01-31 15:45`, by this machine's clock and zone. */
export function moment(milliseconds: number): string {
  return new Date(milliseconds).toLocaleString("sv-SE").slice(0, 16);
}

/** `1 run`, `3 runs` */
export function several(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}
