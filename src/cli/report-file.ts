/** @file Makes the report of an experiment from its folder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { writeWhole } from "../experiment/node/folder.ts";
import type { Results, RunRecord } from "../experiment/record.ts";
import type { StepLoss } from "../report/curves.ts";
import { report } from "../report/report.ts";
import { pngDataUri } from "./png-data-uri.ts";
import { readUPlot } from "./uplot.ts";

export interface ReportFileInput {
  readonly folder: string;
  readonly dataset: Dataset;
  readonly results: Results;
  readonly runs: readonly RunRecord[];
  /** What makes the same runs again. */
  readonly command: string;
}

/** Writes `report.html`, with the batches that the runs' `steps.jsonl` tell of; returns its path. */
export async function writeReport({ folder, dataset, results, runs, command }: ReportFileInput): Promise<string> {
  const steps = await Promise.all(runs.map(async (run) => [run.name, await readSteps(folder, run)] as const));
  const page = report({
    results,
    runs,
    command,
    steps: Object.fromEntries(steps),
    classes: dataset.classes,
    labels: dataset.test.labels,
    image: (index) => pngDataUri(dataset, index),
    uPlot: readUPlot(),
  });
  const file = join(folder, "report.html");
  await writeWhole(file, page);
  return file;
}

async function readSteps(folder: string, { name, epochs }: RunRecord): Promise<StepLoss[]> {
  if (epochs.length === 0) return [];
  const text = await readFile(join(folder, name, "steps.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as StepLoss);
}
