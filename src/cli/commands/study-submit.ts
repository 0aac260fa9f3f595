/** @file `limbeck study submit`: a planned study for the nodes of a cluster. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, isAbsolute, join, normalize, resolve, sep } from "node:path";
import { promisify } from "node:util";
import type { Command } from "commander";
import { stringify } from "yaml";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { path, whole } from "../../experiment/settings/index.ts";
import { shellWords } from "../../shell-words.ts";
import { kubernetesJob, sbatchScript, slurmMinutes } from "../../study/index.ts";
import { read } from "../options.ts";
import { print } from "../output.ts";

export function addSubmit(command: Command): void {
  command
    .command("submit")
    .summary("do a planned study on a cluster: Slurm or Kubernetes")
    .description(
      "Writes DIR/submit.sbatch and submits it to Slurm as a job array, or writes DIR/job.yaml for Kubernetes. Each task is a worker " +
        "(limbeck study work DIR) that takes run after run. Plan the study first: limbeck study study.yaml --out DIR --plan-only.",
    )
    .argument("<dir>", "the study's folder", read(path))
    .option("--slurm", "submit a Slurm job array")
    .option("--kubernetes", "write a Kubernetes Job")
    .option("--workers <n>", "how many workers (default: one for each run that is left, at most 16)", read(whole(1)))
    .option("--at-once <n>", "how many of them run at the same time (default: all)", read(whole(1)))
    .option("--cpus <n>", "cores of each worker, and threads of its engine", read(whole(1, 256)), 1)
    .option("--memory <size>", "memory of each worker: 4G (default: the cluster's)", read(size))
    .option("--dry-run", "print the script or the manifest, write and submit nothing")
    .optionsGroup("Slurm:")
    .option("--time <limit>", "time limit of each worker: 12:00:00 (default: the partition's)", read(timeLimit))
    .option("--partition <names>", "partitions, with commas between them (default: the cluster's)", read(word))
    .option("--shard", "each worker does its share alone, for a folder that the nodes do not share")
    .optionsGroup("Kubernetes:")
    .option("--image <image>", "a container image with limbeck on its path", read(word))
    .option("--claim <name>", "the PersistentVolumeClaim that holds the study's folder and its data", read(dnsName))
    .option("--queue <name>", "a Kueue queue (default: none)", read(dnsName))
    .action(submit);
}

interface SubmitOptions {
  readonly slurm?: boolean;
  readonly kubernetes?: boolean;
  readonly workers?: number;
  readonly atOnce?: number;
  readonly cpus: number;
  readonly memory?: string;
  readonly dryRun?: boolean;
  readonly time?: string;
  readonly partition?: string;
  readonly shard?: boolean;
  readonly image?: string;
  readonly claim?: string;
  readonly queue?: string;
}

async function submit(folder: string, options: SubmitOptions): Promise<void> {
  if (options.slurm === options.kubernetes)
    throw new LimbeckError("ARGUMENT", "where should it be submitted? Give either --slurm or --kubernetes");
  const { readPlan, readStates } = await import("../../study/node/index.ts");
  const { runs } = await readPlan(folder);
  const states = await readStates(folder, runs);
  const left = states.filter((state) => state === "new" || state === "begun").length;
  if (left === 0) return print(`Nothing is left to do in ${folder}`);
  const workers = options.workers ?? Math.min(left, 16);
  await (options.slurm ? submitSlurm(folder, workers, options) : writeKubernetes(folder, workers, options));
}

async function submitSlurm(folder: string, workers: number, options: SubmitOptions): Promise<void> {
  refuse(options, ["image", "claim", "queue"], "Kubernetes");
  const study = resolve(folder);
  const logs = join(study, "logs");
  // NOTE: each worker ends when others have the last runs, so that it keeps no node waiting.
  const how = [options.shard ? ["--shard", "auto"] : ["--no-wait"], ["--threads", String(options.cpus)]].flat();
  const command = [process.execPath, resolve(process.argv[1] ?? "limbeck"), "study", "work", study, ...how];
  const script = sbatchScript({ ...options, name: nameOf(folder), command, cwd: process.cwd(), logs, workers });
  if (options.dryRun) return print(script.trimEnd());
  const config = await slurm("scontrol", ["show", "config"]);
  const most = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(config)?.[1] ?? Infinity);
  if (workers > most)
    throw new LimbeckError(
      "ARGUMENT",
      `--workers ${workers}: Slurm takes ${most} tasks an array here; give at most that`,
    );
  const file = join(study, "submit.sbatch");
  await mkdir(logs, { recursive: true });
  await writeFile(file, script);
  const [job = ""] = (await slurm("sbatch", ["--parsable", file])).trim().split(";");
  await print(
    `Submitted job ${job}: ${workers} workers\n` +
      `  squeue -j ${job}    shows them; their output goes to ${join(folder, "logs")}\n` +
      `  ${shellWords(["limbeck", "study", "work", folder])}    prints the results when they are done`,
  );
}

/** What a command of Slurm's prints. Throws OUTPUT with what it complains of. */
async function slurm(name: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(name, args)).stdout;
  } catch (cause) {
    const { code, stderr = "" } = cause as { readonly code?: unknown; readonly stderr?: string };
    const reason =
      code === "ENOENT"
        ? `there is no ${name} on the path; submit on a machine of the cluster, or print the script with --dry-run`
        : `${name} failed: ${stderr.trim() || reasonOf(cause)}`;
    throw new LimbeckError("OUTPUT", reason, { cause });
  }
}

