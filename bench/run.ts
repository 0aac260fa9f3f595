/** @file `npm run bench`: Limbeck's speed, beside PyTorch's where it is installed. */
import { Command } from "commander";
import { printFailure } from "../src/cli/failure.ts";
import { read } from "../src/cli/options.ts";
import { whole } from "../src/experiment/settings/values.ts";
import { compare } from "./compare.ts";
import { findMeasurements, measurementNames } from "./measurements.ts";
import { onMeasurement, onProgress } from "./progress.ts";
import { torchRemedy } from "./pytorch/process.ts";
import { checkRecordName, writeRecord } from "./record.ts";
import { show } from "./show.ts";
import { compareWhole, showWhole } from "./whole.ts";

interface Options {
  readonly threads?: number;
  readonly rows: readonly string[];
  readonly repeats: number;
  readonly whole?: string;
  readonly epochs: number;
  readonly json?: boolean;
  readonly record?: string;
}

const program = new Command("npm run bench --")
  .description(
    "Times training and distillation steps, Limbeck and PyTorch in turn; limbeck bench --profile shows where time goes.",
  )
  .option("--rows <names...>", `some of ${measurementNames.join(", ")} (default: all, about a quarter of an hour)`, [])
  .option("--threads <n>", "of each side (default: all cores)", read(whole(1, 256)))
  .option("--repeats <n>", "samples of each figure; fewer than 7 are a glance", read(whole(1)), 7)
  .option("--whole <dir>", "the whole tutorial on CIFAR-10's binary files in this folder instead, once on each side")
  .option("--epochs <n>", "of each run of the whole tutorial; 10 take an hour or two", read(whole(1)), 10)
  .option("--json", "print the record instead of the table")
  .option("--record <name>", "also write it to bench/records/<name>.json")
  .action(bench);

await program.parseAsync().catch((error: unknown) => {
  process.exitCode = printFailure(error, false);
});

async function bench({ rows: names, threads, repeats, json, record: file, ...options }: Options): Promise<void> {
  const given = threads === undefined ? {} : { threads };
  if (file !== undefined) checkRecordName(file);
  if (options.whole !== undefined) {
    const record = await compareWhole({
      dataDir: options.whole,
      epochs: options.epochs,
      ...given,
      onProgress,
    });
    onProgress("");
    process.stdout.write(`${json ? JSON.stringify(record) : showWhole(record)}\n`);
    if (file !== undefined) process.stderr.write(`Written: ${await writeRecord(file, record)}\n`);
    return;
  }
  const record = await compare(findMeasurements(names), { ...given, repeats, onProgress: onMeasurement });
  onProgress("");
  process.stdout.write(`${json ? JSON.stringify(record) : show(record)}\n`);
  if (record.pytorch === undefined) process.stderr.write(`No PyTorch to compare with; on Debian: ${torchRemedy}\n`);
  if (file !== undefined) process.stderr.write(`Written: ${await writeRecord(file, record)}\n`);
}
