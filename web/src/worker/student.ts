/** @file A trained student in use: opened from its file, asked about pictures. Loaded only where one is opened. */
import { LimbeckError, loadModel, wasmEngine, type LoadedModel } from "limbeck";
import { predict } from "limbeck/infer";
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
  return (await predict(opened, picture)).map(({ name, probability }) => ({ name, probability }));
}
