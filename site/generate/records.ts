/** @file Results with their records: a table of each file in bench/records that has accuracies of runs, and all files to download. */
import { cpSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { generated, repository } from "../navigation.ts";
import { code, plain, table, writePage } from "./page.ts";

interface Run {
  readonly name: string;
  readonly accuracies?: readonly number[];
  readonly mean?: number;
  readonly deviation?: number;
  readonly gain?: { readonly mean: number; readonly deviation: number };
}

interface Record {
  readonly commit?: string;
  readonly environment?: { readonly runtime: string; readonly machine: string; readonly date: string };
  readonly configuration?: object;
  readonly runs?: readonly Run[];
}

const records = join(repository, "bench/records");

/** Writes `records.md`, and the files beside the site's pages. */
export function writeRecords(): void {
  const names = readdirSync(records).toSorted();
  cpSync(records, join(repository, generated, "public/records"), { recursive: true });
  const all = names.map((name) => [name, JSON.parse(readFileSync(join(records, name), "utf8")) as Record] as const);
  const rows = all.map(([name, { environment, commit = "" }]) => [
    `<a href="../records/${name}" target="_self">${name}</a>`,
    environment?.date.slice(0, 10) ?? "",
    environment ? plain(`${environment.runtime}, ${environment.machine}`) : "",
    code(commit),
  ]);
  const accuracies = all.flatMap(([name, record]) => {
    const runs = record.runs?.filter((run) => run.accuracies && run.mean !== undefined) ?? [];
    return runs.length > 0 ? [accuracySection(name, record, runs)] : [];
  });
  const text = [
    "# Records",
    "Each figure in these pages is in a record: a JSON file with every run, the settings, the machine and the commit.",
    table(["record", "date", "machine", "commit"], rows),
    "Test accuracies, in percent: the mean and standard deviation over n seeds.",
    ...accuracies,
  ];
  writePage("records.md", text.join("\n\n"));
}

function accuracySection(name: string, { configuration = {} }: Record, runs: readonly Run[]): string {
  const rows = runs.map(({ name, accuracies = [], mean, deviation, gain }) => [
    code(name),
    figure(mean!, deviation),
    String(accuracies.length),
    gain ? `${gain.mean > 0 ? "+" : ""}${figure(gain.mean, gain.deviation)}` : "",
  ]);
  const settings = Object.entries(configuration)
    .filter(([, value]) => typeof value !== "object")
    .map(([setting, value]) => code(`${setting}=${String(value)}`));
  return `## ${name}\n\n${settings.join(" ")}\n\n${table(["run", "accuracy", "n", "gain over the student alone"], rows)}`;
}

function figure(mean: number, deviation: number | undefined): string {
  return `${mean.toFixed(2)}${deviation === undefined ? "" : ` ± ${deviation.toFixed(2)}`}`;
}
