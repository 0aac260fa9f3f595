/** @file Shows an experiment while it runs: a live line on a terminal, lines at intervals elsewhere. Always on stderr. */
import { createLogUpdate } from "log-update";
import type { ImagesProgress } from "../data/node/images/make-shards.ts";
import type { DownloadProgress } from "../data/node/download.ts";
import { imagesMeasured } from "../experiment/agreement.ts";
import type { ExperimentEvent, UncachedTeacherEvent, RunEndEvent, RunStartEvent } from "../experiment/events.ts";
import type { EpochEvent, Progress } from "../train/index.ts";
import { printable } from "../printable.ts";
import { largestShare, bytes, comparedPlaces, duration, loss, percent } from "../report/index.ts";
import { checkWorkingFolder } from "./folders.ts";
import { interruptible } from "./follow.ts";
import { DownloadPace, Meter, bar, downloadLine, fitted, percentColumns, statusLine, type Work } from "./meter.ts";
import { style } from "./output.ts";

/** Watches an experiment. */
export interface Display {
  show(event: ExperimentEvent): void;
  /** How far other work is. */
  readonly work: (work: Work) => void;
  readonly pictures: (progress: ImagesProgress) => void;
  readonly answers: (progress: Progress) => void;
  readonly download: (progress: DownloadProgress) => void;
  /** A line that stays, made safe to show. */
  note(text: string): void;
  /** Leaves the terminal as a shell expects it. */
  close(): void;
}

