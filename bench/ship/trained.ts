/** @file Networks that are briefly trained on CIFAR-10, so that an accuracy can be lost; each is kept in a file. */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../../src/data/dataset.ts";
import { loadDataset } from "../../src/data/index.ts";
import { createTrainer } from "../../src/experiment/trainer.ts";
import { readNetwork } from "../../src/model-file/index.ts";
import type { ModelName } from "../../src/models/index.ts";
import { subjectOf, type Subject } from "./subject.ts";

/** How, for the record. */
export const training = {
  dataset: "cifar10",
  /** The first so many. */
  images: 10_000,
  epochs: { LightNN: 5, resnet8: 4, resnet20: 3, MobileNetV2: 4 } satisfies Partial<Record<ModelName, number>>,
  seed: 42,
} as const;

export const trainedNames = Object.keys(training.epochs) as (keyof typeof training.epochs)[];

/** The network of the folder's file, which is made where it is missing. Throws as `loadDataset`. */
export async function trainedSubject(
  name: (typeof trainedNames)[number],
  { dataDir, kept, onProgress }: { dataDir: string; kept: string; onProgress: (text: string) => void },
): Promise<Subject> {
  const dataset = await loadDataset(training.dataset, { dir: dataDir, limit: training.images });
  const file = join(kept, `${name}.safetensors`);
  if (!existsSync(file)) {
    await mkdir(kept, { recursive: true });
    await writeFile(`${file}.part`, await trained(name, dataset, onProgress));
    await rename(`${file}.part`, file);
  }
  const network = await readNetwork(await readFile(file));
  return { ...subjectOf(network, dataset), calibrateOn: 256 };
}

async function trained(
  name: (typeof trainedNames)[number],
  dataset: Dataset,
  onProgress: (text: string) => void,
): Promise<Uint8Array> {
  const epochs = training.epochs[name];
  const trainer = await createTrainer({
    dataset,
    epochs,
    seed: training.seed,
    onEvent: ({ epoch }) => onProgress(`${name}: training, epoch ${epoch} of ${epochs}`),
  });
  try {
    return await trainer.save(await trainer.train(name));
  } finally {
    await trainer.close();
  }
}
