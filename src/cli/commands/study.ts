/** @file `limbeck study`: methods compared over settings and seeds, by any number of workers on one folder. */
import { basename, extname } from "node:path";
import type { Command } from "commander";
import { LimbeckError } from "../../errors.ts";
import { findMethod, shareOf } from "../../distill/index.ts";
import { isModulePath, namedValue, networkSettings, path, whole } from "../../experiment/settings/index.ts";
import type { MethodDescription, StudyDescription } from "../../study/index.ts";
import type { WorkOptions } from "../../study/node/index.ts";
import { addForms, comparisonForms, formOf, type FormOptions } from "../forms.ts";
import { merged, read, repeated } from "../options.ts";
import { jsonLine, print } from "../output.ts";
import { plannedText } from "../study-plan-text.ts";
import { addMerge } from "./study-merge.ts";
import { addSubmit } from "./study-submit.ts";

export function addStudy(command: Command): void {
  const options = command
    // Options behind `work` are its own.
    .enablePositionalOptions()
    .description(
      "Compares methods, settings and networks over seeds, the student alone among them. FILE describes the study (YAML, JSON, or a " +
        "module); or name the data and give teachers and methods as options. Finished runs are never repeated: the same command continues.",
    )
    .argument(
      "[file]",
      "a study's description (.yaml, .json, .ts), or a data set as limbeck distill takes it",
      read(path),
    )
    .option("--teacher <file>", "a teacher: an ONNX file, weights, or a run's folder; repeatable", repeated(path))
    .option("--student <names>", "networks of students, with commas between them (default: LightNN)")
    .option("--methods <names>", "methods, with commas between them: kd,dist,kd+at (default: kd); ce needs no teacher")
    .option(
      "--option <name=values>",
      "an option of the methods, each of its values is tried: temperature=2,4; repeatable",
      merged(namedValues),
    )
    .option("--seeds <n>", "how many seeds, or which: 1-3, or 1,2,5 (default: 1)")
    .option(
      "--tune <n>",
      "choose each row's settings by n trials on validation images, the student alone's too",
      read(whole(2, 10_000)),
    )
    .option("--set <name=value>", "override the description: recipe.epochs=3; repeatable", merged(namedValue))
    .option("--out <dir>", "the study's folder (default: studies/NAME)", read(path))
    .option("--dry-run", "print what would be done, and do nothing")
    .option("--plan-only", "write the study's folder, for limbeck study work and submit, and do nothing yet")
    .option("--threads <n>", "threads of each run's engine", read(whole(1, 256)))
    .option(
      "--at-once <n>",
      "how many runs at a time (default: what makes most steps a second here)",
      read(whole(1, 256)),
    )
    .option("--tensorboard", networkSettings.tensorboard.help);
  addForms(options, comparisonForms)
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck study study.yaml\n  limbeck study study.yaml --set recipe.epochs=3 --dry-run\n" +
        "  limbeck study cifar10 --teacher big.onnx --methods kd,dist --option temperature=2,4 --seeds 1-3 --out studies/first\n" +
        "  limbeck study work studies/first        help with a study that another terminal or machine works on",
    )
    .action(study);
  const working = command
    .command("work")
    .summary("help to finish a study, beside other workers on its folder")
    .argument("<dir>", "the study's folder", read(path))
    .option(
      "--shard <i/n>",
      "do every nth run alone, from the ith on: 2/8; auto takes both from Slurm's array or Kubernetes' index",
      read(readShard),
    )
    .option("--no-wait", "end when other workers have the last runs")
    .option("--threads <n>", "threads of each run's engine", read(whole(1, 256)))
    .option("--at-once <n>", "how many runs at a time", read(whole(1, 256)), 1);
  addForms(working, comparisonForms).action(work);
  addSubmit(command);
  addMerge(command);
}

interface StudyOptions extends FormOptions {
  readonly teacher?: readonly string[];
  readonly student?: string;
  readonly methods?: string;
  readonly option?: Readonly<Record<string, unknown>>;
  readonly seeds?: string;
  readonly tune?: number;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly planOnly?: boolean;
  readonly threads?: number;
  readonly atOnce?: number;
  readonly tensorboard?: boolean;
}

async function study(file: string | undefined, options: StudyOptions): Promise<void> {
  const [{ estimateStudy, planStudy, Shared, readStates, readTuning, writePlan }, { shownWork }, { workOnStudy }] =
    await Promise.all([import("../../study/node/index.ts"), import("../progress.ts"), import("../study-work.ts")]);
  const description = await describe(file, options);
  const folder = options.out ?? `studies/${nameOf(file)}`;
  const { dryRun, planOnly, threads, atOnce } = options;
  const shared = new Shared(folder);
  const planned = await shownWork(async (shown, signal) => {
    const loading = { shared, signal, onDownload: shown.download, onPictures: shown.pictures };
    const counted = (title: string) => (done: number, total: number) => shown.work({ title, unit: "run", done, total });
    const plan = await planStudy(description, { ...loading, folder, onRun: counted("Planning") });
    const { runs } = plan;
    const states = await readStates(folder, runs);
    const costs = dryRun ? await estimateStudy(folder, runs, { ...loading, onRow: counted("Timing") }) : [];
    const toCome = (await readTuning(folder, plan))?.rows.map((row) => row.toCome) ?? [];
    return { folder, ...plan, states, costs, toCome };
  });
  if (!dryRun) await writePlan(folder, planned);
  if (dryRun || planOnly) return print(options.json ? jsonLine(planned) : plannedText(planned));
  await workOnStudy(folder, { shared, threads, atOnce }, formOf(options));
}

