/** @file Small pictures in files, for tests: each of its own colours, so that it is known again. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp, { type Sharp } from "sharp";

/** Noise from a seed. */
export function noise(seed: number, width: number, height: number, channels: 1 | 3 | 4 = 3): Sharp {
  let state = (seed + 1) * 2654435761;
  const pixels = Uint8Array.from({ length: width * height * channels }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return sharp(pixels, { raw: { width, height, channels } });
}

/** The file of a picture, by the ending of its name. */
export async function pictureFile(name: string, seed: number, width = 12, height = 10): Promise<Buffer> {
  const picture = noise(seed, width, height);
  const format = name.endsWith("jpg") ? "jpeg" : (name.split(".").at(-1) as "png" | "webp" | "gif" | "avif");
  return picture.toFormat(format).toBuffer();
}

/** A folder for a test, with files by path: pictures where a number is given (its seed), else these bytes or this text. */
export async function folderOf(files: Readonly<Record<string, number | string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-pictures-"));
  await addFiles(folder, files);
  return folder;
}

export async function addFiles(
  folder: string,
  files: Readonly<Record<string, number | string | Uint8Array>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof content === "number" ? await pictureFile(path, content) : content);
  }
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}
