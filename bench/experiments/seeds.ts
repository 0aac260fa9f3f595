/**
 * @file Four students over several seeds, taught by one teacher on CIFAR-10, one tutorial after the other:
 *
 *     node bench/experiments/seeds.ts --data-dir DIR --teacher FILE [--record NAME]
 *
 * Folders that are finished are not run again, one that was interrupted goes on. About 20 minutes a seed on two cores.
 */
import { basename, join, resolve } from "node:path";
import { Command } from "commander";
import { printFailure } from "../../src/cli/failure.ts";
import { whole } from "../../src/cli/option-values.ts";
import type { Results } from "../../src/experiment/index.ts";
import { percent } from "../../src/report/format.ts";
import { checkRecordName, commit, writeRecord } from "../record.ts";
import { summarise, summaryTable } from "./summary.ts";
import { experiment } from "./experiment-folder.ts";

interface Options {
  readonly dataDir: string;
  readonly teacher: string;
  readonly seeds: readonly number[];
  readonly epochs: number;
  readonly limit?: number;
  readonly out: string;
  readonly record?: string;
}

const parseSeed = whole(0);

const program = new Command("node bench/experiments/seeds.ts")
  .description("Trains the tutorial's four students with several seeds; mean and deviation of each.")
  .requiredOption("--data-dir <dir>", "folder with CIFAR-10's binary files")
  .requiredOption("--teacher <file>", "the teacher's weights (safetensors)")
  .option("--seeds <seeds...>", "as many as there are", (text, before: readonly number[] = []) => [
    ...before,
    parseSeed(text),
  ])
  .option("--epochs <n>", "passes over the training images", whole(1), 10)
  .option("--limit <n>", "only the first n images, for a trial", whole(1))
  .option("--out <dir>", "folder that gets one folder a seed", "runs/seeds")
  .option("--record <name>", "also write bench/records/<name>.json")
  .action(overSeeds);

await program.parseAsync().catch((error: unknown) => {
  process.exitCode = printFailure(error, false);
});

async function overSeeds(options: Options): Promise<void> {
  const { seeds = [42, 43, 44, 45, 46], epochs, limit, out, record } = options;
  const [dataDir, teacher] = [resolve(options.dataDir), resolve(options.teacher)];
  if (record !== undefined) checkRecordName(record);
  const source = await commit();
  const results: Results[] = [];
  for (const seed of seeds) {
    process.stderr.write(`Seed ${seed}, ${results.length + 1} of ${seeds.length}\n`);
    const config = { dataset: "cifar10", dataDir, teacher, epochs, seed, ...(limit !== undefined && { limit }) };
    results.push(await experiment("tutorial", join(out, `seed-${seed}`), config));
  }
  const runs = summarise(results);
  const { environment } = results[0]!;
  const accuracy = results[0]!.runs.find(({ name }) => name === "teacher")!.testAccuracy;
  process.stdout.write(
    `${summaryTable(runs)}\n\nn = ${seeds.length} seeds (${seeds.join(", ")}), ± the sample's deviation; ` +
      `epochs ${epochs}, teacher ${percent(accuracy)}. ${environment.engine}; ${environment.machine}; ${environment.runtime}.\n`,
  );
  if (record === undefined) return;
  const configuration = { seeds, epochs, limit, teacher: { file: basename(teacher), testAccuracy: accuracy } };
  const path = await writeRecord(record, { commit: source, environment, configuration, runs, results });
  process.stderr.write(`Written: ${path}\n`);
}
