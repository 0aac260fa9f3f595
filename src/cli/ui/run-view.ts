/** @file What is known of an experiment's folder from its files alone: who works on it, how far it is, how fast, and what it has found. */
import * as z from "zod/mini";
import { lstat, open } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { lockHolder, type LockHolder } from "../../data/node/lock.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { checkpointPaths, parsePlannedRuns, PLANNED, type PlannedRuns } from "../../experiment/index.ts";
import { readJsonIfThere } from "../../experiment/node/index.ts";
import { parseWith } from "../../parse-with.ts";
import { decodePosition, epochsBegun, positionBytes, type Position } from "../../train/index.ts";
import { fileAt, type KeptFiles } from "./kept.ts";

/** `silent`: a process of another machine has it, and its lock has not moved for a while. */
export type RunState = "running" | "finished" | "stopped" | "silent" | "damaged";

/** A network of an experiment. */
export interface NetworkView {
  /** Also its folder's. */
  readonly name: string;
  readonly title: string;
  readonly isDone: boolean;
  readonly isBegun: boolean;
  /** Of one under way: as of its last save. */
  readonly progress?: NetworkProgress | undefined;
  /** When it was last saved, in milliseconds; 0 where it was not yet. */
  readonly date: number;
  readonly problem?: string | undefined;
}

/** How far a training was when it was last saved. */
export interface NetworkProgress {
  readonly position: Position;
  /** The checkpoint's. */
  readonly path: string;
  /** When that was, in milliseconds. */
  readonly date: number;
  readonly weights: Readonly<Record<string, number | { readonly value: number; readonly rampEpochs: number }>>;
  readonly steps: number;
  readonly total: number;
  /** From 1, of how many. */
  readonly epoch: number;
  readonly epochs: number;
  readonly imagesPerSecond?: number | undefined;
  /** Of its steps, from the date on. */
  readonly secondsLeft?: number | undefined;
}

export interface RunView {
  /** Its path below the folder that is shown, with slashes. */
  readonly id: string;
  readonly folder: string;
  readonly command: string;
  readonly dataset: string;
  readonly state: RunState;
  /** Who works on it. */
  readonly holder?: Pick<LockHolder, "pid" | "host"> | undefined;
  /** Whether its process is one of this machine, and surely the one that holds the folder. */
  readonly isStoppable: boolean;
  /** Whether a study's workers do it. */
  readonly isOfStudy?: boolean;
  readonly networks: readonly NetworkView[];
  /** Percent, of the last network that is done. */
  readonly accuracy?: number | undefined;
  readonly measure?: string | undefined;
  /** When its files last changed, in milliseconds. */
  readonly date: number;
  readonly problem?: string | undefined;
}

type Planned = PlannedRuns["runs"][number];

const config = z.object({ command: z.string(), dataset: z.optional(z.string()) });

const networkConfig = z.object({
  weights: z.record(z.string(), z.union([z.number(), z.object({ value: z.number(), rampEpochs: z.number() })])),
});

const found = z.optional(z.number());
const results = z.object({
  measure: z.optional(z.string()),
  measuredOn: z.optional(z.string()),
  runs: z.array(z.object({ name: z.string(), testAccuracy: found, testAgreement: found, measuredAccuracy: found })),
});

/** Seconds for which a lock's date may stand still before its holder is called silent. */
const SILENCE = 15;
/** No position is longer. */
const MOST_POSITION = 2 ** 26;

/** Looks at runs; keeps what has not changed. */
export class RunReader {
  readonly #files: KeptFiles;
  readonly #beats = new Map<string, { readonly date: number; readonly since: number }>();

  constructor(files: KeptFiles) {
    this.#files = files;
  }

