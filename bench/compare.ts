/** @file All rows, Limbeck beside PyTorch, in one sitting. */
import { availableParallelism } from "node:os";
import { wasmEngine } from "../src/engine/wasm/index.ts";
import { environment } from "../src/experiment/node/environment.ts";
import { interleave, limbeckContender, type Contender } from "../src/benchmark/index.ts";
import type { Site } from "../test/browser/site.ts";
import { firstStep } from "./first-step.ts";
import { buildBenchSite, openVariant } from "./limbeck/variants.ts";
import { peakMemory } from "./memory.ts";
import { startTorch, type Torch } from "./pytorch/process.ts";
import { commit, type BenchRecord, type RowResult } from "./record.ts";
import { batchSize, type Row, type RowName } from "./rows.ts";

export interface CompareOptions {
  readonly threads?: number;
  /** Samples of each contender. */
  readonly repeats: number;
  /** Whether to measure memory and the time to the first step too. */
  readonly all: boolean;
  /** Told what is under way. */
  readonly onProgress: (text: string) => void;
}

/** Measures the rows. Where PyTorch, an older Node or a browser is not installed, without it. */
export async function compare(
  rows: readonly (readonly [RowName, Row])[],
  { threads = availableParallelism(), repeats, all, onProgress }: CompareOptions,
): Promise<BenchRecord> {
  let built: Promise<Site> | undefined;
  const site = (): Promise<Site> => (built ??= buildBenchSite());
  const torch = await startTorch(threads);
  try {
    const results: RowResult[] = [];
    for (const [name, row] of rows) {
      let samples = 0;
      const onSample = (): void => onProgress(`${row.title}: ${++samples} samples`);
      onProgress(`${row.title}: warming up`);
      results.push({
        name,
        title: row.title,
        contenders: await measure(row, { threads, repeats, torch, site, onSample }),
      });
    }
    return {
      commit: await commit(),
      environment: environment(await describeEngine(threads)),
      pytorch: torch?.version,
      configuration: { threads, repeats, batchSize },
      rows: results,
      ...(all && {
        peakMemory: await peakMemory({ threads, folder: (await site()).package, onProgress }),
        firstStep: await firstStep({ repeats, onProgress }),
      }),
    };
  } finally {
    torch?.close();
    await (await built)?.remove();
  }
}

interface Setting {
  readonly threads: number;
  readonly repeats: number;
  readonly torch: Torch | undefined;
  readonly site: () => Promise<Site>;
  readonly onSample: () => void;
}

async function measure(
  row: Row,
  { threads, repeats, torch, site, onSample }: Setting,
): Promise<RowResult["contenders"]> {
  const { work, variants = [], pytorch } = row;
  const contenders: Contender[] = [await limbeckContender(work, { threads })];
  try {
    for (const [name, request] of Object.entries(pytorch)) {
      if (torch) contenders.push(torch.contender(name, request));
    }
    for (const name of variants) {
      const variant = await openVariant(name, { work, threads, site });
      if (variant) contenders.push(variant);
    }
    return await interleave(contenders, { repeats, onSample });
  } finally {
    for (const contender of contenders) await contender.close();
  }
}

async function describeEngine(threads: number): Promise<string> {
  const engine = await wasmEngine({ threads });
  await engine.close();
  return engine.description;
}
