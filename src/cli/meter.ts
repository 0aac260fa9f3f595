/** @file How fast a run or a download goes and how long it will take, from its events and a clock, and how a line shows it. */
import stringWidth from "string-width";
import type { DownloadProgress } from "../data/node/download.ts";
import type { ExperimentEvent } from "../experiment/events.ts";
import { bytes, count, duration } from "../report/index.ts";
import { oneLine } from "../printable.ts";

/** What is shown of the work under way. */
export interface Status {
  /** `Student, soft targets`, or what is done for it. */
  readonly title: string;
  /** This run among all: `[3/5]`. Empty before the first. */
  readonly place: string;
  /** `epoch 2/4`; empty for work without epochs. */
  readonly epoch: string;
  readonly unit: "step" | "image" | "picture" | "network" | "run";
  readonly done: number;
  readonly total: number;
  readonly loss?: number;
  /** Not known at the start. */
  readonly imagesPerSecond?: number;
  /** Until this run, or this pass over the images, is over. */
  readonly secondsLeft?: number;
}

/** Work that belongs to no run: pictures that are decoded or classified. */
export interface Work {
  /** `Decoding pictures` */
  readonly title: string;
  readonly unit: "picture" | "image" | "network" | "run";
  readonly done: number;
  /** 0 while nobody knows. */
  readonly total: number;
}

/** Follows an experiment. Times are in seconds, of any clock that only goes forward. */
export class Meter {
  #title = "";
  #place = "";
  #images = 0;
  #paceStart = { work: "", done: 0, time: 0 };

  /** The status after this event; `undefined` for one that leaves nothing under way. */
  update(event: ExperimentEvent, time: number): Status | undefined {
    const place = { title: this.#title, place: this.#place, epoch: "" };
    switch (event.kind) {
      case "run-start": {
        const { run, title, index, runs, done, total, images } = event;
        this.#title = title;
        this.#images = images;
        this.#place = `[${index}/${runs}]`;
        this.#paceStart = { work: `train ${run}`, done, time };
        return total > 0 ? { title, place: this.#place, epoch: "", unit: "step", done, total } : undefined;
      }
      case "step": {
        const { step: done, steps: total, phase, epoch, epochs, stepsPerEpoch, loss } = event;
        const pace = this.#pace(`train ${event.run}`, done, total, time, this.#images / stepsPerEpoch);
        return {
          ...place,
          epoch: `${phase ? `${phase} ` : ""}epoch ${epoch}/${epochs}`,
          unit: "step",
          done,
          total,
          loss,
          ...pace,
        };
      }
      case "teacher-outputs":
      case "validation":
      case "evaluate": {
        const { done, total } = event;
        const images = `${event.kind === "evaluate" ? event.images : "validation"} images`;
        const title =
          event.kind === "teacher-outputs" ? "Teacher's outputs" : [this.#title, images].filter(Boolean).join(": ");
        const epoch = event.kind === "validation" ? ` ${event.epoch}` : "";
        const pace = this.#pace(`${event.kind} ${this.#place}${epoch}`, done, total, time, 1);
        return { ...place, title, unit: "image", done, total, ...pace };
      }
      case "timing": {
        const work = { title: "Timing the networks", unit: "network", done: 0, total: event.networks } as const;
        return this.work(work, time);
      }
      case "epoch":
      case "uncached-teacher":
      case "note":
      case "run-end":
      case "end":
        return undefined;
    }
  }

  /** The status of other work. */
  work({ title, unit, done, total }: Work, time: number): Status {
    return { title, place: "", epoch: "", unit, done, total, ...this.#pace(title, done, total, time, 1) };
  }

  /** The rate since this piece of work was first seen; nothing at its first sight. */
  #pace(
    work: string,
    done: number,
    total: number,
    time: number,
    imagesPerUnit: number,
  ): Pick<Status, "imagesPerSecond" | "secondsLeft"> {
    if (this.#paceStart.work !== work) this.#paceStart = { work, done, time };
    const rate = (done - this.#paceStart.done) / (time - this.#paceStart.time);
    return Number.isFinite(rate) && rate > 0
      ? { imagesPerSecond: rate * imagesPerUnit, secondsLeft: (total - done) / rate }
      : {};
  }
}

/** Before, too few bytes have come to tell. */
const steadySeconds = 2;

/** Follows a download. Times are in seconds, of any clock that only goes forward. */
export class DownloadPace {
  #start: { readonly step: string; readonly received: number; readonly time: number } | undefined;

  /** Seconds until the step is over, by the bytes that came since it was first seen; `undefined` at its beginning. */
  secondsLeft({ step, received, total }: DownloadProgress, time: number): number | undefined {
    if (this.#start?.step !== step) this.#start = { step, received, time };
    const seconds = time - this.#start.time;
    const came = received - this.#start.received;
    if (came < 0) this.#start = { step, received, time }; // it began again
    return seconds >= steadySeconds && came > 0 ? ((total - received) / came) * seconds : undefined;
  }
}

/**
 * `[3/5] Student, cosine  epoch 2/4  step 35/64  loss 1.234  9,812 images/s  34 s left`, without what is unknown; in fewer
 * columns, without what matters least, and cut at their end.
 */
export function statusLine(status: Status, columns = Infinity): string {
  const { title, place, epoch, unit, done, total, loss, imagesPerSecond, secondsLeft } = status;
  const parts = {
    what: oneLine(`${place} ${title}`.trim()),
    epoch: oneLine(epoch),
    step: total === 0 && done === 0 ? "" : `${unit} ${count(done)}/${count(total)}`,
    loss: loss === undefined ? "" : `loss ${loss.toPrecision(4)}`,
    rate:
      imagesPerSecond === undefined ? "" : `${count(imagesPerSecond)} ${unit === "picture" ? "pictures" : "images"}/s`,
    left: secondsLeft === undefined ? "" : `${duration(secondsLeft)} left`,
  };
  const line = (): string => Object.values(parts).filter(Boolean).join("  ");
  for (const part of ["rate", "step", "loss", "left"] as const) {
    if (stringWidth(line()) <= columns) break;
    parts[part] = "";
  }
  return fitted(line(), columns);
}

/** `Downloading cifar-10-binary.tar.gz  12.3 MB of 170 MB  34 s left`, or what else is done with it. */
export function downloadLine({ url, step, received, total }: DownloadProgress, secondsLeft?: number): string {
  const verb = { waiting: "Waiting for", downloading: "Downloading", unpacking: "Unpacking" }[step];
  const left = secondsLeft === undefined ? "" : `  ${duration(secondsLeft)} left`;
  return `${verb} ${url.slice(url.lastIndexOf("/") + 1)}  ${bytes(received)} of ${bytes(total)}${left}`;
}

/** The line, cut where the terminal ends. */
export function fitted(line: string, columns: number): string {
  if (stringWidth(line) <= columns) return line;
  let left = columns - 1;
  let shown = "";
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    left -= stringWidth(segment);
    if (left < 0) break;
    shown += segment;
  }
  return `${shown.trimEnd()}…`;
}

/** Columns of a bar's percentage, with the space before it. */
export const percentColumns = 5;

/** `━━━━━━━━────────  50%`: `width` columns and a percentage. */
export function bar(done: number, total: number, width: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const filled = Math.floor(share * width);
  return `${"━".repeat(filled)}${"─".repeat(width - filled)} ${String(Math.floor(share * 100)).padStart(3)}%`;
}
