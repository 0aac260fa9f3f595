/**
 * @file Writes a data set as PNG files in folders, train/CLASS/00000.png and so on, and manifest.csv, which lists them in
 * their order: `node test/data/write-pictures.ts cifar10 FOLDER` (about 60,000 files).
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import type { Dataset, Split } from "../../src/data/dataset.ts";
import { loadDataset } from "../../src/data/index.ts";

export async function writePictures(dataset: Dataset, folder: string): Promise<void> {
  const { classes, train, test } = dataset;
  const rows = ["path,label,split"];
  for (const [name, split] of Object.entries({ train, test })) {
    for (const label of classes) await mkdir(join(folder, name, label), { recursive: true });
    for (let i = 0; i < split.count; i++) {
      const label = classes[split.labels[i]!]!;
      const path = `${name}/${label}/${String(i).padStart(5, "0")}.png`;
      await writeFile(join(folder, path), await png(dataset, split, i));
      rows.push(`${path},${label},${name}`);
    }
  }
  await writeFile(join(folder, "manifest.csv"), `${rows.join("\n")}\n`);
}

function png({ shape: [channels, height, width] }: Dataset, split: Split, i: number): Promise<Buffer> {
  const planes = split.image(i);
  const plane = height * width;
  const samples = planes.map((_, at) => planes[(at % channels) * plane + Math.floor(at / channels)]!);
  return sharp(samples, { raw: { width, height, channels: channels as 1 | 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , name, folder] = process.argv;
  await writePictures(await loadDataset(name!), folder!);
}
