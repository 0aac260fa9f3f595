/**
 * @file A recipe over several seeds on CIFAR-10: what a network trained by it comes to, or with `--teacher`, what a student does.
 *
 *     node bench/experiments/recipe.ts airbench94 --data-dir DIR --seeds 42 43 44 --record airbench94
 *     node bench/experiments/recipe.ts light-10 --data-dir DIR --teacher FILE --record light-10
 *     node bench/experiments/recipe.ts light-10 --data-dir DIR --teacher FILE --set validation=5000 tested=false
 *
 * Folders that are finished are not run again, one that was interrupted goes on.
 */
import { basename, join, resolve } from "node:path";
import { Command } from "commander";
import { printFailure } from "../../src/cli/failure.ts";
import { merged } from "../../src/cli/options.ts";
import { namedValue } from "../../src/experiment/settings/values.ts";
import { percent } from "../../src/report/format.ts";
import { overSeeds } from "./over-seeds.ts";
import { parseSeeds } from "./parse-seeds.ts";

interface Options {
  readonly dataDir: string;
  readonly teacher?: string;
  readonly seeds?: readonly number[];
  readonly set?: Readonly<Record<string, unknown>>;
  readonly out?: string;
  readonly record?: string;
}

const program = new Command("node bench/experiments/recipe.ts")
  .description("Trains by a recipe with several seeds; mean and deviation.")
  .argument("<recipe>", "limbeck list recipes shows them")
  .requiredOption("--data-dir <dir>", "folder with CIFAR-10's binary files")
  .option("--teacher <file>", "train a student of it: its weights (safetensors)")
  .option("--seeds <seeds...>", "as many as there are (default: 42 to 46)", parseSeeds)
  .option("--set <name=value...>", "other settings of the configuration, as config.json has them", merged(namedValue))
  .option("--out <dir>", "folder that gets one folder a seed (default: runs/RECIPE)")
  .option("--record <name>", "also write bench/records/<name>.json")
  .action(ofRecipe);

await program.parseAsync().catch((error: unknown) => {
  process.exitCode = printFailure(error, false);
});

async function ofRecipe(recipe: string, { seeds = [42, 43, 44, 45, 46], set = {}, record, ...given }: Options) {
  const { out = join("runs", recipe) } = given;
  const config = { dataset: "cifar10", dataDir: resolve(given.dataDir), recipe, ...set };
  const teacher = given.teacher === undefined ? undefined : resolve(given.teacher);
  await overSeeds(teacher === undefined ? "train" : "distill", { ...config, ...(teacher && { teacher }) } as object, {
    seeds,
    out,
    record,
    about([first]) {
      const taught = first!.runs.find(({ name }) => name === "teacher");
      return {
        configuration: {
          recipe,
          ...set,
          ...(teacher && taught && { teacher: { file: basename(teacher), testAccuracy: taught.testAccuracy } }),
        },
        words: `recipe ${recipe}${taught ? `, teacher ${percent(taught.testAccuracy)}` : ""}`,
      };
    },
  });
}
