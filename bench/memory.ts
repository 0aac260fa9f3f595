/** @file The most memory that training DeepNN takes, in a process of its own on each side. */
import { startChild } from "./limbeck/variants.ts";
import { startTorch } from "./pytorch/process.ts";
import { rows } from "./rows.ts";

/** Steps after which memory no longer grows. */
const steps = 50;

export interface PeakMemory {
  readonly name: string;
  readonly bytes: number;
}

/** Peak resident memory after some steps on the same number of images. `folder` holds the compiled package. */
export async function peakMemory({
  threads,
  folder,
  onProgress,
}: {
  readonly threads: number;
  readonly folder: string;
  readonly onProgress: (text: string) => void;
}): Promise<PeakMemory[]> {
  onProgress("peak memory of DeepNN's training");
  const { work, pytorch } = rows["deep-train"];
  const limbeck = startChild(process.execPath, folder, work, threads);
  await limbeck.answer();
  const sides = [
    { name: "Limbeck", process: limbeck, request: {} },
    { name: "PyTorch", process: await startTorch(threads), request: pytorch["PyTorch"]! },
  ];
  const peaks: PeakMemory[] = [];
  for (const { name, process, request } of sides) {
    if (!process) continue;
    await process.ask({ ...request, steps });
    peaks.push({ name, bytes: (await process.ask({ peak: true })).peakBytes! });
    process.close();
  }
  return peaks;
}
