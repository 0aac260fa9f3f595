/** @file How fast a run or a download goes, how long it will take and how its losses fall, from its events and a clock. */
import type { DownloadProgress } from "../data/node/download.ts";
import type { ExperimentEvent } from "../experiment/index.ts";

/** Parts of a run whose mean loss is kept: the columns of a line of losses. */
const lossParts = 32;

/** What is shown of the work under way. */
export interface Status {
  /** `Student, soft targets`, or what is done for it. */
  readonly title: string;
  /** This run among all: `[3/5]`. Empty before the first. */
  readonly place: string;
  /** `epoch 2/4`; empty for work without epochs. */
  readonly epoch: string;
  readonly unit: "step" | "image" | "picture" | "network" | "run" | "byte";
  readonly done: number;
  readonly total: number;
  readonly loss?: number;
  /** The run's losses so far, in its parts that a line shows. */
  readonly losses?: readonly number[];
  /** Accuracies on the validation images so far, in percent. */
  readonly validations?: readonly number[];
  /** Not known at the start. */
  readonly imagesPerSecond?: number;
  /** Until this run, or this pass over the images, is over. */
  readonly secondsLeft?: number | undefined;
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
  #losses: { readonly sum: number; readonly count: number }[] = [];
  #validations: number[] = [];

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
        this.#losses = [];
        this.#validations = [];
        return total > 0 ? { title, place: this.#place, epoch: "", unit: "step", done, total } : undefined;
      }
      case "step": {
        const { step: done, steps: total, phase, epoch, epochs, stepsPerEpoch, loss } = event;
        const pace = this.#pace(`train ${event.run}`, done, total, time, this.#images / stepsPerEpoch);
        const part = Math.floor(((done - 1) / total) * Math.min(lossParts, total));
        const { sum, count } = this.#losses[part] ?? { sum: 0, count: 0 };
        this.#losses[part] = { sum: sum + loss, count: count + 1 };
        return {
          ...place,
          epoch: `${phase ? `${phase} ` : ""}epoch ${epoch}/${epochs}`,
          unit: "step",
          done,
          total,
          loss,
          // A resumed run's earlier ones are not known.
          losses: this.#losses.flatMap((part) => (part ? part.sum / part.count : [])),
          validations: this.#validations,
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
        if (event.validationAccuracy !== undefined) this.#validations.push(event.validationAccuracy);
        return undefined;
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

/** `Downloading cifar-10-binary.tar.gz`, or what else is done with it. */
export function downloadStatus({ url, step, received, total }: DownloadProgress, secondsLeft?: number): Status {
  const verb = { waiting: "Waiting for", downloading: "Downloading", unpacking: "Unpacking" }[step];
  return {
    title: `${verb} ${url.slice(url.lastIndexOf("/") + 1)}`,
    place: "",
    epoch: "",
    unit: "byte",
    done: received,
    total,
    secondsLeft,
  };
}
