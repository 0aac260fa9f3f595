/** @file A trained student in use: opened from its file, asked about pictures. Loaded only where one is opened. */
import { LimbeckError, loadModel, wasmEngine, type LoadedModel } from "limbeck";
import { decodePictureWeb, predict, preparedPicture, type Picture } from "limbeck/infer";
import type { Answer, Opened, RgbaPixels } from "../messages.ts";

let opened: LoadedModel | undefined;

/** Opens a weights file, in place of the one before. Throws WEIGHTS. */
export async function open(file: Uint8Array): Promise<Opened> {
  const engine = opened?.engine ?? (await wasmEngine({ threads: 1 }));
  const model = await loadModel(file, engine);
  await opened?.close();
  opened = model;
  const { name, classes, description } = model;
  const { classNames = [], dataset } = description ?? {};
  return { name, classes: Array.from({ length: classes }, (_, i) => classNames[i] ?? `class ${i}`), dataset };
}

/** What the opened network takes a picture for, the most probable class first. */
export async function classify(picture: File | RgbaPixels): Promise<Answer[]> {
  if (!opened) throw new LimbeckError("ARGUMENT", "no student is open; open one first");
  const { inputShape, description } = opened;
  const whole = picture instanceof File ? await decoded(picture) : fromRgba(picture);
  const { pixels, width, height } = preparedPicture(whole, inputShape, description?.preparation);
  const [found] = await predict(opened, { data: pixels, width, height, layout: "planes" });
  return (found ?? []).map(({ name, probability }) => ({ name, probability }));
}

async function decoded(file: File): Promise<Picture> {
  return decodePictureWeb(file.name, new Uint8Array(await file.arrayBuffer()));
}

function fromRgba({ data, width, height }: RgbaPixels): Picture {
  const plane = width * height;
  const pixels = Uint8Array.from({ length: 3 * plane }, (_, i) => data[4 * (i % plane) + Math.floor(i / plane)] ?? 0);
  return { channels: 3, width, height, pixels };
}
