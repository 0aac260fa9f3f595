/**
 * @file CIFAR-10 as 60,000 PNG files in folders, trained on beside its own binary files:
 *
 *     node bench/experiments/picture-files.ts --data-dir DIR --pictures FOLDER [--record NAME]
 *
 * The weights after an epoch have to be the same bits. Epochs of LightNN, whose steps are the shortest that images can be read beside, are
 * timed in turn. About three minutes on two cores, and as much again where the pictures are not written yet.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { median } from "../../src/benchmark/index.ts";
import { printFailure } from "../../src/cli/failure.ts";
import { read } from "../../src/cli/options.ts";
import { whole } from "../../src/experiment/settings/values.ts";
import { table } from "../../src/cli/output.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { fingerprint } from "../../src/data/fingerprint.ts";
import { limit } from "../../src/data/subsets.ts";
import { createTrainer, loadDataset, type Trainer } from "../../src/entries/index.ts";
import { loadImages } from "../../src/entries/node.ts";
import { environment } from "../../src/experiment/node/environment.ts";
import { namedStates } from "../../src/nn/index.ts";
import { orderFile, writePictures } from "../../test/data/write-pictures.ts";
import { checkRecordName, commit, writeRecord } from "../record.ts";

/** Networks that are trained on so many images. */
const sameBits = [
  ["LightNN", Infinity],
  ["DeepNN", 2000],
] as const;

/** Of an epoch: by the clock, its steps alone; of all threads' computing, starting included, which tells more on a busy machine. */
const kinds = ["clock", "processor"] as const;
type Seconds = Readonly<Record<(typeof kinds)[number], number>>;

interface Options {
  readonly dataDir: string;
  readonly pictures: string;
  readonly cache?: string;
  readonly repeats: number;
  readonly limit?: number;
  readonly record?: string;
}

const program = new Command("node bench/experiments/picture-files.ts")
  .description(
    "Trains on CIFAR-10's binary files and on the same images as PNG files: the same bits, and in what time.",
  )
  .requiredOption("--data-dir <dir>", "folder with CIFAR-10's binary files")
  .requiredOption("--pictures <dir>", "folder of the PNG files, which are written unless they are there")
  .option("--cache <dir>", "folder of the cache")
  .option("--repeats <n>", "epochs that are timed, of each", read(whole(1)), 7)
  .option("--limit <n>", "only the first n images, for a trial", read(whole(1)))
  .option("--record <name>", "also write bench/records/<name>.json")
  .action(compare);

await program.parseAsync().catch((error: unknown) => {
  process.exitCode = printFailure(error, false);
});

async function compare({ dataDir, pictures, cache, repeats, limit: most, record }: Options): Promise<void> {
  if (record !== undefined) checkRecordName(record);
  const all = await loadDataset("cifar10", { dir: dataDir });
  const memory = most === undefined ? all : limit(all, most);
  const order = join(pictures, orderFile);
  if (!existsSync(order)) await writePictures(memory, pictures);
  const { name, mean, std } = memory;
  const files: Dataset = await loadImages(order, {
    name,
    mean,
    std,
    size: 32,
    keepDuplicates: true,
    ...(cache !== undefined && { cache }),
  });
  if ((await fingerprint(files)) !== (await fingerprint(memory))) throw new Error("the pictures are not the images");
  for (const [model, images] of sameBits) await checkBits(model, images, memory, files);

  const trainers = { memory: await createTrainer({ dataset: memory }), files: await createTrainer({ dataset: files }) };
  const epochs: Readonly<Record<keyof typeof trainers, Seconds[]>> = { memory: [], files: [] };
  for (let i = -1; i < repeats; i++) {
    // In turn, and each first as often as the other; the first of each warms up.
    const names = Object.keys(epochs) as (keyof typeof epochs)[];
    for (const name of i % 2 === 0 ? names : names.toReversed()) {
      const taken = await epoch(trainers[name]);
      if (i >= 0) epochs[name].push(taken);
    }
  }
  for (const trainer of Object.values(trainers)) await trainer.close();
  const lines = kinds.flatMap((kind) =>
    Object.entries(epochs).map(([name, samples]) => {
      const seconds = samples.map((each) => each[kind]);
      return [
        `${name}, ${kind}`,
        ...[median(seconds), Math.min(...seconds), Math.max(...seconds)].map((each) => each.toFixed(2)),
      ];
    }),
  );
  const ratios = kinds.map((kind) => {
    const [files, memory] = [epochs.files, epochs.memory].map((samples) => median(samples.map((each) => each[kind])));
    return [kind, files! / memory!] as const;
  });
  const { machine, runtime } = environment("wasm");
  process.stdout.write(
    `The same bits: ${sameBits.map(([name, images]) => `${name} on ${Math.min(images, memory.train.count)} images`).join(", ")}.\n` +
      `${table(["Seconds of an epoch of LightNN", "Median", "Min", "Max"], lines)}\n` +
      `Files take ${ratios.map(([kind, ratio]) => `${ratio.toFixed(3)} of memory's ${kind} time`).join(", ")}; ` +
      `n = ${repeats} each, in turn; ${memory.train.count} images; ${machine}; ${runtime}.\n`,
  );
  if (record === undefined) return;
  const path = await writeRecord(record, {
    commit: await commit(),
    environment: environment("wasm"),
    images: memory.train.count,
    sameBits,
    epochs,
    ratios: Object.fromEntries(ratios),
  });
  process.stderr.write(`Written: ${path}\n`);
}

/** Throws unless both give the same weights after an epoch. */
async function checkBits(model: string, images: number, memory: Dataset, files: Dataset): Promise<void> {
  const [one, other] = [await trained(model, first(memory, images)), await trained(model, first(files, images))];
  for (const [name, bytes] of one) {
    if (!bytes.equals(other.get(name)!)) throw new Error(`${model}: ${name} differs`);
  }
}

/** The first training images, which stay where they are: `limit` would copy them into memory. */
function first(dataset: Dataset, images: number): Dataset {
  const { train } = dataset;
  const count = Math.min(images, train.count);
  return { ...dataset, train: { ...train, count, labels: train.labels.slice(0, count) } };
}

/** The bytes of every state after an epoch, by name. */
async function trained(model: string, dataset: Dataset): Promise<ReadonlyMap<string, Buffer>> {
  const trainer = await createTrainer({ dataset, epochs: 1 });
  const { module } = await trainer.train(model);
  const states = new Map<string, Buffer>();
  for (const [name, state] of namedStates(module)) {
    const values = await trainer.engine.read(state);
    states.set(name, Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  }
  await trainer.close();
  return states;
}

async function epoch({ engine, dataset }: Trainer): Promise<Seconds> {
  let clock = NaN;
  const once = await createTrainer({
    engine,
    dataset,
    epochs: 1,
    onEvent: (event) => event.kind === "epoch" && (clock = event.seconds),
  });
  const before = process.cpuUsage();
  const { module } = await once.train("LightNN");
  const { user, system } = process.cpuUsage(before);
  await engine.free([...namedStates(module).values()]);
  return { clock, processor: (user + system) / 1e6 };
}
