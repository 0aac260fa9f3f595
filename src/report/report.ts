/** @file The report: one HTML file from the records of a run, which opens without a network. */
import type { Results, RunRecord } from "../experiment/index.ts";
import { calibrationSection } from "./calibration-section.ts";
import { classesSection } from "./classes-section.ts";
import { confusionSection, panelRules } from "./confusion-section.ts";
import { curvesSection } from "./curves-section.ts";
import type { StepLoss } from "./curves.ts";
import { gallerySection } from "./gallery-section.ts";
import { claimOf, headline } from "./headline.ts";
import { makingSection } from "./making-section.ts";
import { page, type PageInput } from "./page.ts";
import { runsSection } from "./runs-section.ts";
import { seedsSection, type SeedsTable } from "./seeds-section.ts";

export interface ReportInput {
  readonly results: Results;
  /** In the order in which they are shown. */
  readonly runs: readonly RunRecord[];
  /** The batches of each run, by its name. */
  readonly steps: Readonly<Record<string, readonly StepLoss[]>>;
  readonly classes: readonly string[];
  /** True classes of the test images, in the order of the predictions. */
  readonly labels: ArrayLike<number>;
  /** A test image as a data URI. */
  readonly image: (index: number) => string;
  /** What several seeds showed; without it the headline is that of single runs. */
  readonly overSeeds?: SeedsTable | undefined;
  /** The shell command that makes the same runs again. */
  readonly command: string;
  readonly uPlot: PageInput["uPlot"];
}

/** The whole page. Rejects with ARGUMENT if predictions and labels differ in number. */
export async function report(input: ReportInput): Promise<string> {
  const { results, runs, steps, classes, labels, image, command, uPlot, overSeeds } = input;
  const sections: PageInput["sections"] = [
    ["seeds", "Over seeds", overSeeds ? seedsSection(overSeeds) : false],
    ["runs", "Side by side", runsSection(runs, classes, labels)],
    ["losses", "Training", curvesSection(runs, steps)],
    ["calibration", "Calibration", calibrationSection(runs)],
    ["classes", "Classes", classesSection(runs, classes, labels)],
    ["confusion", "Confusions", confusionSection({ runs, classes, labels, image })],
    ["gallery", "Gallery", gallerySection(runs, classes, labels, image)],
    ["making", "How it was made", makingSection(results, runs, command)],
  ];
  return page({
    title: `Limbeck: ${results.dataset}, seed ${results.seed}`,
    eyebrow: `Limbeck on ${results.dataset}, seed ${results.seed}, ${results.environment.date.slice(0, 10)}`,
    headline: overSeeds ? claimOf(overSeeds.headline) : headline(runs, results.seed, labels, classes),
    sections,
    limbeck: results.environment.limbeck,
    rules: panelRules(runs.length),
    uPlot,
  });
}
