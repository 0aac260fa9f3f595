/** @file The work of `limbeck export`: the network and its held-out images found, the export made, its progress shown. */
import { basename, join, resolve } from "node:path";
import { defaultEngine, startEngine } from "../engine/engines.ts";
import { tellingChoice } from "../experiment/engine-choice.ts";
import { LimbeckError } from "../errors.ts";
import { environment } from "../experiment/node/environment.ts";
import { partName } from "../experiment/names.ts";
import { heldOut, type HeldOut } from "../experiment/node/held-out.ts";
import { fromModule } from "../experiment/node/modules/failed.ts";
import { withModules } from "../experiment/node/resolve-config.ts";
import { trainingOf } from "../experiment/node/training-of.ts";
import { readWeightsFile } from "../experiment/node/weights-file.ts";
import { checkNamed, modelOf, readModelFile, valuesFor } from "../model-file/index.ts";
import { sha256Hex } from "../sha256.ts";
import { noiseImages, someOf, type CheckImages } from "../ship/check.ts";
import { exporting, type ExportProgress } from "../ship/node/export.ts";
import { formatNamed, precisionNamed } from "../ship/node/formats.ts";
import type { ExportRecord } from "../ship/record.ts";
import { trainedCalibration } from "../ship/trained-calibration.ts";
import { checkWorkingFolder } from "./folders.ts";
import { follow, interruptible } from "./follow.ts";
import { display, type Display } from "./progress.ts";

export interface ExportSettings {
  readonly model?: string;
  readonly method?: string;
  readonly teacherModel?: string;
  readonly format?: string;
  readonly precision?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly images?: number;
  readonly calibrate?: number;
  readonly dataDir?: string;
  readonly engine?: string;
  readonly threads?: number;
}

export interface Exported {
  readonly folder: string;
  readonly record: ExportRecord;
}

/** Throws as `readWeightsFile` and `exporting`; WEIGHTS for a file that does not say what it holds. */
export async function exportStudent(run: string, asked: ExportSettings): Promise<Exported> {
  const {
    format = "web",
    precision = "float32",
    force = false,
    engine = defaultEngine,
    images: most = 1000,
    threads,
  } = asked;
  checkWorkingFolder();
  // Before anything is read.
  const { isCalibrated = false } = precisionNamed(formatNamed(format), precision);
  const { settings, own } = await withModules(asked);
  const { bytes, source } = await readWeightsFile(run);
  const file = readModelFile(bytes, source);
  checkNamed(file, partName(own.models, settings.model));
  const model = await modelOf(file, own).catch((error: unknown) => {
    throw fromModule(error, Object.keys(own.sha256));
  });
  const normalisation = file.description?.normalisation;
  if (!model || !normalisation) {
    throw new LimbeckError(
      "WEIGHTS",
      `${source} does not say which network it holds and what images it takes; export takes files that Limbeck wrote after a training`,
    );
  }
  const folder = asked.out ?? defaultFolder(run, format, precision);
  const shown = display();
  try {
    const record = await interruptible(
      async (signal) => {
        const found = await heldOut(file, {
          dataDir: asked.dataDir,
          signal,
          onDownload: shown.download,
          onPictures: shown.pictures,
        });
        const images = someOf(imagesOf(found, model.inputShape, shown), most);
        const { machine, runtime } = environment("");
        const network = {
          model: { ...model, ...(file.description && { description: file.description }) },
          values: valuesFor(model, file),
        };
        const work = exporting({
          network,
          description: {
            ...file.description,
            name: model.name,
            inputShape: model.inputShape,
            classes: model.classes,
            normalisation,
          },
          format,
          precision,
          out: folder,
          replace: force,
          origin: { weights: await sha256Hex(bytes), training: await trainingOf(file) },
          images,
          // Who says how many images are to be seen wants them seen.
          ...(isCalibrated && asked.calibrate === undefined && { calibration: trainedCalibration(network) }),
          ...("dataset" in found && {
            calibrateOn: { dataset: { ...found.dataset, ...normalisation }, count: asked.calibrate ?? 256 },
          }),
          machine,
          runtime,
          startEngine: () => startEngine(engine, { threads, onChoice: tellingChoice(shown.note) }),
          signal,
        });
        return follow(work, (progress) => show(progress, shown));
      },
      () => shown.note("Stopping; Ctrl-C again stops at once."),
    );
    return { folder, record };
  } finally {
    shown.close();
  }
}

function imagesOf(found: HeldOut, shape: Parameters<typeof noiseImages>[0], shown: Display): CheckImages {
  if ("dataset" in found && found.dataset.test.count > 0) {
    const { name, test, answeredBy } = found.dataset;
    const labelledBy = answeredBy === undefined ? "people" : "teacher";
    return { split: test, source: `held-out images of ${basename(name)}`, labelledBy };
  }
  const why = "missing" in found ? found.missing : "its data has no test images";
  shown.note(`There are no held-out images, so noise is taken and no accuracy told: ${why}`);
  return noiseImages(shape);
}

function show({ step, done, total }: ExportProgress, shown: Display): void {
  if (step === "checking") shown.work({ title: "Checking against the network", unit: "image", done, total });
}

/** `runs/birds-web-float32`, beside the run's folder, or the file. */
function defaultFolder(run: string, format: string, precision: string): string {
  const name = basename(resolve(run)).replace(/\.safetensors$/, "");
  return join(run, "..", `${name}-${format}-${precision}`);
}