async function writeKubernetes(folder: string, workers: number, options: SubmitOptions): Promise<void> {
  refuse(options, ["time", "partition", "shard"], "Slurm");
  const { image, claim } = options;
  if (image === undefined || claim === undefined)
    throw new LimbeckError("ARGUMENT", "--kubernetes needs --image IMAGE and --claim NAME, a PersistentVolumeClaim");
  const inside = normalize(folder);
  if (isAbsolute(inside) || inside.split(sep)[0] === "..")
    throw new LimbeckError(
      "ARGUMENT",
      `${folder}: the folder should be relative to this one, where the volume is mounted: studies/first`,
    );
  const job = kubernetesJob({
    ...options,
    name: nameOf(folder),
    image,
    claim,
    mount: process.cwd(),
    folder: inside,
    workers,
  });
  if (options.dryRun) return print(stringify(job).trimEnd());
  const file = join(folder, "job.yaml");
  await writeFile(file, stringify(job));
  await print(`Written: ${workers} workers\n  ${shellWords(["kubectl", "apply", "-f", file])}    starts them`);
}

function refuse(options: SubmitOptions, names: readonly (keyof SubmitOptions)[], engine: string): void {
  const name = names.find((each) => options[each] !== undefined);
  if (name !== undefined) throw new LimbeckError("ARGUMENT", `--${name} is for ${engine}; leave it out`);
}

/** `limbeck-first`: what Slurm and Kubernetes take as a name. */
function nameOf(folder: string): string {
  const slug = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-");
  return `limbeck-${slug}`.slice(0, 50).replace(/-+$/, "");
}

function size(text: string): string {
  if (/^[1-9]\d*[MGT]$/.test(text)) return text;
  throw new LimbeckError("ARGUMENT", "It should be a number and M, G or T: 4G.");
}

/** Shorter ones would end in saving alone. */
const LEAST_MINUTES = 5;

function timeLimit(text: string): string {
  const minutes = slurmMinutes(text);
  if (minutes !== undefined && minutes >= LEAST_MINUTES) return text;
  throw new LimbeckError(
    "ARGUMENT",
    "It should be a time as Slurm reads it, at least five minutes: 12:00:00, 90, 2-12.",
  );
}

/** Text that stays one word in a script. */
function word(text: string): string {
  if (/^[\w@:./,+-]+$/.test(text)) return text;
  throw new LimbeckError("ARGUMENT", "It should be letters, digits and @ : . / , + - without spaces.");
}

function dnsName(text: string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text)) return text;
  throw new LimbeckError(
    "ARGUMENT",
    "It should be a name as Kubernetes takes it: small letters, digits, dots and hyphens.",
  );
}
