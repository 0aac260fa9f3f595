/** @file A lesson so far: everything that the worker has reported, in the order of the runs. */
import type { Finished, Gallery, Judgement, LeftOut, Run, WorkerMessage } from "./messages.ts";

/** A loss term by the epoch. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [epoch: number, value: number])[];
}

export interface RunState extends Run {
  readonly status: "waiting" | "training" | "finished" | "refused";
  /** As the last step had it. */
  readonly phase: string | undefined;
  /** Epochs of the phase; 0 before the first step. */
  readonly epochs: number;
  /** Of the phase: each loss term before it is weighted. */
  readonly losses: readonly Curve[];
  readonly accuracy: Curve;
  readonly judgement?: Judgement;
  readonly finished?: Finished;
  /** Why it was refused. */
  readonly problem?: string;
}

export interface Lesson {
  readonly status: "idle" | "starting" | "training" | "paused" | "stopping" | "done" | "stopped" | "failed";
  readonly engine: string;
  /** Of each training. */
  readonly epochs: number;
  readonly notes: readonly string[];
  /** Of a visitor's own pictures. */
  readonly leftOut: readonly LeftOut[];
  readonly gallery?: Gallery;
  readonly runs: readonly RunState[];
  /** Images a second of the last second, all runs together. */
  readonly speed: number;
  readonly recent: readonly { readonly at: number; readonly images: number }[];
  readonly problem?: string;
}

export const noLesson: Lesson = {
  status: "idle",
  engine: "",
  epochs: 0,
  notes: [],
  leftOut: [],
  runs: [],
  speed: 0,
  recent: [],
};

export function isUnderWay({ status }: Lesson): boolean {
  return status === "starting" || status === "training" || status === "paused" || status === "stopping";
}

export function isTaught({ id }: Pick<RunState, "id">): boolean {
  return id !== "teacher" && id !== "alone";
}

/** Of the tab, which may be hidden. */
export function titleOf(lesson: Lesson): string {
  const name = "Limbeck: watch a student being taught";
  if (lesson.status === "done") return `Done · ${name}`;
  return isUnderWay(lesson) ? `Training · ${name}` : name;
}

/** The lesson after a message of the worker. */
export function afterMessage(lesson: Lesson, message: WorkerMessage): Lesson {
  const of = (id: string, change: (run: RunState) => RunState): Lesson => ({
    ...lesson,
    runs: lesson.runs.map((run) => (run.id === id ? change(run) : run)),
  });
  switch (message.kind) {
    case "begun":
      return {
        ...lesson,
        // It may have been paused or stopped meanwhile.
        status: lesson.status === "starting" ? "training" : lesson.status,
        engine: message.engine,
        runs: message.runs.map(waiting),
        recent: [],
      };
    case "note":
      return { ...lesson, notes: [...lesson.notes, message.text] };
    case "left-out":
      return { ...lesson, leftOut: message.files };
    case "gallery":
      return { ...lesson, gallery: message };
    case "step": {
      const { run: id, phase, epoch, epochs, terms, at, images } = message;
      const recent = [...lesson.recent.filter((step) => step.at > at - 1500), { at, images }];
      const stepped = of(id, (run) => ({
        ...run,
        status: "training",
        phase,
        epochs,
        losses: grown(run.phase === phase ? run.losses : [], epoch, terms),
      }));
      return { ...stepped, recent, speed: speedOf(recent) };
    }
    case "judged":
      return of(message.run, (run) => ({
        ...run,
        judgement: message,
        accuracy: { ...run.accuracy, points: [...run.accuracy.points, [message.epoch, message.accuracy]] },
      }));
    case "finished":
      return of(message.run, (run) => ({ ...run, status: "finished", finished: message }));
    case "refused":
      return of(message.run, (run) => ({ ...run, status: "refused", problem: message.message }));
    case "ended":
      return { ...lesson, status: message.how };
    case "failed":
      return { ...lesson, status: "failed", problem: message.message };
  }
}

function waiting(run: Run): RunState {
  return {
    ...run,
    status: "waiting",
    phase: undefined,
    epochs: 0,
    losses: [],
    accuracy: { name: run.title, points: [] },
  };
}

function grown(curves: readonly Curve[], epoch: number, terms: Readonly<Record<string, number>>): Curve[] {
  const known = new Map(curves.map((curve) => [curve.name, curve]));
  for (const [name, value] of Object.entries(terms)) {
    known.set(name, { name, points: [...(known.get(name)?.points ?? []), [epoch, value]] });
  }
  return [...known.values()];
}

/** 0 before the second step. */
function speedOf(recent: Lesson["recent"]): number {
  const [first, ...later] = recent;
  const last = later.at(-1);
  if (!first || !last || last.at <= first.at) return 0;
  return (1000 * later.reduce((sum, { images }) => sum + images, 0)) / (last.at - first.at);
}
