/** @file All rows, Limbeck beside PyTorch, in one sitting. */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Dataset } from "../src/data/dataset.ts";
import { wasmEngine } from "../src/engine/wasm/index.ts";
import { environment } from "../src/experiment/node/environment.ts";
import { interleave } from "./contender.ts";
import { distillationEpochs } from "./epoch.ts";
import { benchImages, writeRecords } from "./images.ts";
import { limbeckContender } from "./limbeck/contender.ts";
import { startTorch, type Torch } from "./pytorch/process.ts";
import { commit, type BenchRecord, type RowResult } from "./record.ts";
import { batchSize, type Row, type RowName } from "./rows.ts";

export interface CompareOptions {
  readonly threads?: number;
  /** Samples of each contender. */
  readonly repeats: number;
  /** Told what is under way. */
  readonly onProgress: (text: string) => void;
}

/** Measures the rows. Where PyTorch is not installed, Limbeck alone. */
export async function compare(
  rows: readonly (readonly [RowName, Row])[],
  { threads = availableParallelism(), repeats, onProgress }: CompareOptions,
): Promise<BenchRecord> {
  onProgress("drawing images");
  const dataset = benchImages();
  const folder = await mkdtemp(join(tmpdir(), "limbeck-bench-"));
  const file = join(folder, "images.bin");
  let torch: Torch | undefined;
  try {
    await writeRecords(dataset, file);
    torch = await startTorch(file, threads);
    const results: RowResult[] = [];
    for (const [name, row] of rows) {
      let samples = 0;
      const onSample = (): void => onProgress(`${row.title}: ${++samples} samples`);
      onProgress(`${row.title}: warming up`);
      const contenders = await measure(row, { dataset, threads, repeats, torch, onSample });
      results.push({ name, title: row.title, contenders });
    }
    return {
      commit: await commit(),
      environment: environment(await describeEngine(threads)),
      pytorch: torch?.version,
      configuration: { threads, repeats, batchSize },
      rows: results,
      epochs: distillationEpochs(results),
    };
  } finally {
    torch?.close();
    await rm(folder, { recursive: true });
  }
}

interface Setting {
  readonly dataset: Dataset;
  readonly threads: number;
  readonly repeats: number;
  readonly torch: Torch | undefined;
  readonly onSample: () => void;
}

async function measure(
  row: Row,
  { dataset, threads, repeats, torch, onSample }: Setting,
): Promise<RowResult["contenders"]> {
  const limbeck = await limbeckContender(row, dataset, threads);
  try {
    const others = Object.entries(row.pytorch).flatMap(([name, work]) => torch?.contender(name, work) ?? []);
    return await interleave([limbeck, ...others], { repeats, onSample });
  } finally {
    await limbeck.close();
  }
}

async function describeEngine(threads: number): Promise<string> {
  const engine = await wasmEngine({ threads });
  await engine.close();
  return engine.description;
}
