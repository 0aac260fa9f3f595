/** @file The images that both sides are given: the embedded data set, for PyTorch in a file of CIFAR-10's layout. */
import { writeFile } from "node:fs/promises";
import type { Dataset } from "../src/data/dataset.ts";
import { shapes } from "../src/data/shapes.ts";
import { batchSize } from "./rows.ts";

/** Batches of an epoch, all of them full. */
const batches = 64;

export function benchImages(): Dataset {
  return shapes({ train: batches * batchSize, test: 10 });
}

/** Writes the training images, a label byte and the pixels of each. */
export async function writeRecords({ train, shape }: Dataset, file: string): Promise<void> {
  const size = shape[0] * shape[1] * shape[2];
  const records = new Uint8Array(train.count * (1 + size));
  for (let i = 0; i < train.count; i++) {
    records[i * (1 + size)] = train.labels[i]!;
    records.set(train.pixels.subarray(i * size, (i + 1) * size), i * (1 + size) + 1);
  }
  await writeFile(file, records);
}
