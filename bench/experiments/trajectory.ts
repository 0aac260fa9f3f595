/**
 * @file A finished tutorial's folder beside PyTorch's figures of the same five runs:
 *
 *     node bench/experiments/trajectory.ts FOLDER GOLDEN.json [--record NAME]
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { printFailure } from "../../src/cli/failure.ts";
import { LimbeckError } from "../../src/errors.ts";
import type { Results } from "../../src/experiment/index.ts";
import { experimentState } from "../../src/experiment/node/experiment-state.ts";
import { readJsonIfThere } from "../../src/experiment/node/read-json.ts";
import { parseWith } from "../../src/parse-with.ts";
import { checkRecordName, commit, writeRecord } from "../record.ts";
import { differences, differencesTable, firsts, trajectories, type Trajectory } from "./differences.ts";

const program = new Command("node bench/experiments/trajectory.ts")
  .description("The largest relative difference of the first batch losses, and the final accuracies side by side.")
  .argument("<folder>", "of a finished `limbeck tutorial`")
  .argument("<golden>", "JSON: PyTorch's runs, each with name, steps and testAccuracy")
  .option("--record <name>", "also write bench/records/<name>.json")
  .action(compare);

await program.parseAsync().catch((error: unknown) => {
  process.exitCode = printFailure(error, false);
});

async function compare(folder: string, golden: string, { record }: { readonly record?: string }): Promise<void> {
  if (record !== undefined) checkRecordName(record);
  const other = parseWith(trajectories, JSON.parse(await readFile(golden, "utf8")), "DATA_FORMAT", golden);
  const state = await experimentState(folder);
  if (state?.command !== "tutorial" || state.state !== "done")
    throw new LimbeckError("DATA_MISSING", `${folder} holds no finished tutorial; run it to its end first`);
  const results = (await readJsonIfThere(join(folder, "results.json"))) as Results;
  const runs = await Promise.all(
    results.runs.map(async ({ name, testAccuracy }): Promise<Trajectory> => {
      const log = await readFile(join(folder, name, "steps.jsonl"), "utf8").catch(() => ""); // a given teacher has none
      const lines = log.split("\n").filter(Boolean).slice(0, firsts.at(-1)!);
      return { name, testAccuracy, steps: lines.map((line) => (JSON.parse(line) as { loss: number }).loss) };
    }),
  );
  const found = differences(runs, other.runs);
  process.stdout.write(
    `${differencesTable(found, "PyTorch")}\n\nLimbeck: ${results.environment.engine}. ${other.note}\n`,
  );
  if (record === undefined) return;
  const { environment, seed, dataset } = results;
  const path = await writeRecord(record, {
    commit: await commit(),
    environment,
    dataset,
    seed,
    note: other.note,
    firsts,
    runs: found,
  });
  process.stderr.write(`Written: ${path}\n`);
}
