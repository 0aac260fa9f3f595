/** @file What an experiment tells whoever watches: enough for progress bars, a log, and a table at the end. */
import type { EpochEvent, StepEvent, ValidationEvent, Progress } from "../train/events.ts";
import type { PairRecord, Results, RunRecord } from "./record.ts";
import type { OnlineTeacher } from "./teacher-outputs.ts";

/** A network is about to be trained, or only evaluated if its weights were given. */
export interface RunStartEvent {
  readonly kind: "run-start";
  /** Also its folder: `student-kd`. */
  readonly run: string;
  readonly title: string;
  /** From 1. */
  readonly index: number;
  readonly runs: number;
  readonly parameters: number;
  /** Trained beside it and dropped at the end. */
  readonly auxiliaryParameters: number;
  /** Which places of teacher and student are compared, if any are. */
  readonly pairs?: readonly PairRecord[];
  /** Steps that are done already when a stopped run goes on, of all; 0 of 0 where nothing is trained. */
  readonly done: number;
  readonly total: number;
  /** Training images an epoch. */
  readonly images: number;
}

/** The teacher's outputs for the training images are being computed, for all runs that learn from them. */
export interface TeacherOutputsEvent extends Progress {
  readonly kind: "teacher-outputs";
}

/** The teacher's outputs are not cached for this run: it will run in each step. */
export interface OnlineTeacherEvent extends OnlineTeacher {
  readonly kind: "online-teacher";
  readonly run: string;
}

/** Something was found damaged and is done without. */
export interface NoteEvent {
  readonly kind: "note";
  readonly text: string;
}

/** Test images are being classified. */
export interface EvaluateEvent extends Progress {
  readonly kind: "evaluate";
  readonly run: string;
}

/** A run is over and on disk. `resumed` if it was before this experiment went on. */
export interface RunEndEvent {
  readonly kind: "run-end";
  readonly run: string;
  readonly record: RunRecord;
  readonly resumed: boolean;
}

/** Every run is over. */
export interface EndEvent {
  readonly kind: "end";
  readonly results: Results;
}

/** A step, an epoch or the validation after it, of the run named. */
export type RunTrainEvent = (StepEvent | EpochEvent | ValidationEvent) & { readonly run: string };

export type ExperimentEvent =
  | RunStartEvent
  | RunTrainEvent
  | TeacherOutputsEvent
  | OnlineTeacherEvent
  | NoteEvent
  | EvaluateEvent
  | RunEndEvent
  | EndEvent;
