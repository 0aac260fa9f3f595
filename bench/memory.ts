/** @file The most memory that training a network takes, in a process of its own on each side. */
import { startChild } from "./limbeck/variants.ts";
import { startTorch } from "./pytorch/process.ts";
import { rows } from "./rows.ts";

/** Steps after which memory no longer grows. */
const steps = 50;

/** Trainings by name: their row, and with which of PyTorch's contenders they are compared. */
export const memories = {
  "deep-memory": { title: "Peak memory of DeepNN's training", row: "deep-train", peer: "PyTorch" },
  "resnet20-memory": {
    title: "Peak memory of ResNet-20's training",
    row: "resnet20-train",
    peer: "PyTorch, channels last",
  },
} as const;

export type MemoryName = keyof typeof memories;

/** Peak resident memory of both sides, as far as they are installed. */
export interface MeasuredMemory {
  readonly name: MemoryName;
  readonly peaks: readonly { readonly name: string; readonly bytes: number }[];
}

/** Trains some steps on the same number of images. `folder` holds the compiled package. */
export async function peakMemory(
  name: MemoryName,
  { threads, folder }: { readonly threads: number; readonly folder: string },
): Promise<MeasuredMemory> {
  const { row, peer } = memories[name];
  const { work, pytorch } = rows[row];
  const limbeck = startChild(process.execPath, folder, work, threads);
  await limbeck.answer();
  const sides = [
    { name: "Limbeck", process: limbeck, request: {} },
    { name: peer, process: await startTorch(threads), request: pytorch[peer]! },
  ];
  const peaks: { name: string; bytes: number }[] = [];
  for (const { name, process, request } of sides) {
    if (!process) continue;
    await process.ask({ ...request, steps });
    peaks.push({ name, bytes: (await process.ask({ peak: true })).peakBytes! });
    process.close();
  }
  return { name, peaks };
}
