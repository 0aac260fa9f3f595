/** @file What a study's report is made of. */
import type { PageInput } from "../../report/index.ts";
import type { GroupComparison } from "../compare-study.ts";

/** A run with a result, and what made it. */
export interface ReportedRun {
  readonly title: string;
  readonly seed: number;
  readonly engine: string;
  readonly machine: string;
  readonly limbeck: string;
  /** What its settings, images, teacher and modules are: a SHA-256, of a study's run. */
  readonly identity?: string | undefined;
}

/** A run that failed, and why. */
export interface RunTrouble {
  readonly title: string;
  /** Whether nobody tries it again. */
  readonly isSetAside: boolean;
  readonly code: string;
  readonly message: string;
}

export interface StudyReportInput {
  /** What is compared, for the line above the headline. */
  readonly name: string;
  readonly groups: readonly GroupComparison[];
  readonly runs: readonly ReportedRun[];
  readonly troubles: readonly RunTrouble[];
  /** Runs that were planned and are neither finished nor set aside. */
  readonly unfinished: number;
  /** How runs were chosen and measured, a sentence each. */
  readonly protocol: readonly string[];
  /** The shell command that makes the same again. */
  readonly command: string;
  /** What it needs: a study as YAML. */
  readonly description?: string | undefined;
  /** Of this Limbeck. */
  readonly limbeck: string;
  readonly uPlot: PageInput["uPlot"];
}
