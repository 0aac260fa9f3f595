/**
 * @file Writes a data set as PNG files in folders, train/CLASS/00000.png and so on, and order.csv, which lists them in
 * their order: `node test/data/write-pictures.ts cifar10 FOLDER` (about 60,000 files).
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dataset } from "../../src/data/dataset.ts";
import { loadDataset } from "../../src/data/index.ts";
import { imagePng } from "../../src/data/png.ts";

/** The table of the pictures. It is written last, so a folder that has it is whole. */
export const orderFile = "order.csv";

export async function writePictures({ classes, shape, train, test }: Dataset, folder: string): Promise<void> {
  const rows = ["path,label,split"];
  for (const [name, split] of Object.entries({ train, test })) {
    for (const label of classes) await mkdir(join(folder, name, label), { recursive: true });
    for (let i = 0; i < split.count; i++) {
      const label = classes[split.labels[i]!]!;
      const path = `${name}/${label}/${String(i).padStart(5, "0")}.png`;
      await writeFile(join(folder, path), imagePng(split, shape, i));
      rows.push(`${path},${label},${name}`);
    }
  }
  await writeFile(join(folder, orderFile), `${rows.join("\n")}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , name, folder] = process.argv;
  await writePictures(await loadDataset(name!), folder!);
}