/** Long work that shows its progress and that Ctrl-C stops. Throws as the work; OUTPUT where the working folder is gone. */
export async function shownWork<Result>(
  perform: (shown: Display, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  checkWorkingFolder();
  const shown = display();
  return interruptible(
    (signal) => perform(shown, signal),
    () => shown.note("Stopping; Ctrl-C again stops at once."),
  ).finally(() => shown.close());
}

export function display(stream: NodeJS.WriteStream = process.stderr): Display {
  const shown = stream.isTTY ? liveDisplay(stream) : plainDisplay(stream);
  return {
    ...shown,
    pictures: ({ step, done, total }) => shown.work({ title: pictureWork[step], unit: "picture", done, total }),
    answers: (progress) => shown.work({ title: "Teacher's answers", unit: "picture", ...progress }),
  };
}

const pictureWork: Readonly<Record<ImagesProgress["step"], string>> = {
  listing: "Looking for pictures",
  checking: "Checking pictures that were decoded before",
  decoding: "Decoding pictures",
  waiting: "Waiting for another run that decodes these pictures",
};

const framesPerSecond = 10;
const plainIntervalSeconds = 10;

function liveDisplay(stream: NodeJS.WriteStream): Omit<Display, "pictures" | "answers"> {
  const line = createLogUpdate(stream);
  const meter = new Meter();
  const pace = new DownloadPace();
  let drawn = -Infinity;
  const draw = (text: (columns: number) => string, done: number, total: number): void => {
    const now = seconds();
    if (now - drawn < 1 / framesPerSecond) return;
    drawn = now;
    // NOTE: some terminals say 0. A line as wide as the terminal would leave the cursor on the next.
    const columns = (stream.columns || 80) - 1;
    const width = Math.max(0, Math.min(40, columns - percentColumns));
    line(`${text(columns)}\n${style("cyan", bar(done, total, width), stream)}`);
  };
  const write = (text: string): void => {
    line.clear();
    stream.write(`${text}\n`);
    drawn = -Infinity;
  };
  const note = (text: string): void => write(printable(text));
  return {
    show(event) {
      const status = meter.update(event, seconds());
      if (status) draw((columns) => statusLine(status, columns), status.done, status.total);
      if (event.kind === "run-start") for (const line of startLines(event)) note(line);
      if (event.kind === "run-end") write(`${style("green", "✓", stream)} ${printable(finished(event))}`);
      if (event.kind === "uncached-teacher") note(uncachedLine(event));
      if (event.kind === "note") note(event.text);
    },
    work(work) {
      const status = meter.work(work, seconds());
      draw((columns) => statusLine(status, columns), status.done, status.total || 1);
    },
    download(progress) {
      const left = pace.secondsLeft(progress, seconds());
      if (progress.note !== undefined) note(progress.note);
      else draw((columns) => fitted(downloadLine(progress, left), columns), progress.received, progress.total);
    },
    note,
    close: () => {
      line.clear();
      line.done();
    },
  };
}

function plainDisplay(stream: NodeJS.WriteStream): Omit<Display, "pictures" | "answers"> {
  const meter = new Meter();
  const pace = new DownloadPace();
  let place = "";
  let printed = seconds();
  const note = (text: string): void => {
    stream.write(`${printable(text)}\n`);
    printed = seconds();
  };
  const isTime = (): boolean => seconds() - printed >= plainIntervalSeconds;
  return {
    show(event) {
      const status = meter.update(event, seconds());
      if (event.kind === "run-start") {
        place = `[${event.index}/${event.runs}] ${event.title}`;
        note(place);
        for (const line of startLines(event)) note(line);
      } else if (event.kind === "epoch") {
        note(`${place}  ${epochLine(event)}`);
      } else if (event.kind === "uncached-teacher") {
        note(uncachedLine(event));
      } else if (event.kind === "note") {
        note(event.text);
      } else if (event.kind === "run-end") {
        note(`done: ${finished(event)}`);
      } else if (status && isTime()) {
        note(statusLine(status));
      }
    },
    work(work) {
      const status = meter.work(work, seconds());
      if (isTime()) note(statusLine(status));
    },
    download(progress) {
      const left = pace.secondsLeft(progress, seconds());
      if (progress.note !== undefined) note(progress.note);
      else if (isTime()) note(downloadLine(progress, left));
    },
    note,
    close: () => {},
  };
}

function epochLine({ phase, epoch, epochs, loss: mean, validationAccuracy, seconds }: EpochEvent): string {
  const validation = validationAccuracy === undefined ? "" : `  validation ${percent(validationAccuracy)}`;
  return `${phase ? `${phase} ` : ""}epoch ${epoch}/${epochs}  loss ${loss(mean)}${validation}  ${duration(seconds)}`;
}

function startLines({ run, pairs = [], lastEpoch }: RunStartEvent): string[] {
  const end = lastEpoch && `ends after step ${lastEpoch.steps} of ${lastEpoch.of} of epoch ${lastEpoch.epoch}`;
  return [...comparedPlaces(pairs), ...(end === undefined ? [] : [end])].map((line) => `${run}: ${line}`);
}

/** A teacher's pass that takes more steps of its student than this is not told in passing. */
const muchSteps = 3;

function uncachedLine({ run, reason, bytes: needed, limit, cost = 0, couldBeKept }: UncachedTeacherEvent): string {
  const why =
    reason === "views"
      ? "images are augmented, and it has to see them as the student does"
      : `its outputs would take ${bytes(needed)}, and may take ${bytes(limit)} (--teacher-memory)`;
  const line = `${run}: the teacher runs in each step; ${why}`;
  if (cost < muchSteps) return line;
  const offer = couldBeKept ? "; --teacher-sees mean (or flip) asks it twice an image, once and for all" : "";
  return `${line}. By multiply-adds, its pass takes ${cost.toFixed(cost < 10 ? 1 : 0)} times a step of the student${offer}`;
}

function finished({ record, resumed }: RunEndEvent): string {
  const { title, test, train, seconds, teacherSeconds, measure } = record;
  const time = resumed ? "done before" : duration(seconds + teacherSeconds);
  const said = measure === "agreement" ? "agrees with the teacher on " : "";
  const balanced =
    largestShare(test, record) === undefined ? "" : `, ${percent(test.balancedAccuracy)} as the mean over classes`;
  return `${title}: ${said}${percent(test.accuracy)} of the ${imagesMeasured(record)}${balanced}${train ? `, ${percent(train.accuracy)} of the training images` : ""}, ${time}`;
}

function seconds(): number {
  return performance.now() / 1000;
}
