/** @file `npm run reliability`: random graphs, damaged files and killed trainings, thousands of each; `npm test` has short forms. */
import { Command } from "commander";
import { printFailure } from "../src/cli/failure.ts";
import { whole } from "../src/cli/numbers.ts";
import { environment } from "../src/experiment/node/environment.ts";
import { unknownName } from "../src/nearest-name.ts";
import { commit, writeRecord } from "./record.ts";
import { attacks } from "./reliability/attacks.ts";

interface Options {
  readonly count?: number;
  readonly seed: number;
  readonly record?: string;
}

await new Command("npm run reliability --")
  .description("Attacks Limbeck's parts with random input and says what ended wrongly.")
  .argument("[attacks...]", `some of ${Object.keys(attacks).join(", ")} (default: all)`)
  .option("--count <n>", "tries of each (default: its own number)", whole(1))
  .option("--seed <n>", "makes the same tries again", whole(0), 1)
  .option("--record <name>", "also write what was found to bench/records/<name>.json")
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = printFailure(error, false);
  });

async function run(names: readonly string[], { count, seed, record }: Options): Promise<void> {
  const results: object[] = [];
  for (const name of names.length > 0 ? names : Object.keys(attacks)) {
    if (!Object.hasOwn(attacks, name)) unknownName("attack", name, Object.keys(attacks));
    const attack = attacks[name]!;
    const tries = count ?? attack.count;
    const begin = performance.now();
    const { tried, faults } = await attack.run({
      count: tries,
      seed,
      onProgress: (done) => process.stderr.isTTY && process.stderr.write(`\r${name}: ${done} of ${tries}\u001B[K`),
    });
    if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
    const seconds = Math.round((performance.now() - begin) / 1000);
    process.stdout.write(`${name}: ${attack.title}: ${tried} tried, ${faults.length} ended wrongly, ${seconds} s\n`);
    for (const fault of faults.slice(0, 20)) process.stdout.write(`  ${fault}\n`);
    if (faults.length > 0) process.exitCode = 1;
    results.push({ name, title: attack.title, tried, seed, seconds, faults });
  }
  if (record === undefined) return;
  const written = await writeRecord(record, {
    commit: await commit(),
    environment: environment("wasm"),
    attacks: results,
  });
  process.stderr.write(`Written: ${written}\n`);
}
