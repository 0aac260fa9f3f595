/** @file A study's results for a terminal and for programs. */
import type { StudyRun } from "../study/node/index.ts";
import type { RunSummary } from "../study/index.ts";

interface Finished {
  readonly run: StudyRun;
  readonly summary: RunSummary;
}

export function studyTable(finished: readonly Finished[], folder: string): string {
  return [...finished.map(({ run, summary }) => `${run.title}  ${summary.accuracy.toFixed(2)}%`), folder].join("\n");
}

export function studyJson(finished: readonly Finished[]): object {
  return { runs: finished };
}
