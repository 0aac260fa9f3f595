/** @file Pictures of many sizes and formats: drawn, photographs where there are some, in grey, with alpha, upright and wide. */
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { Draws } from "../engines/random.ts";
import { shapes } from "../../src/data/shapes.ts";
import { elementAt } from "../../src/elements.ts";

const { test: drawn, classes } = shapes({ train: 1, test: 120 });
export const formats = ["png", "jpeg", "webp"] as const;

const { LIMBECK_DATA } = process.env;
const photographs = LIMBECK_DATA ? readFileSync(join(LIMBECK_DATA, "test_batch.bin")) : undefined;

/** Writes so many below a folder, one of the data set's classes each. Their paths. */
export async function writePictures(folder: string, count: number): Promise<string[]> {
  const paths: string[] = [];
  const draws = new Draws("pictures");
  for (let i = 0; i < count; i++) {
    const place = i % drawn.count;
    // Every fourth is a photograph, where there are some.
    const photograph = i % 4 === 3 ? photographs?.subarray(3073 * i + 1, 3073 * (i + 1)) : undefined;
    const name = photograph ? "photograph" : elementAt(classes, drawn.labels[place]!);
    const [width, height] = [17 + draws.below(684), 17 + draws.below(684)];
    const format = elementAt(formats, i % 3);
    const path = join(folder, name, `${i}.${format}`);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(
      path,
      await picture(photograph ?? drawn.image(place), {
        width,
        height,
        format,
        isGrey: i % 5 === 4,
        hasAlpha: i % 7 === 6,
      }),
    );
    paths.push(path);
  }
  return paths;
}

interface Kind {
  readonly width: number;
  readonly height: number;
  readonly format: (typeof formats)[number];
  readonly isGrey: boolean;
  readonly hasAlpha: boolean;
}

/** A small image of planes, enlarged, so that its edges are soft, with stripes of a pixel, which resizing without antialiasing makes something else of. */
async function picture(planes: Uint8Array, { width, height, format, isGrey, hasAlpha }: Kind): Promise<Buffer> {
  const pixels = Uint8Array.from({ length: 3 * 1024 }, (_, i) => planes[(i % 3) * 1024 + Math.floor(i / 3)]!);
  const { data } = await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
    .resize(width, height, { fit: "fill" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let i = 0; i < data.length; i++) {
    const x = Math.floor(i / 3) % width;
    if (x % 4 === 0) data[i] = 255 - data[i]!;
  }
  const striped = sharp(data, { raw: { width, height, channels: 3 } });
  const coloured = isGrey ? striped.toColourspace("b-w") : hasAlpha ? striped.ensureAlpha(0.6) : striped;
  return coloured.toFormat(format).toBuffer();
}
