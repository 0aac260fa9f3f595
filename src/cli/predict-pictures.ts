/** @file The work of `limbeck predict`: the network loaded, the pictures found and classified, what failed told. */
import { buffer } from "node:stream/consumers";
import type { Tta } from "../data/test-views.ts";
import { defaultEngine, startEngine } from "../engine/engines.ts";
import { tellingChoice } from "../experiment/engine-choice.ts";
import { classifyPictures, type Classified } from "../experiment/node/classify-pictures.ts";
import { pictureSources, type PictureSource } from "../experiment/node/picture-files.ts";
import { usableNetwork, type NeededModules } from "../experiment/node/usable-network.ts";
import { loadModel } from "../model-file/index.ts";
import { printable } from "../printable.ts";
import { PartialFailure } from "./failure.ts";
import { checkWorkingFolder } from "./folders.ts";
import { follow, interruptible } from "./follow.ts";
import { printMessage, style } from "./output.ts";
import { display } from "./progress.ts";

export interface PredictSettings extends NeededModules {
  readonly top?: number;
  /** Test-time augmentation. */
  readonly tta?: "none" | Tta;
  readonly engine?: string;
  readonly threads?: number;
}

export interface Predicted {
  readonly answers: readonly Classified[];
  /** How many the network tells. */
  readonly classes: number;
  /** The file's path. */
  readonly weights: string;
}

/** Throws as `usableNetwork`, `loadModel` and `classifyPictures`. */
export async function predictPictures(
  run: string,
  paths: readonly string[],
  asked: PredictSettings,
): Promise<Predicted> {
  checkWorkingFolder();
  const { top = 3, tta = "none", engine: name = defaultEngine, threads } = asked;
  // Before an engine starts.
  const { bytes, ...network } = await usableNetwork(run, asked);
  const sources = await sourcesOf(paths);
  const shown = display();
  const engine = await startEngine(name, { threads, onChoice: tellingChoice(shown.note) });
  try {
    const model = await loadModel(bytes, engine, network);
    const answers: Classified[] = [];
    await interruptible(
      (signal) =>
        follow(classifyPictures(model, sources, { top, signal, ...(tta !== "none" && { tta }) }), (batch) => {
          answers.push(...batch);
          shown.work({ title: "Classifying", unit: "picture", done: answers.length, total: sources.length });
        }),
      () => shown.note("Stopping; Ctrl-C again stops at once."),
    );
    return { answers, classes: model.classes, weights: network.source };
  } finally {
    shown.close();
    await engine.close();
  }
}

/** Names each picture that got no answer. Throws, after all others were printed, where there is one. */
export function reportFailures(answers: readonly Classified[]): void {
  const errors = answers.flatMap((answer) => ("error" in answer ? [answer.error] : []));
  const [first] = errors;
  if (!first) return;
  for (const { code, message } of errors) {
    printMessage(`${style("red", `error ${code}:`, process.stderr)} ${printable(message)}`);
  }
  throw new PartialFailure(
    first.code,
    `${errors.length} of ${answers.length} ${answers.length === 1 ? "picture" : "pictures"} could not be classified; see above`,
  );
}

async function sourcesOf(paths: readonly string[]): Promise<PictureSource[]> {
  const groups = await Promise.all(
    paths.map((path) => (path === "-" ? [{ path: "-", read: () => buffer(process.stdin) }] : pictureSources([path]))),
  );
  return groups.flat();
}
