/** @file What a distillation epoch takes, worked out from the measured steps. */
import type { TorchWork } from "./pytorch/process.ts";
import type { RowResult } from "./record.ts";
import { rows, type RowName } from "./rows.ts";
import { median } from "./statistics.ts";

/** Of the tutorial: 50,000 images in batches of 128, ten times; the teacher's outputs are computed once, in evaluation mode. */
const stepsAnEpoch = 391;
const epochs = 10;

/** Seconds of an epoch by contender. */
export interface EpochResult {
  readonly name: string;
  readonly seconds: number;
}

/**
 * The steps, and, where the teacher's outputs are kept, the pass that computes them / epochs: of PyTorch's passes the fastest.
 * Empty unless both rows were measured.
 */
export function distillationEpochs(results: readonly RowResult[]): EpochResult[] {
  const contendersOf = (row: RowName) => results.find(({ name }) => name === row)?.contenders ?? [];
  const passes = contendersOf("deep-forward");
  if (passes.length === 0) return [];
  const torch: Readonly<Record<string, TorchWork>> = rows["light-distill"].pytorch;
  return contendersOf("light-distill").map(({ name, samples }) => {
    const own = passes.filter((pass) => pass.name in rows["deep-forward"].pytorch === name in torch);
    const pass = Math.min(...own.map(({ samples }) => median(samples)));
    const teacher = torch[name]?.work === "distill" ? 0 : pass / epochs;
    return { name, seconds: (stepsAnEpoch * (median(samples) + teacher)) / 1000 };
  });
}
