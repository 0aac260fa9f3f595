/** @file Classifies pictures with the network of a run or a weights file: the core of `limbeck predict`. */
import type { Tta } from "../data/test-views.ts";
import { defaultEngine, startEngine } from "../engine/engines.ts";
import { tellingChoice } from "../engine/entry.ts";
import { loadModel } from "../model-file/index.ts";
import type { Progress } from "../train/index.ts";
import { classifyPictures, type Classified } from "./classify-pictures.ts";
import type { PictureSource } from "./picture-files.ts";
import { usableNetwork, type NeededModules } from "./usable-network.ts";

export interface PredictSettings extends NeededModules {
  /** The number of classes of each picture; default 3. */
  readonly top?: number;
  /** Test-time augmentation. */
  readonly tta?: "none" | Tta;
  readonly engine?: string;
  readonly threads?: number;
}

export interface Predicted {
  readonly answers: readonly Classified[];
  /** The number of the network's classes. */
  readonly classes: number;
  /** The file's path. */
  readonly weights: string;
}

/** Yields its progress. Throws as `usableNetwork`, `loadModel` and `classifyPictures`. */
export async function* predictPictures(
  run: string,
  sources: readonly PictureSource[],
  { top = 3, tta = "none", engine: name = defaultEngine, threads, ...modules }: PredictSettings,
  { signal, onNote }: { readonly signal: AbortSignal; readonly onNote: (text: string) => void },
): AsyncGenerator<Progress, Predicted> {
  // Before an engine starts.
  const { bytes, ...network } = await usableNetwork(run, modules);
  const engine = await startEngine(name, { threads, onChoice: tellingChoice(onNote) });
  try {
    const model = await loadModel(bytes, engine, network);
    const answers: Classified[] = [];
    for await (const batch of classifyPictures(model, sources, {
      top,
      signal,
      tta: tta === "none" ? undefined : tta,
    })) {
      answers.push(...batch);
      yield { done: answers.length, total: sources.length };
    }
    return { answers, classes: model.classes, weights: network.source };
  } finally {
    await engine.close();
  }
}
