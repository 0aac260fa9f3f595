/** @file How a network answers in the middle of its training. */
import { evaluate, type Dataset, type Engine, type Model } from "limbeck";
import { record } from "limbeck/nn";
import { input } from "limbeck/tensor";
import { gatherImages, normaliser } from "limbeck/training";
import type { Gallery, Judgement } from "../messages.ts";

/** Pictures that the networks are asked about: the first of the test images, each of another class. */
const ASKED = 6;

export function galleryOf({ test, classes, shape: [, height, width] }: Dataset): Gallery {
  const places = Array.from({ length: Math.min(ASKED, test.count) }, (_, i) => i);
  return {
    pictures: places.map((i) => test.image(i).slice()),
    labels: places.map((i) => test.labels[i]!),
    classes,
    truths: [...test.labels],
    width,
    height,
  };
}

/** What classifies all test images and gives the logits of the gallery's. */
export interface Judge {
  judge(): Promise<Omit<Judgement, "run" | "epoch">>;
  close(): void;
}

export async function openJudge(engine: Engine, model: Model, dataset: Dataset): Promise<Judge> {
  const { test, shape, classes } = dataset;
  const places = Array.from({ length: Math.min(ASKED, test.count) }, (_, i) => i);
  const images = input("images", [places.length, ...shape]); // [N, C, H, W]
  const values = new Float32Array(images.size);
  gatherImages(test, shape, normaliser(dataset), places, { from: 0, to: places.length }, values);
  const { output } = record(model.module, images, { training: false });
  const program = await engine.compile({ outputs: { logits: output }, updates: [] });
  return {
    async judge() {
      const { accuracy, confusion, predictions } = await evaluate({ engine, model, dataset, split: test });
      const { logits } = await program.run({ images: values });
      const rows = places.map((i) => [...logits!.subarray(i * classes.length, (i + 1) * classes.length)]);
      return { accuracy, confusion, predictions, logits: rows };
    },
    close: () => program.close(),
  };
}
