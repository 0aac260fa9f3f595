/** @file `npm run reliability`: random graphs, damaged files and killed trainings, thousands of each; `npm test` has short forms. */
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { printFailure } from "../src/cli/failure.ts";
import { read } from "../src/cli/options.ts";
import { whole } from "../src/experiment/settings/values.ts";
import { environment } from "../src/experiment/node/environment.ts";
import { unknownName } from "../src/nearest-name.ts";
import { checkRecordName, commit, writeRecord } from "./record.ts";
import { attacks } from "./reliability/attacks.ts";

/** What one attack found. */
interface Result {
  readonly name: string;
  readonly title: string;
  readonly commit: string;
  readonly tried: number;
  readonly seed: number;
  readonly seconds: number;
  readonly faults: readonly string[];
}

interface Options {
  readonly count?: number;
  readonly seed: number;
  readonly record?: string;
}

await new Command("npm run reliability --")
  .description("Attacks Limbeck's parts with random input and says what ended wrongly.")
  .argument("[attacks...]", `some of ${Object.keys(attacks).join(", ")} (default: all)`)
  .option("--count <n>", "tries of each (default: its own number)", read(whole(1)))
  .option("--seed <n>", "makes the same tries again", read(whole(0)), 1)
  .option(
    "--record <name>",
    "also write what was found to bench/records/<name>.json, in place of what these attacks found before",
  )
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = printFailure(error, false);
  });

async function run(names: readonly string[], { count, seed, record }: Options): Promise<void> {
  if (record !== undefined) checkRecordName(record);
  const source = await commit();
  const results: Result[] = [];
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
    results.push({ name, title: attack.title, commit: source, tried, seed, seconds, faults });
  }
  if (record === undefined) return;
  const before = (await readRecord(record))?.attacks ?? [];
  const others = before.filter(({ name }) => !results.some((result) => result.name === name));
  const found = [...others, ...results].toSorted((a, b) => a.name.localeCompare(b.name));
  const written = await writeRecord(record, { environment: environment("wasm"), attacks: found });
  process.stderr.write(`Written: ${written}\n`);
}

/** The record of this name, if there is one. */
async function readRecord(name: string): Promise<{ readonly attacks: readonly Result[] } | undefined> {
  const text = await readFile(new URL(`records/${name}.json`, import.meta.url), "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
