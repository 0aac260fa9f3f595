/**
 * @file Four students over several seeds, taught by one teacher on CIFAR-10, one tutorial after the other:
 *
 *     node bench/experiments/seeds.ts --data-dir DIR --teacher FILE [--record NAME]
 *
 * Folders that are finished are not run again, one that was interrupted goes on. About 20 minutes a seed on two cores.
 */
import { basename, resolve } from "node:path";
import { Command } from "commander";
import { printFailure } from "../../src/cli/failure.ts";
import { read } from "../../src/cli/options.ts";
import { whole } from "../../src/experiment/settings/values.ts";
import { percent } from "../../src/report/format.ts";
import { overSeeds } from "./over-seeds.ts";
import { parseSeeds } from "./parse-seeds.ts";

interface Options {
  readonly dataDir: string;
  readonly teacher: string;
  readonly seeds?: readonly number[];
  readonly epochs: number;
  readonly limit?: number;
  readonly out: string;
  readonly record?: string;
}

const program = new Command("node bench/experiments/seeds.ts")
  .description("Trains the tutorial's four students with several seeds; mean and deviation of each.")
  .requiredOption("--data-dir <dir>", "folder with CIFAR-10's binary files")
  .requiredOption("--teacher <file>", "the teacher's weights (safetensors)")
  .option("--seeds <seeds...>", "as many as there are (default: 42 to 46)", parseSeeds)
  .option("--epochs <n>", "passes over the training images", read(whole(1)), 10)
  .option("--limit <n>", "only the first n images, for a trial", read(whole(1)))
  .option("--out <dir>", "folder that gets one folder a seed", "runs/seeds")
  .option("--record <name>", "also write bench/records/<name>.json")
  .action(seeds);

await program.parseAsync().catch((error: unknown) => {
  process.exitCode = printFailure(error, false);
});

async function seeds({ seeds = [42, 43, 44, 45, 46], epochs, limit, out, record, ...files }: Options): Promise<void> {
  const [dataDir, teacher] = [resolve(files.dataDir), resolve(files.teacher)];
  const config = { dataset: "cifar10", dataDir, teacher, epochs, ...(limit !== undefined && { limit }) };
  await overSeeds("tutorial", config, {
    seeds,
    out,
    record,
    about([first]) {
      const { testAccuracy } = first!.runs.find(({ name }) => name === "teacher")!;
      return {
        configuration: { epochs, limit, teacher: { file: basename(teacher), testAccuracy } },
        words: `epochs ${epochs}, teacher ${percent(testAccuracy)}`,
      };
    },
  });
}
