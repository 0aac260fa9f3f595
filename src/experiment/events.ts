/** @file The events of an experiment: enough for progress bars, a log, and a table at the end. */
import type { EpochEvent, Progress, StepEvent, ValidationEvent } from "../train/index.ts";
import type { PairRecord, Results, RunRecord } from "./record.ts";

/** A network is about to be trained, or only evaluated if it is pretrained. */
export interface RunStartEvent {
  readonly kind: "run-start";
  /** Also its folder: `student-kd`. */
  readonly run: string;
  readonly title: string;
  /** From 1. */
  readonly index: number;
  readonly runs: number;
  readonly parameters: number;
  /** Of auxiliary modules, which are dropped at the end. */
  readonly auxiliaryParameters: number;
  /** Which places of teacher and student are compared, if any are. */
  readonly pairs?: readonly PairRecord[] | undefined;
  /** Steps that are done already when a run is resumed, of all; 0 of 0 where nothing is trained. */
  readonly done: number;
  readonly total: number;
  /** Where the training ends within an epoch: which, and after how many of its steps. */
  readonly lastEpoch?: { readonly epoch: number; readonly steps: number; readonly of: number } | undefined;
  /** Training images an epoch. */
  readonly images: number;
}

/** The teacher's outputs for the training images are being computed, for all runs that learn from them. */
export interface TeacherOutputsEvent extends Progress {
  readonly kind: "teacher-outputs";
}

/** Why a teacher runs in each step. */
export interface UncachedTeacher {
  /** `views`: it has to see each image as the student does, varied in each epoch. `memory`: its outputs are too large. */
  readonly reason: "views" | "memory";
  /** Bytes that its outputs would have taken, and may take. */
  readonly bytes: number;
  readonly limit: number;
  /** Of `views`: multiply-adds of its pass over those of a step of its student, where they are known. */
  readonly cost?: number | undefined;
  /** Whether what it says of images that are not varied could be kept instead (`teacherViews`). */
  readonly couldBeKept?: boolean;
}

/** The teacher's outputs are not cached for this run: it will run in each step. */
export interface UncachedTeacherEvent extends UncachedTeacher {
  readonly kind: "uncached-teacher";
  readonly run: string;
}

/** A warning, or what was found damaged and is done without. */
export interface NoteEvent {
  readonly kind: "note";
  readonly text: string;
  /** Where it is about the machine while networks were timed: it says nothing of data or networks, and comes and goes with the load. */
  readonly about?: "load";
}

/** Images are being classified, those for the test mostly. */
export interface EvaluateEvent extends Progress {
  readonly kind: "evaluate";
  readonly run: string;
  readonly images: "training" | "validation" | "test";
}

/** A run is over and on disk; its network is timed when all are. `resumed` if it was before this experiment was resumed. */
export interface RunEndEvent {
  readonly kind: "run-end";
  readonly run: string;
  readonly record: RunRecord;
  readonly resumed: boolean;
}

/** The finished networks are being timed, all in turn. */
export interface TimingEvent {
  readonly kind: "timing";
  readonly networks: number;
}

/** Every run is over. */
export interface EndEvent {
  readonly kind: "end";
  readonly results: Results;
  /** The runs' records as they are on disk now, with how long their networks take. */
  readonly runs: readonly RunRecord[];
}

/** A step, an epoch or the validation after it, of the run named. */
export type RunTrainEvent = (StepEvent | EpochEvent | ValidationEvent) & { readonly run: string };

export type ExperimentEvent =
  | RunStartEvent
  | RunTrainEvent
  | TeacherOutputsEvent
  | UncachedTeacherEvent
  | NoteEvent
  | EvaluateEvent
  | RunEndEvent
  | TimingEvent
  | EndEvent;
