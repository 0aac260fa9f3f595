/** @file What was aimed at, and what was reached: ratios of times, smaller is better. */
import { milliseconds } from "../src/report/format.ts";
import { median } from "../src/benchmark/index.ts";
import { durations, type MeasuredDuration } from "./durations.ts";
import { memories, type MeasuredMemory } from "./memory.ts";
import type { BenchRecord } from "./record.ts";
import { rows, type Goal, type Row } from "./rows.ts";
import { distillationEpoch, wholeTutorial, type WorkedOut } from "./tutorial-time.ts";

/** A goal and how near it is. */
export interface Reached {
  readonly title: string;
  /** Limbeck's figure and that which it is divided by, with their units; the second is empty for a plain limit. */
  readonly of: string;
  readonly to: string;
  readonly reached: number;
  readonly atMost: number;
}

/** All that the record has the figures for. */
export function reachedGoals(record: BenchRecord): Reached[] {
  return [
    ...record.rows.flatMap(({ name, title, contenders }) => {
      const timeOf = (wanted: string): number | undefined => {
        const found = contenders.find((contender) => contender.name === wanted);
        return found && median(found.samples);
      };
      const row: Row = rows[name];
      return row.goals.flatMap((goal) => rowGoal(title, goal, timeOf));
    }),
    ...derived("LightNN distillation epoch, teacher outputs kept", distillationEpoch(record.rows), 0.055),
    ...derived("Whole tutorial, 5 runs of 10 epochs, from the steps above", wholeTutorial(record.rows), 0.3),
    ...record.durations.map(durationGoal),
    ...record.memories.flatMap(memoryGoal),
  ];
}

function rowGoal(title: string, { of, to, atMost }: Goal, timeOf: (name: string) => number | undefined): Reached[] {
  const [a, b] = [timeOf(of), timeOf(to)];
  if (a === undefined || b === undefined) return [];
  const figure = (name: string, time: number): string => `${name} ${milliseconds(time)} ms`;
  return [{ title, of: figure(of, a), to: figure(to, b), reached: a / b, atMost }];
}

function derived(title: string, times: WorkedOut | undefined, atMost: number): Reached[] {
  if (!times) return [];
  const { limbeck, pytorch } = times;
  const figure = (name: string, seconds: number): string => `${name} ${seconds.toFixed(1)} s`;
  return [
    { title, of: figure("Limbeck", limbeck), to: figure("PyTorch", pytorch), reached: limbeck / pytorch, atMost },
  ];
}

function durationGoal({ name, samples }: MeasuredDuration): Reached {
  const { title, atMost } = durations[name];
  const seconds = median(samples);
  const times = samples.length === 1 ? "once" : `n = ${samples.length}`;
  return {
    title: `${title}, seconds, ${times}`,
    of: `Limbeck ${seconds.toFixed(2)} s`,
    to: "",
    reached: seconds,
    atMost,
  };
}

function memoryGoal({ name, peaks: [limbeck, peer] }: MeasuredMemory): Reached[] {
  if (!limbeck || !peer) return [];
  const figure = ({ name, bytes }: typeof limbeck): string => `${name} ${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const { title } = memories[name];
  return [{ title, of: figure(limbeck), to: figure(peer), reached: limbeck.bytes / peer.bytes, atMost: 1 }];
}
