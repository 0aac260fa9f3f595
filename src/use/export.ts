/** @file Exports the network of a run or a weights file, checked on its test images: the core of `limbeck export`. */
import { basename, join, resolve } from "node:path";
import { defaultEngine, startEngine } from "../engine/engines.ts";
import { tellingChoice } from "../engine/entry.ts";
import { environment, type LoadDataOptions } from "../experiment/node/index.ts";
import { valuesFor } from "../model-file/index.ts";
import { LimbeckError } from "../errors.ts";
import { sha256Hex } from "../sha256.ts";
import type { CheckImages, ExportRecord } from "../ship/index.ts";
import type { ExportProgress } from "../ship/node/index.ts";
import { heldOut, type HeldOut } from "./test-images.ts";
import { hubNames, trainingRows } from "./training-rows.ts";
import { usableNetwork, type NeededModules } from "./usable-network.ts";

export interface ExportSettings extends NeededModules {
  readonly format?: string;
  /** By default the format's first. */
  readonly precision?: string;
  /** Of the card of a repository: the identifier that the Hugging Face hub has for it. */
  readonly license?: string;
  /** The folder to make. */
  readonly out?: string;
  /** Also replaces an export that is there. */
  readonly force?: boolean;
  /** The number of held-out images to check it with; default 1000. */
  readonly images?: number;
  /** The number of training images that int8 learns its ranges from. */
  readonly calibrate?: number;
  readonly dataDir?: string;
  readonly engine?: string;
  readonly threads?: number;
}

export interface Exported {
  readonly folder: string;
  readonly record: ExportRecord;
}

/** Yields its progress. Throws as `usableNetwork` and `exporting`. */
export async function* exportStudent(
  run: string,
  settings: ExportSettings,
  options: LoadDataOptions & { readonly signal: AbortSignal; readonly onNote: (text: string) => void },
): AsyncGenerator<ExportProgress, Exported> {
  const { format = "web", license, engine = defaultEngine, images: most = 1000, threads } = settings;
  const { signal, onNote } = options;
  // Loaded here, since evaluating and predicting do without.
  const [{ noiseImages, someOf, trainedCalibration }, { defaultPrecision, exporting, formatNamed, precisionNamed }] =
    await Promise.all([import("../ship/index.ts"), import("../ship/node/index.ts")]);
  // Before anything is read.
  const entry = formatNamed(format);
  const { precision = defaultPrecision(entry) } = settings;
  const { isCalibrated = false } = precisionNamed(entry, precision);
  if (license !== undefined && !entry.isRepository)
    throw new LimbeckError(
      "ARGUMENT",
      `license: the folder of ${format} has no card of the Hugging Face hub; leave it out, or export as transformers`,
    );
  const { bytes, into: model, ...file } = await usableNetwork(run, settings);
  const { description } = file;
  const { name, inputShape, classes } = model;
  const folder = settings.out ?? defaultFolder(run, format, precision);
  const found = await heldOut(file, { ...options, dataDir: settings.dataDir });
  const { machine, runtime } = environment("");
  const network = { model: { ...model, description }, values: valuesFor(model, file) };
  const record = yield* exporting({
    network,
    description: { ...description, name, inputShape, classes },
    format,
    precision,
    out: folder,
    replace: settings.force ?? false,
    origin: { weights: await sha256Hex(bytes), training: await trainingRows(file), hub: await hubNames(file.source) },
    license,
    images: someOf(imagesOf(found, onNote) ?? noiseImages(inputShape), most),
    // Whoever gives the number of images to calibrate on wants them used.
    calibration: isCalibrated && settings.calibrate === undefined ? trainedCalibration(network) : undefined,
    calibrateOn:
      "dataset" in found
        ? { dataset: { ...found.dataset, ...description.normalisation }, count: settings.calibrate ?? 256 }
        : undefined,
    machine,
    runtime,
    startEngine: () => startEngine(engine, { threads, onChoice: tellingChoice(onNote) }),
    signal,
  });
  return { folder, record };
}

/** Held-out images to check with; `undefined`, with a note, where there are none. */
function imagesOf(found: HeldOut, onNote: (text: string) => void): CheckImages | undefined {
  if ("dataset" in found && found.dataset.test.count > 0) {
    const { name, test, answeredBy } = found.dataset;
    const labelledBy = answeredBy === undefined ? "people" : "teacher";
    return { split: test, source: `held-out images of ${basename(name)}`, labelledBy };
  }
  const why = "missing" in found ? found.missing : "its data has no test images";
  onNote(`There are no held-out images, so noise is taken and no accuracy told: ${why}`);
  return undefined;
}

/** `runs/birds-web-float32`, beside the run's folder, or the file. */
function defaultFolder(run: string, format: string, precision: string): string {
  const name = basename(resolve(run)).replace(/\.safetensors$/, "");
  return join(run, "..", `${name}-${format}-${precision}`);
}
