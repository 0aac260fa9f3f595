/** @file All that was chosen, Limbeck beside others, in one sitting. */
import { availableParallelism } from "node:os";
import { wasmEngine } from "../src/engine/wasm/index.ts";
import { environment } from "../src/experiment/node/environment.ts";
import { interleave, limbeckContender, type Contender } from "../src/benchmark/index.ts";
import type { Site } from "../test/browser/site.ts";
import { durations, measureDuration, type MeasuredDuration } from "./durations.ts";
import { buildBenchSite, openVariant } from "./limbeck/variants.ts";
import type { Chosen } from "./measurements.ts";
import { memories, peakMemory, type MeasuredMemory } from "./memory.ts";
import { onnxContender } from "./onnx-runtime.ts";
import { startTorch, type Torch } from "./pytorch/process.ts";
import { checkTwins } from "./pytorch/twins.ts";
import { commit, type BenchRecord, type RowResult } from "./record.ts";
import { batchSize, rows, type Row } from "./rows.ts";

export interface CompareOptions {
  readonly threads?: number;
  /** Samples of each contender. */
  readonly repeats: number;
  /** Told what is under way, and how many samples of it there are. */
  readonly onProgress: (title: string, samples: number) => void;
}

/** Measures what was chosen. Where PyTorch, an older Node or a browser is not installed, without it. */
export async function compare(
  chosen: Chosen,
  { threads = availableParallelism(), repeats, onProgress }: CompareOptions,
): Promise<BenchRecord> {
  let built: Promise<Site> | undefined;
  const site = (): Promise<Site> => (built ??= buildBenchSite());
  const all = chosen.rows.length + chosen.durations.length + chosen.memories.length;
  const took = new Map<string, number>();
  const timed = async <Result>(
    name: string,
    { title }: { readonly title: string },
    work: (onSample: () => void) => Promise<Result>,
  ): Promise<Result> => {
    const numbered = `[${took.size + 1}/${all}] ${title}`;
    const started = performance.now();
    let samples = 0;
    onProgress(numbered, samples);
    const result = await work(() => onProgress(numbered, ++samples));
    took.set(name, (performance.now() - started) / 1000);
    return result;
  };
  const torch = await startTorch(threads);
  try {
    const results: RowResult[] = [];
    for (const name of chosen.rows) {
      const row: Row = rows[name];
      const contenders = await timed(name, row, (onSample) =>
        measure(row, { threads, repeats, torch, site, onSample }),
      );
      results.push({ name, title: row.title, contenders });
    }
    const waits: MeasuredDuration[] = [];
    for (const name of chosen.durations) {
      const measured = await timed(name, durations[name], (onSample) =>
        measureDuration(name, { threads, repeats, onSample }),
      );
      if (measured) waits.push(measured);
    }
    const peaks: MeasuredMemory[] = [];
    for (const name of chosen.memories) {
      peaks.push(
        await timed(name, memories[name], async () => peakMemory(name, { threads, folder: (await site()).package })),
      );
    }
    return {
      commit: await commit(),
      environment: environment(await describeEngine(threads)),
      pytorch: torch?.version,
      configuration: { threads, repeats, batchSize },
      rows: results,
      durations: waits,
      memories: peaks,
      took: Object.fromEntries(took),
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
  { repeats, torch, site, onSample, ...all }: Setting,
): Promise<RowResult["contenders"]> {
  const { work, threads = all.threads, variants = [], pytorch } = row;
  if (torch) await checkTwins(torch, row);
  const contenders: Contender[] = [await limbeckContender(work, { threads })];
  try {
    for (const [name, request] of Object.entries(pytorch)) {
      if (torch) contenders.push(torch.contender(name, request));
    }
    if (row.onnxRuntime) contenders.push(await onnxContender(work, { threads }));
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
