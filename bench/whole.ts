/** @file The whole tutorial on photographs, as each side's user starts it: one process after another, all five runs of each. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { environment } from "../src/experiment/node/environment.ts";
import type { Environment, Results } from "../src/experiment/index.ts";
import { torchEnvironment, python } from "./pytorch/process.ts";
import { commit } from "./record.ts";
import { table } from "../src/cli/output.ts";

const execute = promisify(execFile);

export interface WholeOptions {
  /** Folder of CIFAR-10's binary files. */
  readonly dataDir: string;
  readonly epochs: number;
  readonly threads?: number;
  /** Told what is under way. */
  readonly onProgress: (text: string) => void;
}

/** One side's tutorial. */
interface Sitting {
  readonly name: string;
  /** From the start of the process to its end. */
  readonly seconds: number;
  readonly runs: readonly { readonly name: string; readonly seconds: number; readonly testAccuracy: number }[];
}

/** `bench/records/NAME.json` of `npm run bench -- --whole`. */
export interface WholeRecord {
  readonly commit: string;
  readonly environment: Environment;
  readonly configuration: { readonly epochs: number; readonly threads: number };
  readonly sittings: readonly Sitting[];
}

/** Runs Limbeck's, then PyTorch's. Rejects with what the failed process said. */
export async function compareWhole(options: WholeOptions): Promise<WholeRecord> {
  const { epochs, threads = availableParallelism(), onProgress } = options;
  const settled = { ...options, threads };
  onProgress(`Limbeck's tutorial, ${epochs} epochs a run`);
  const limbeck = await timed("Limbeck", () => limbeckRuns(settled));
  onProgress(`Limbeck's took ${limbeck.seconds.toFixed(0)} s; PyTorch's, ${epochs} epochs a run`);
  const pytorch = await timed("PyTorch", () => torchRuns(settled));
  return {
    commit: await commit(),
    environment: environment("wasm"),
    configuration: { epochs, threads },
    sittings: [limbeck, pytorch],
  };
}

type Settled = Omit<WholeOptions, "onProgress"> & { readonly threads: number };

async function timed(name: string, work: () => Promise<Sitting["runs"]>): Promise<Sitting> {
  const started = performance.now();
  const runs = await work();
  return { name, seconds: (performance.now() - started) / 1000, runs };
}

async function limbeckRuns({ dataDir, epochs, threads }: Settled): Promise<Sitting["runs"]> {
  const out = await mkdtemp(join(tmpdir(), "limbeck-whole-"));
  try {
    const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
    const given = ["cifar10", "--data-dir", dataDir, "--epochs", `${epochs}`, "--threads", `${threads}`];
    const { stdout } = await execute(process.execPath, [
      main,
      "tutorial",
      ...given,
      "--out",
      join(out, "run"),
      "--json",
    ]);
    return (JSON.parse(stdout) as Results).runs.map(({ name, seconds, testAccuracy }) => ({
      name,
      seconds,
      testAccuracy,
    }));
  } finally {
    await rm(out, { recursive: true });
  }
}

async function torchRuns({ dataDir, epochs, threads }: Settled): Promise<Sitting["runs"]> {
  const script = fileURLToPath(new URL("pytorch/tutorial.py", import.meta.url));
  const { stdout } = await execute(python, [script, dataDir, `${epochs}`, `${threads}`], {
    env: torchEnvironment(threads),
  });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Sitting["runs"][number]);
}

/** Each run of both, and the ratio of the whole. */
export function showWhole({ sittings, configuration, environment, commit }: WholeRecord): string {
  const [limbeck, pytorch] = sittings as [Sitting, Sitting];
  const figures = (name: string, a: number, b: number): string[] => [
    name,
    a.toFixed(1),
    b.toFixed(1),
    (a / b).toFixed(2),
  ];
  const lines = limbeck.runs.map(({ name, seconds }, i) => figures(name, seconds, pytorch.runs[i]!.seconds));
  return [
    table(
      ["Seconds", "Limbeck", "PyTorch", "Limbeck / PyTorch"],
      [...lines, figures("all, from start to end", limbeck.seconds, pytorch.seconds)],
    ),
    `\nThe tutorial on 50,000 images, ${configuration.epochs} epochs a run, n = 1, ${configuration.threads} threads each. ` +
      `${environment.machine}. ${environment.runtime}. Commit ${commit}, ${environment.date}.`,
  ].join("\n");
}
