/**
 * @file Every method on one pair of networks, with the same budget, over several seeds:
 *
 *     node bench/experiments/methods.ts --data-dir DIR --teacher FILE [--record NAME]
 *
 * Each run is a `limbeck train` or `limbeck distill` of its own. Its epoch is chosen on images held out from the training
 * ones, and it meets the test images once. Options are the methods' defaults, but for those below: nothing is tuned. Folders that
 * are finished are not run again, one that was interrupted goes on. About 40 minutes on two cores.
 */
import { basename, join, resolve } from "node:path";
import { Command } from "commander";
import { printFailure } from "../../src/cli/failure.ts";
import { read } from "../../src/cli/options.ts";
import { whole } from "../../src/experiment/settings/values.ts";
import { methods, objectiveNamed } from "../../src/distill/index.ts";
import type { Results } from "../../src/experiment/index.ts";
import { checkRecordName, commit, writeRecord } from "../record.ts";
import { experiment } from "./experiment-folder.ts";
import { summarise, summaryTable } from "./summary.ts";

interface Options {
  readonly dataDir: string;
  readonly teacher: string;
  readonly teacherModel: string;
  readonly model: string;
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly epochs: number;
  readonly limit: number;
  readonly validation: number;
  readonly out: string;
  readonly record?: string;
}

/** Of networks whose classifier sees the means of maps, which LightNN's does not. */
const ofAverages: ReadonlySet<string> = new Set(["sdd", "catkd"]);

/** The methods alone, two combinations, and those whose defaults are not for CIFAR with their presets that are: `METHOD:PRESET`. */
const all = [
  ...Object.keys(methods).filter((name) => !ofAverages.has(name)),
  "kd+at",
  "kd+sp",
  "kd:cifar",
  "nkd:cifar",
  "srrl:cifar",
];

/** What is not left as it is: pre-training of 30 epochs would be three times the budget, and so would a fusion of 256 channels. */
const changedOptions: Readonly<Record<string, Record<string, unknown>>> = {
  fsp: { initialEpochs: 3 },
  ab: { initialEpochs: 3 },
  ft: { initialEpochs: 3 },
  reviewkd: { mostChannels: 64 },
};

const parseSeed = read(whole(0));

const program = new Command("node bench/experiments/methods.ts")
  .description("Trains one student by every method with several seeds; mean and deviation of each.")
  .requiredOption("--data-dir <dir>", "folder with CIFAR-10's binary files")
  .requiredOption("--teacher <file>", "the teacher's weights (safetensors)")
  .option("--teacher-model <name>", "the teacher's model", "resnet20")
  .option("--model <name>", "the student's model", "LightNN")
  .option("--methods <names...>", "as many as there are, each perhaps with a preset: kd:cifar", all)
  .option("--seeds <seeds...>", "as many as there are (default: 42 43 44)", (text, before: readonly number[] = []) => [
    ...before,
    parseSeed(text),
  ])
  .option("--epochs <n>", "passes over the training images", read(whole(1)), 10)
  .option("--limit <n>", "the first n training images, those that are held out among them", read(whole(1)), 15_000)
  .option("--validation <n>", "of these, held out to choose the epoch by", read(whole(1)), 5000)
  .option("--out <dir>", "folder that gets one folder a run", "runs/methods")
  .option("--record <name>", "also write bench/records/<name>.json")
  .action(compareMethods);

await program.parseAsync().catch((error: unknown) => {
  process.exitCode = printFailure(error, false);
});

async function compareMethods(options: Options): Promise<void> {
  const { seeds = [42, 43, 44], epochs, limit, validation, model, teacherModel, out, record } = options;
  const [dataDir, teacher] = [resolve(options.dataDir), resolve(options.teacher)];
  if (record !== undefined) checkRecordName(record);
  const source = await commit();
  const results: Results[] = [];
  for (const seed of seeds) {
    const ofSeed: Results[] = [];
    for (const asked of options.methods) {
      process.stderr.write(`Seed ${seed}, ${asked}\n`);
      const [method, preset] = asked.split(":") as [string, string?];
      const folder = join(out, `seed-${seed}`, asked.replace(":", "-"));
      const common = {
        dataset: "cifar10",
        dataDir,
        limit,
        validation,
        keep: "best",
        epochs,
        seed,
        method,
        ...(preset !== undefined && { preset }),
      } as const;
      const { needsTeacher } = objectiveNamed(method, {}, preset);
      const taught = {
        ...common,
        student: model,
        teacher: [teacher],
        teacherModel: [teacherModel],
        options: changedOptions[method] ?? {},
      };
      ofSeed.push(
        await (needsTeacher
          ? experiment("distill", folder, taught)
          : experiment("train", folder, { ...common, model })),
      );
    }
    const runs = ofSeed.map(({ runs }, i) => ({ ...runs.at(-1)!, name: `student-${options.methods[i]}` }));
    results.push({ ...ofSeed[0]!, runs });
  }
  const summaries = summarise(results).toSorted((a, b) => b.mean - a.mean);
  const { environment } = results[0]!;
  process.stdout.write(
    `${summaryTable(summaries)}\n\n${model} taught by ${teacherModel} on ${limit - validation} images, the best of ${epochs} epochs ` +
      `by ${validation} held-out ones; n = ${seeds.length} seeds (${seeds.join(", ")}), ± the sample's deviation. ` +
      `${environment.engine}; ${environment.machine}; ${environment.runtime}.\n`,
  );
  if (record === undefined) return;
  const configuration = {
    seeds,
    epochs,
    limit,
    validation,
    model,
    teacherModel,
    teacher: basename(teacher),
    changedOptions,
  };
  const path = await writeRecord(record, { commit: source, environment, configuration, runs: summaries });
  process.stderr.write(`Written: ${path}\n`);
}
