/** @file Makes the report of an experiment from its folder. */
import * as z from "zod/mini";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Dataset } from "../data/dataset.ts";
import { imagePng } from "../data/png.ts";
import type { ExperimentFolder, Results, RunRecord } from "../experiment/index.ts";
import { report, type StepLoss, type ReportInput } from "../report/index.ts";
import { comparisonTables, type StudyComparison } from "../study/index.ts";
import { parseStrictJson } from "../strict-json.ts";
import { stepLoss } from "./step-loss.ts";

export interface ReportFileInput {
  readonly folder: ExperimentFolder;
  readonly dataset: Dataset;
  readonly results: Results;
  readonly runs: readonly RunRecord[];
  /** The shell command that makes the same runs again. */
  readonly command: string;
  readonly overSeeds?: StudyComparison | undefined;
}

/** The report's name in the folder. */
const REPORT = "report.html";

/** Writes it, with the losses of the runs' `steps.jsonl`, where those are whole; returns its path in the folder. */
export async function writeReport({
  folder,
  dataset,
  results,
  runs,
  command,
  overSeeds,
}: ReportFileInput): Promise<string> {
  const steps = await Promise.all(runs.map(async (run) => [run.name, await readSteps(folder, run)] as const));
  const page = await report({
    results,
    runs,
    command,
    steps: Object.fromEntries(steps),
    classes: dataset.classes,
    labels: dataset.test.labels,
    image: (index) => pngDataUri(dataset, index),
    uPlot: readUPlot(),
    overSeeds: overSeeds && { ...overSeeds, tables: comparisonTables(overSeeds) },
  });
  await folder.write(REPORT, page);
  return REPORT;
}

/** None where the log is not whole: curves that begin in the middle would stand in the wrong place. */
async function readSteps(folder: ExperimentFolder, { name, epochs }: RunRecord): Promise<readonly StepLoss[]> {
  if (epochs.length === 0) return [];
  const path = `${name}/steps.jsonl`;
  const lines = (await folder.readLines(path)) ?? [];
  try {
    const steps = z.array(stepLoss).parse(lines.map((line) => parseStrictJson(line)));
    return followEachOther(steps) ? steps : [];
  } catch {
    folder.notes.push(`${path} holds lines that no training wrote: the run goes without its curves`);
    return [];
  }
}

/** From the first on, each part with the same losses throughout. */
function followEachOther(steps: readonly StepLoss[]): boolean {
  const lossesOf = new Map<string | undefined, string>();
  return steps.every(({ step, phase, terms }, i) => {
    const losses = Object.keys(terms).join("\n");
    if (!lossesOf.has(phase)) lossesOf.set(phase, losses);
    return step === i + 1 && lossesOf.get(phase) === losses;
  });
}

/** A test image as a data URI. Throws as `imagePng`. */
export function pngDataUri({ shape, test }: Pick<Dataset, "shape" | "test">, index: number): string {
  return `data:image/png;base64,${Buffer.from(imagePng(test, shape, index)).toString("base64")}`;
}

/** uPlot's browser build, from the installed package. */
export function readUPlot(): ReportInput["uPlot"] {
  const { resolve } = createRequire(import.meta.url);
  return {
    script: readFileSync(resolve("uplot/dist/uPlot.iife.min.js"), "utf8"),
    style: readFileSync(resolve("uplot/dist/uPlot.min.css"), "utf8"),
  };
}
