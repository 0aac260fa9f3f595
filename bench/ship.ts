/** @file `npm run bench:ship`: every network exported in every format and precision, beside ONNX Runtime. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { printFailure } from "../src/cli/failure.ts";
import { read } from "../src/cli/options.ts";
import { whole } from "../src/experiment/settings/values.ts";
import { environment } from "../src/experiment/node/environment.ts";
import { onProgress } from "./progress.ts";
import { checkRecordName, commit, writeRecord } from "./record.ts";
import { measureAccuracy, measureNetwork } from "./ship/measure.ts";
import type { AccuracyResult, NetworkResult, ShipRecord } from "./ship/record.ts";
import { runtimes } from "./ship/runners.ts";
import { showShip } from "./ship/show.ts";
import { drawnSubject, names } from "./ship/subject.ts";
import { trainedNames, trainedSubject, training } from "./ship/trained.ts";

interface Options {
  readonly networks: typeof names;
  readonly only?: "table" | "accuracy";
  readonly repeats: number;
  readonly dataDir?: string;
  readonly trained: string;
  readonly json?: boolean;
  readonly record?: string;
}

const program = new Command("npm run bench:ship --")
  .description(
    "Exports every network of the table to web and onnx, in float32, float16 and int8: bytes, differences of logits, and the time of " +
      "one image on one thread, beside onnxruntime-node and onnxruntime-web, in turn. Then the accuracy of trained ones.",
  )
  .addOption(
    new Option("--networks <names...>", "some of the table (default: all)").choices(names).default(names, "all"),
  )
  .addOption(new Option("--only <part>", "the table of drawn weights, or the accuracy").choices(["table", "accuracy"]))
  .option("--repeats <n>", "samples of each time; fewer than 20 are a glance", read(whole(1)), 20)
  .option("--data-dir <dir>", "CIFAR-10's binary files, for the accuracy; without it there is none")
  .option("--trained <dir>", "where trained networks are kept, and taken from", "runs/bench-ship")
  .option("--json", "print the record instead of the tables")
  .option("--record <name>", "also write it to bench/records/<name>.json")
  .action(bench);

await program.parseAsync().catch((error: unknown) => {
  process.exitCode = printFailure(error, false);
});

async function bench({
  networks: wanted,
  only,
  repeats,
  dataDir,
  trained,
  json,
  record: file,
}: Options): Promise<void> {
  if (file !== undefined) checkRecordName(file);
  const networks: NetworkResult[] = [];
  const accuracy: AccuracyResult[] = [];
  for (const name of only === "accuracy" ? [] : wanted) {
    networks.push(await inFolder((work) => measureNetwork(drawnSubject(name), { work, repeats, onProgress })));
  }
  // NOTE: after all times, since training widens the engine, and V8 keeps its switch for the whole process.
  for (const name of only === "table" || dataDir === undefined
    ? []
    : trainedNames.filter((name) => wanted.includes(name))) {
    const subject = await trainedSubject(name, { dataDir: dataDir!, kept: trained, onProgress });
    accuracy.push(await inFolder((work) => measureAccuracy(subject, { work, onProgress })));
  }
  onProgress("");
  const record: ShipRecord = {
    commit: await commit(),
    environment: environment("one thread"),
    runtimes,
    configuration: { threads: 1, repeats },
    networks,
    accuracy,
    training,
  };
  process.stdout.write(`${json ? JSON.stringify(record) : showShip(record)}\n`);
  if (file !== undefined) process.stderr.write(`Written: ${await writeRecord(file, record)}\n`);
}

/** In a new folder, which is gone afterwards. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-ship-"));
  return work(folder).finally(() => rm(folder, { recursive: true, force: true }));
}
