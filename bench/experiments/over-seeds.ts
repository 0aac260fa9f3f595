/** @file One experiment over several seeds: each in a folder of its own, then mean and deviation, and a record that keeps them. */
import { join } from "node:path";
import type { ConfigInput, Results } from "../../src/experiment/index.ts";
import { checkRecordName, commit, writeRecord } from "../record.ts";
import { experiment, type Trainer } from "./experiment-folder.ts";
import { summarise, summaryTable } from "./summary.ts";

export interface SeedsOptions {
  readonly seeds: readonly number[];
  /** Gets one folder a seed. */
  readonly out: string;
  /** In `bench/records/`. */
  readonly record: string | undefined;
  /** What the record and the last line say of the experiment, beside its seeds. */
  readonly about: (results: readonly Results[]) => {
    readonly configuration: Readonly<Record<string, unknown>>;
    readonly words: string;
  };
}

/** Folders that are finished are not run again, one that was interrupted goes on. Prints a table. Throws as `experiment`. */
export async function overSeeds<C extends Trainer>(
  command: C,
  config: ConfigInput<C>,
  { seeds, out, record, about }: SeedsOptions,
): Promise<void> {
  if (record !== undefined) checkRecordName(record);
  const source = await commit();
  const results: Results[] = [];
  for (const seed of seeds) {
    process.stderr.write(`Seed ${seed}, ${results.length + 1} of ${seeds.length}\n`);
    results.push(await experiment(command, join(out, `seed-${seed}`), { ...config, seed }));
  }
  const runs = summarise(results);
  const { environment } = results[0]!;
  const { configuration, words } = about(results);
  process.stdout.write(
    `${summaryTable(runs)}\n\nn = ${seeds.length} seeds (${seeds.join(", ")}), ± the sample's deviation; ` +
      `${words}. ${environment.engine}; ${environment.machine}; ${environment.runtime}.\n`,
  );
  if (record === undefined) return;
  const path = await writeRecord(record, {
    commit: source,
    environment,
    configuration: { seeds, ...configuration },
    runs,
    results,
  });
  process.stderr.write(`Written: ${path}\n`);
}
