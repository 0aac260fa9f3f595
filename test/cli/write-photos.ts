/** @file A folder of photographs for tests: noise in the colours of their classes, so that a small network can learn them, in several sizes and formats. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";

const colours = { apple: [200, 40, 40], leaf: [40, 180, 40], sea: [40, 60, 200] } as const;

export type PhotoClass = keyof typeof colours;
export const photoClasses = Object.keys(colours) as PhotoClass[];

/** A picture file of this class, by the ending of its name; each number gives another one. */
export async function photo(name: string, kind: PhotoClass, number: number): Promise<Buffer> {
  const [width, height] = [24 + (number % 3) * 8, 20 + (number % 4) * 6];
  let state = (number + 1) * 2654435761;
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.min(255, colours[kind][i % 3]! + (state >>> 26));
  });
  const format = name.endsWith("jpg") ? "jpeg" : (name.split(".").at(-1) as "png" | "webp");
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .toFormat(format)
    .toBuffer();
}

/** `count` pictures of each class in folders of their names, below `root`. */
export async function writePhotos(root: string, count: number, first = 0): Promise<void> {
  for (const kind of photoClasses) {
    for (let i = 0; i < count; i++) {
      const path = join(root, kind, `${i}.${["jpg", "png", "webp"][i % 3]!}`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await photo(path, kind, first + i * photoClasses.length + photoClasses.indexOf(kind)));
    }
  }
}