  /** The run in a folder; `undefined` where there is none. What cannot be read is said, and throws nothing. */
  async look(id: string, folder: string): Promise<RunView | undefined> {
    const file = await fileAt(join(folder, "config.json"));
    if (!file) return undefined;
    const blank = { id, folder, command: "", dataset: "", isStoppable: false, networks: [], date: file.mtimeMs };
    try {
      return { ...blank, ...(await this.#read(folder, file.mtimeMs)) };
    } catch (error) {
      return { ...blank, state: "damaged", problem: reasonOf(error) };
    }
  }

  async #read(folder: string, since: number): Promise<Omit<RunView, "id" | "folder">> {
    const { command, dataset = "" } = (await this.#json(folder, "config.json", config)) ?? gone("config.json");
    const outcome = await this.#json(folder, "results.json", results);
    const holder = await lockHolder(join(folder, "lock"));
    const plan = await this.#files.read(join(folder, PLANNED), async (path) =>
      parsePlannedRuns(await readJsonIfThere(path), PLANNED),
    );
    const networks = await Promise.all((plan?.runs ?? []).map((run) => this.#network(folder, run)));
    const { measure, measuredOn, runs = [] } = outcome ?? {};
    const isFinished = networks.length > 0 && networks.every(({ isDone }) => isDone);
    const last = runs.at(-1);
    const problem = networks.find((network) => network.problem !== undefined)?.problem;
    return {
      command,
      dataset,
      state: holder && holder.state !== "dead" ? this.#signs(folder, holder) : isFinished ? "finished" : "stopped",
      holder: holder && holder.state !== "dead" ? holder : undefined,
      isStoppable: holder !== undefined && isOurs(holder),
      networks,
      accuracy: last?.testAccuracy ?? last?.testAgreement ?? last?.measuredAccuracy,
      measure:
        measure === "agreement" ? "Agreement" : measuredOn === "validation" ? "Validation accuracy" : "Test accuracy",
      date: Math.max(since, ...networks.map(({ date }) => date)),
      problem,
    };
  }

  /** Of a process that cannot be looked at, whether its lock's date moves, by this machine's clock alone. */
  #signs(folder: string, { state, date }: LockHolder): RunState {
    if (state === "alive") return "running";
    const before = this.#beats.get(folder);
    const now = performance.now() / 1000;
    const beat = before?.date === date ? before : { date, since: now };
    this.#beats.set(folder, beat);
    return now - beat.since > SILENCE ? "silent" : "running";
  }

  async #network(folder: string, { name, title, ...plan }: Planned): Promise<NetworkView> {
    const at = join(folder, name);
    // NOTE: what is no plain folder in this one is not looked into: a link leads out of it.
    const isThere = basename(at) === name && (await lstat(at).catch(() => undefined))?.isDirectory();
    if (!isThere) return { name, title, isDone: false, isBegun: false, date: 0 };
    const done = await fileAt(join(at, "run.json"));
    if (done) return { name, title, isDone: true, isBegun: true, date: done.mtimeMs };
    try {
      const progress = await this.#progress(folder, { name, title, ...plan });
      return { name, title, isDone: false, isBegun: true, progress, date: progress?.date ?? 0 };
    } catch (error) {
      return { name, title, isDone: false, isBegun: true, date: 0, problem: `${name}: ${reasonOf(error)}` };
    }
  }

  /** By the newer of its checkpoints; `undefined` before the first. */
  async #progress(folder: string, plan: Planned): Promise<NetworkProgress | undefined> {
    const saved = await Promise.all(
      checkpointPaths(plan.name).map(async (path) => ({
        path: join(folder, path),
        date: (await fileAt(join(folder, path)))?.mtimeMs,
      })),
    );
    const [newest] = saved
      .flatMap(({ path, date }) => (date === undefined ? [] : { path, date }))
      .toSorted((a, b) => b.date - a.date);
    const position = newest && (await readPosition(newest.path));
    if (!position) return undefined;
    const { weights } =
      (await this.#json(join(folder, plan.name), "config.json", networkConfig)) ?? gone("config.json");
    return { ...measured(position, newest.date, plan, weights), path: newest.path };
  }

  /** `undefined` where there is none. */
  #json<Value>(folder: string, name: string, schema: z.ZodMiniType<Value>): Promise<Value | undefined> {
    return this.#files.read(join(folder, name), async (path) =>
      parseWith(schema, await readJsonIfThere(path), "OUTPUT", name),
    );
  }
}

function gone(name: string): never {
  throw new LimbeckError("OUTPUT", `${name} is gone`);
}

/** Whether the process can be stopped: of this machine, surely the one that took the lock, and still renewing it. */
export function isOurs({ pid, state, date }: LockHolder): boolean {
  return state === "alive" && pid !== undefined && pid !== process.pid && Date.now() - date < SILENCE * 1000;
}

/** From the file's beginning; `undefined` for one that was replaced meanwhile. Throws WEIGHTS. */
async function readPosition(path: string): Promise<Position | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return undefined;
  try {
    const start = new Uint8Array(2 ** 16);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    const length = positionBytes(start.subarray(0, bytesRead), path);
    if (length > MOST_POSITION) throw new LimbeckError("WEIGHTS", `${path} is no whole checkpoint`);
    if (length <= bytesRead) return decodePosition(start.subarray(0, length), path);
    const whole = new Uint8Array(length);
    await file.read(whole, 0, length, 0);
    return decodePosition(whole, path);
  } finally {
    await file.close();
  }
}

function measured(
  position: Position,
  date: number,
  { steps: total, stepsPerEpoch, epochs }: Planned,
  weights: NetworkProgress["weights"],
): Omit<NetworkProgress, "path"> {
  const { epochs: done, meter, images } = position;
  const trained = done.filter(({ phase }) => phase === undefined);
  const steps = done.length * stepsPerEpoch + meter.batches;
  const last = done.at(-1);
  const seconds = meter.seconds + (last?.seconds ?? 0);
  const timed = meter.batches + (last ? stepsPerEpoch : 0);
  return {
    position,
    date,
    weights,
    steps: Math.min(steps, total),
    total,
    epoch: Math.min(trained.length + (meter.batches > 0 ? 1 : 0), epochsBegun(epochs)),
    epochs: epochsBegun(epochs),
    imagesPerSecond: seconds > 0 ? (timed * images) / stepsPerEpoch / seconds : undefined,
    secondsLeft: seconds > 0 ? (Math.max(0, total - steps) * seconds) / timed : undefined,
  };
}

/** Whose machine it is, where not this one. */
export function otherHost({ host }: Pick<LockHolder, "host">): string | undefined {
  return host === undefined || host === hostname() ? undefined : host;
}

/** What a run or a study is called: its path, or the name of the folder that is shown where that is itself one. */
export function nameOf({ id, folder }: { readonly id: string; readonly folder: string }): string {
  return id === "." ? basename(folder) : id;
}
