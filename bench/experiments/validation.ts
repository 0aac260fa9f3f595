/**
 * @file Settings of a distillation on CIFAR-10, compared on held-out training images; the teacher is asked once for all of them, and no test
 * image is looked at:
 *
 *     node bench/experiments/validation.ts SETTINGS.json --data-dir DIR --teacher FILE [--record NAME]
 *
 * SETTINGS.json is a list of `{ "name": "slower", "learningRate": 0.005 }`: what differs from `--recipe`, as config.json has it. Results go to
 * runs/validation.jsonl as they come, and what is there already is not trained again.
 */
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Command } from "commander";
import { printFailure } from "../../src/cli/failure.ts";
import { table } from "../../src/cli/output.ts";
import { read } from "../../src/cli/options.ts";
import { whole } from "../../src/experiment/settings/values.ts";
import { readCifar10 } from "../../src/data/node/cifar-folder.ts";
import { holdOut } from "../../src/data/subsets.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { environment } from "../../src/experiment/node/environment.ts";
import { parseConfig, type Config, objectiveOf } from "../../src/experiment/config.ts";
import { firstValues, planTraining, type RunPlan } from "../../src/experiment/plan.ts";
import { trainingOptions } from "../../src/experiment/training.ts";
import { loadModel, nothingOwn } from "../../src/model-file/index.ts";
import { createModel, type ModelName } from "../../src/models/index.ts";
import { countMultiplyAdds, countParameters } from "../../src/nn/index.ts";
import { percent } from "../../src/report/format.ts";
import { cacheTeacherOutputs, result, train } from "../../src/train/index.ts";
import { checkRecordName, commit, writeRecord } from "../record.ts";

interface Options {
  readonly dataDir: string;
  readonly teacher: string;
  readonly recipe: string;
  readonly images: number;
  readonly threads: number;
  readonly out: string;
  readonly record?: string;
}

/** What differs from the recipe. */
interface Settings {
  readonly name: string;
  readonly [setting: string]: unknown;
}

/** A training that is over. */
interface Outcome {
  readonly settings: Settings;
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** Percent of the validation images, and the mean loss, after each epoch. */
  readonly accuracies: readonly number[];
  readonly losses: readonly number[];
  /** Of all threads. */
  readonly processorSeconds: number;
}

const program = new Command("node bench/experiments/validation.ts")
  .description("Compares settings of a distillation on held-out training images.")
  .argument("<settings>", "JSON file: a list of what differs from the recipe, each with a name")
  .requiredOption("--data-dir <dir>", "folder with CIFAR-10's binary files")
  .requiredOption("--teacher <file>", "the teacher's weights (safetensors)")
  .option("--recipe <name>", "limbeck list recipes shows them", "light-10")
  .option("--images <n>", "training images to hold out", read(whole(1)), 5000)
  .option("--threads <n>", "threads of the wasm engine", read(whole(1)), 1)
  .option("--out <file>", "results as they come", "runs/validation.jsonl")
  .option("--record <name>", "also write bench/records/<name>.json")
  .action(compare);

await program.parseAsync().catch((error: unknown) => {
  process.exitCode = printFailure(error, false);
});

async function compare(file: string, { dataDir, recipe, images, threads, out, record, ...options }: Options) {
  if (record !== undefined) checkRecordName(record);
  const source = await commit();
  const wanted = JSON.parse(await readFile(file, "utf8")) as Settings[];
  const done = await outcomesOf(out);
  const dataset = holdOut(await readCifar10(dataDir), images, 1);
  const engine = await wasmEngine({ threads });
  const teacher = await loadModel(await readFile(options.teacher), engine);
  const left = wanted
    .filter(({ name }) => !done.has(name))
    .map((settings) => {
      const { name, ...own } = settings;
      const config = parseConfig("distill", { recipe, dataset: "cifar10", teacher: options.teacher, seed: 1, ...own });
      const { student, studentOptions, dropout, seed } = config;
      const model = createModel(student as ModelName, { dropout, options: studentOptions });
      const objective = objectiveOf(config, nothingOwn);
      const images = dataset.train.count;
      return { settings, config, plan: planTraining({ name, title: name, model, objective, seed, images, teacher }) };
    });
  const caches = await result(
    cacheTeacherOutputs(
      { engine, model: teacher, dataset, sees: "mean", batchSize: 500 },
      left.map(({ plan }) => plan.learner),
    ),
  );
  await mkdir(dirname(out), { recursive: true });
  for (const [i, { settings, config, plan }] of left.entries()) {
    const outcome = await trained(settings, config, plan, caches[i]!);
    done.set(settings.name, outcome);
    await appendFile(out, `${JSON.stringify(outcome)}\n`);
  }

  async function trained(
    settings: Settings,
    config: Config<"distill">,
    plan: RunPlan,
    teacherCache: (typeof caches)[number],
  ): Promise<Outcome> {
    const { learner, random } = plan;
    const { module, inputShape } = learner.model;
    for (const [tensor, values] of firstValues(plan, dataset)) await engine.write(tensor, values);
    const before = process.cpuUsage();
    const how = trainingOptions(config, dataset.train.count);
    const events = train({ engine, learner, dataset, random, ...how, teacherCache, isTeacherFixed: true });
    const epochs = await result(events);
    const { user, system } = process.cpuUsage(before);
    return {
      settings,
      parameters: countParameters(module),
      multiplyAdds: countMultiplyAdds(module, inputShape),
      accuracies: epochs.map(({ validationAccuracy }) => validationAccuracy!),
      losses: epochs.map(({ loss }) => loss),
      processorSeconds: (user + system) / 1e6,
    };
  }

  await engine.close();
  const outcomes = wanted.map(({ name }) => done.get(name)!);
  process.stdout.write(
    `${table(
      ["Settings", "Validation", "Epochs", "Parameters", "Processor seconds"],
      outcomes.map(({ settings: { name }, accuracies, parameters, processorSeconds }) => [
        name,
        percent(accuracies.at(-1)!),
        String(accuracies.length),
        parameters.toLocaleString("en"),
        processorSeconds.toFixed(0),
      ]),
    )}\n\n${images.toLocaleString("en")} held-out images, which the teacher has seen; recipe ${recipe}, seed 1.\n`,
  );
  if (record === undefined) return;
  const where = environment(engine.description);
  const path = await writeRecord(record, { commit: source, environment: where, recipe, images, outcomes });
  process.stderr.write(`Written: ${path}\n`);
}

/** Those of an earlier call, by name. */
async function outcomesOf(file: string): Promise<Map<string, Outcome>> {
  const text = await readFile(file, "utf8").catch(() => "");
  const outcomes = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Outcome]));
  return new Map(outcomes.map((outcome) => [outcome.settings.name, outcome]));
}