interface ShardOptions extends FormOptions {
  readonly shard?: WorkOptions["shard"];
  readonly wait: boolean;
  readonly threads?: number;
  readonly atOnce: number;
}

async function work(folder: string, { shard, wait, threads, atOnce, ...forms }: ShardOptions): Promise<void> {
  const [{ Shared }, { workOnStudy }] = await Promise.all([
    import("../../study/node/index.ts"),
    import("../study-work.ts"),
  ]);
  await workOnStudy(folder, { shared: new Shared(folder), shard, wait, threads, atOnce }, formOf(forms));
}

/** The file's description, or that of the options. Throws CONFIG, ARGUMENT. */
async function describe(file: string | undefined, options: StudyOptions): Promise<StudyDescription> {
  const { isStudyFile, readStudy, checkStudy } = await import("../../study/node/index.ts");
  const { teacher, student, methods, option, seeds, tune, tensorboard } = options;
  const set = { ...options.set, ...(tensorboard && { tensorboard }) };
  const quick = Object.entries({ teacher, student, methods, option, seeds, tune }).filter(
    ([, value]) => value !== undefined,
  );
  if (file !== undefined && isStudyFile(file)) {
    if (quick.length === 0) return readStudy(file, set);
    throw new LimbeckError(
      "ARGUMENT",
      `${file} describes the study; leave out ${quick.map(([name]) => `--${name}`).join(" ")}, or use --set`,
    );
  }
  if (!teacher && methods !== "ce") {
    throw new LimbeckError(
      "ARGUMENT",
      "a study needs a description (limbeck study study.yaml), or a teacher (limbeck study cifar10 --teacher FILE --methods kd,dist)",
    );
  }
  const described = {
    ...(file !== undefined && { data: { dataset: file } }),
    ...(teacher && { teachers: teacher.length === 1 ? teacher[0] : teacher }),
    ...(student !== undefined && { students: student.split(",") }),
    methods: withOptions((methods ?? "kd").split(","), option),
    ...(seeds !== undefined && { seeds }),
    ...(tune !== undefined && { tune: { trials: tune } }),
  };
  return checkStudy(described, set, { what: "the study" });
}

/** Each method with the options that it has, all of them for a module. Throws UNKNOWN_NAME for an option that none has. */
function withOptions(methods: readonly string[], options: Readonly<Record<string, unknown>> = {}): MethodDescription[] {
  const unknown = Object.entries(options).find(
    ([key, value]) => !methods.some((name) => shareFor(name, key, value)),
  )?.[0];
  if (unknown !== undefined)
    throw new LimbeckError(
      "UNKNOWN_NAME",
      `option ${unknown}: none of ${methods.join(", ")} has it; limbeck list methods NAME shows what there is`,
    );
  return methods.map((name) => {
    const own = Object.entries(options).flatMap(([key, value]) => shareFor(name, key, value) ?? []);
    return own.length > 0 ? { [name]: Object.fromEntries(own) } : name;
  });
}

function shareFor(name: string, key: string, value: unknown): ReturnType<typeof shareOf> {
  return isModulePath(name) ? [[key, value]] : shareOf(name.split("+").map(findMethod), key, value);
}

function nameOf(file: string | undefined): string {
  return file === undefined ? "shapes" : basename(file, extname(file));
}

/** `temperature=2,4`: values to try, with commas between them. */
function namedValues(text: string): Readonly<Record<string, unknown>> {
  const at = text.indexOf("=");
  const [name, values] = at < 1 ? [text, [text]] : [text.slice(0, at), text.slice(at + 1).split(",")];
  const each = values.map((value) => Object.values(namedValue(at < 1 ? value : `${name}=${value}`))[0]);
  return { [name]: each.length === 1 ? each[0] : each };
}

/** `2/8`, or `auto`: the task of a Slurm array or the index of a Kubernetes Job that this process is. */
function readShard(text: string): NonNullable<WorkOptions["shard"]> {
  if (text === "auto") return shardOfEnvironment(process.env);
  const [index = 0, of = 0] = /^(\d+)\/(\d+)$/.exec(text)?.slice(1).map(Number) ?? [];
  if (index >= 1 && index <= of) return { index, of };
  throw new LimbeckError("ARGUMENT", "It should be which of how many, from 1: 2/8; or auto.");
}

function shardOfEnvironment(environment: NodeJS.ProcessEnv): NonNullable<WorkOptions["shard"]> {
  const number = (name: string): number => Number(environment[name] ?? NaN);
  const task = (number("SLURM_ARRAY_TASK_ID") - number("SLURM_ARRAY_TASK_MIN")) / number("SLURM_ARRAY_TASK_STEP");
  const shards = [
    { index: task + 1, of: number("SLURM_ARRAY_TASK_COUNT") },
    { index: number("JOB_COMPLETION_INDEX") + 1, of: number("JOB_COMPLETIONS") },
  ];
  const shard = shards.find(({ index, of }) => Number.isInteger(index) && index >= 1 && index <= of);
  if (shard) return shard;
  throw new LimbeckError(
    "ARGUMENT",
    "This is no task of a Slurm array (SLURM_ARRAY_TASK_ID, _MIN, _STEP and _COUNT), and JOB_COMPLETION_INDEX with JOB_COMPLETIONS is not set. Give 2/8.",
  );
}
