/** @file Shows an experiment while it runs: a block that updates on a terminal, in a log a line an epoch. Always on stderr. */
import { createLogUpdate } from "log-update";
import type { ImagesProgress } from "../data/node/images/make-shards.ts";
import type { DownloadProgress } from "../data/node/download.ts";
import {
  type ExperimentEvent,
  imagesMeasured,
  type RunEndEvent,
  type RunStartEvent,
  type UncachedTeacherEvent,
} from "../experiment/index.ts";
import type { EpochEvent, Progress } from "../train/index.ts";
import { printable } from "../printable.ts";
import { largestShare, bytes, comparedPlaces, duration, loss, percent } from "../report/index.ts";
import { checkWorkingFolder } from "./folders.ts";
import { interruptible } from "./follow.ts";
import { DownloadPace, Meter, downloadStatus, type Status, type Work } from "./meter.ts";
import { style, wrapped } from "./output.ts";
import { progressBlock, statusLine } from "./progress-block.ts";

/** Watches an experiment. */
export interface Display {
  /** Shows how far an experiment is, and a line that stays for what has ended. */
  show(event: ExperimentEvent): void;
  /** Shows how far an experiment is, and its epochs in a log: where other lines say what it is and how it ended. */
  progress(event: ExperimentEvent): void;
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

type Renderer = Omit<Display, "pictures" | "answers">;

function liveDisplay(stream: NodeJS.WriteStream): Renderer {
  const block = createLogUpdate(stream);
  const meter = new Meter();
  const pace = new DownloadPace();
  let drawn = -Infinity;
  const draw = (status: Status): void => {
    const now = seconds();
    if (now - drawn < 1 / framesPerSecond) return;
    drawn = now;
    // NOTE: some terminals say 0. A line as wide as the terminal would leave the cursor on the next.
    const lines = progressBlock(status, (stream.columns || 80) - 1);
    block(lines.map((line) => line.replace(/[━▁-█]+/g, (drawing) => style("cyan", drawing, stream))).join("\n"));
  };
  const write = (text: string): void => {
    block.clear();
    stream.write(`${text}\n`);
    drawn = -Infinity;
  };
  const note = (text: string): void => write(wrapped(printable(text), 2, stream.columns || 80));
  const progress = (event: ExperimentEvent): void => {
    const status = meter.update(event, seconds());
    if (status) draw(status);
  };
  return {
    progress,
    show(event) {
      progress(event);
      if (event.kind === "run-start" && event.lastEpoch) note(lastEpochLine(event.run, event.lastEpoch));
      if (event.kind === "run-end") write(`${style("green", "✓", stream)} ${printable(finished(event))}`);
      if (event.kind === "uncached-teacher") note(uncachedLine(event));
      if (event.kind === "note") note(event.text);
    },
    work: (work) => draw(meter.work(work, seconds())),
    download(progress) {
      const secondsLeft = pace.secondsLeft(progress, seconds());
      if (progress.note !== undefined) note(progress.note);
      else draw(downloadStatus(progress, secondsLeft));
    },
    note,
    close: () => {
      block.clear();
      block.done();
    },
  };
}

function plainDisplay(stream: NodeJS.WriteStream): Renderer {
  const meter = new Meter();
  const pace = new DownloadPace();
  let place = "";
  let printed = seconds();
  const note = (text: string): void => {
    stream.write(`${printable(text)}\n`);
    printed = seconds();
  };
  const isTime = (): boolean => seconds() - printed >= plainIntervalSeconds;
  const progress = (event: ExperimentEvent): void => {
    const status = meter.update(event, seconds());
    if (event.kind === "epoch") note(`${place}  ${epochLine(event)}`);
    else if (status && event.kind !== "run-start" && isTime()) note(statusLine(status));
  };
  return {
    progress,
    show(event) {
      if (event.kind === "run-start") place = `[${event.index}/${event.runs}] ${event.title}`;
      progress(event);
      if (event.kind === "run-start") for (const line of [place, ...startLines(event)]) note(line);
      if (event.kind === "uncached-teacher") note(uncachedLine(event));
      if (event.kind === "note") note(event.text);
      if (event.kind === "run-end") note(`done: ${finished(event)}`);
    },
    work(work) {
      const status = meter.work(work, seconds());
      if (isTime()) note(statusLine(status));
    },
    download(progress) {
      const secondsLeft = pace.secondsLeft(progress, seconds());
      if (progress.note !== undefined) note(progress.note);
      else if (isTime()) note(statusLine(downloadStatus(progress, secondsLeft)));
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
  const compared = comparedPlaces(pairs).map((line) => `${run}: ${line}`);
  return [...compared, ...(lastEpoch ? [lastEpochLine(run, lastEpoch)] : [])];
}

function lastEpochLine(run: string, { steps, of, epoch }: NonNullable<RunStartEvent["lastEpoch"]>): string {
  return `${run}: ends after step ${steps} of ${of} of epoch ${epoch}`;
}

/** A teacher's pass that takes more steps of its student than this is not told in passing. */
const muchSteps = 3;

function uncachedLine({ run, reason, bytes: needed, limit, cost = 0, couldBeKept }: UncachedTeacherEvent): string {
  const why =
    reason === "views"
      ? "images are augmented, and it needs the student's views"
      : `its outputs would take ${bytes(needed)}, and may take ${bytes(limit)} (--teacher-memory)`;
  const line = `${run}: the teacher runs in each step; ${why}`;
  if (cost < muchSteps) return line;
  const offer = couldBeKept ? "; --teacher-views mean (or flip) queries it only twice for each image" : "";
  return `${line}. In multiply-adds, its pass costs ${cost.toFixed(cost < 10 ? 1 : 0)} steps of the student${offer}`;
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
