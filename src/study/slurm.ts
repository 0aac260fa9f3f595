/** @file A study as a Slurm job array: each task is a worker that takes run after run. */
import { shellWords } from "../shell-words.ts";

export interface SlurmJob {
  readonly name: string;
  /** The worker's command line. */
  readonly command: readonly string[];
  /** The working folder of its tasks. */
  readonly cwd: string;
  /** Where each task's output goes. */
  readonly logs: string;
  /** Tasks of the array. */
  readonly workers: number;
  /** How many of them run at the same time; by default all. */
  readonly atOnce?: number | undefined;
  readonly cpus: number;
  /** `4G` */
  readonly memory?: string | undefined;
  /** `12:00:00` */
  readonly time?: string | undefined;
  readonly partition?: string | undefined;
}

/** Seconds before a task's time limit at which it saves. Slurm may be a minute early. */
const SAVE_SECONDS = 120;

/** The batch script. Slurm stops all processes of a task that is cancelled or preempted by SIGTERM, at its time limit the shell alone by SIGUSR1. */
export function sbatchScript(job: SlurmJob): string {
  const { workers, atOnce, memory, time, partition } = job;
  const options = {
    "job-name": job.name,
    array: `0-${workers - 1}${atOnce === undefined ? "" : `%${atOnce}`}`,
    "cpus-per-task": String(job.cpus),
    mem: memory,
    time,
    partition,
    chdir: quoted(job.cwd),
    output: quoted(`${job.logs.replaceAll("%", "%%")}/%A_%a.txt`),
    "open-mode": "append",
    signal: `B:USR1@${SAVE_SECONDS}`,
  };
  const lines = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`#SBATCH --${name}=${value}`],
  );
  return `#!/bin/bash
${lines.join("\n")}
#SBATCH --requeue

${shellWords(job.command)} &
worker=$!

# Before the time limit the worker saves, and the task is queued again to go on.
trap 'limit=yes; kill -TERM "$worker"' USR1
# Cancelled or preempted: Slurm signals the worker, too, which saves.
trap : TERM

# A trap ends wait.
while kill -0 "$worker" 2> /dev/null; do wait "$worker"; done
wait "$worker"
code=$?
if [ -n "$limit" ] && [ "$code" -gt 128 ]; then scontrol requeue "\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"; fi
exit "$code"
`;
}

/** A value as sbatch reads it. */
function quoted(value: string): string {
  return /^[\w%+=:,./-]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** Minutes of a time limit as Slurm reads it: `90`, `12:00:00`, `2-12`; `undefined` for anything else. */
export function slurmMinutes(text: string): number | undefined {
  const [, days, rest] = /^(?:(\d+)-)?(\d+(?::\d+){0,2})$/.exec(text) ?? [];
  if (rest === undefined) return undefined;
  const parts = rest.split(":").map(Number);
  // Without days and hours, minutes come first.
  const [hours = 0, minutes = 0, seconds = 0] = days === undefined && parts.length < 3 ? [0, ...parts] : parts;
  return Number(days ?? 0) * 24 * 60 + hours * 60 + minutes + seconds / 60;
}
