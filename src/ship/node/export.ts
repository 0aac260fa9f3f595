/** @file An export from beginning to end: made, opened, timed, checked, written down, and only then given its name. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import type { Engine } from "../../engine/contract.ts";
import { wasmEngine } from "../../engine/wasm/index.ts";
import { LimbeckError } from "../../errors.ts";
import type { NetworkWithValues } from "../../inference/index.ts";
import { roundedModel } from "../../train/quantise/index.ts";
import { stopIfAborted } from "../../train/index.ts";
import { version } from "../../version.ts";
import { calibrate, type Calibration } from "../calibrate.ts";
import { card } from "../card.ts";
import { checking, type CheckImages } from "../check.ts";
import { classNamesOf, type ShippedDescription } from "../description.ts";
import type { FormatEntry, OpenedStudent } from "../format.ts";
import { frontMatter, type FrontMatterOptions } from "../front-matter.ts";
import type { ExportRecord, Measured, Origin } from "../record.ts";
import { latenciesOf } from "../timing.ts";
import { recordsOf } from "./file-records.ts";
import { formatNamed, precisionNamed } from "./formats.ts";
import { newFolder } from "./new-folder.ts";

/** The record's name in the folder. */
const RECORD = "student.json";

export interface ExportOptions extends FrontMatterOptions {
  readonly network: NetworkWithValues;
  readonly description: ShippedDescription;
  readonly format: string;
  readonly precision: string;
  /** The folder to make. */
  readonly out: string;
  /** Whether an export that is there may be replaced. */
  readonly replace: boolean;
  readonly origin: Origin;
  readonly images: CheckImages;
  /** The ranges that int8 goes by, where they are known. */
  readonly calibration?: Calibration | undefined;
  /** What int8 learns its ranges from otherwise: so many images of the training split. */
  readonly calibrateOn?: { readonly dataset: Dataset; readonly count: number } | undefined;
  /** Where it is timed, for people. */
  readonly machine: string;
  readonly runtime: string;
  /** NOTE: asked for after the student was timed, because the wasm engine changes how V8 compiles. */
  readonly startEngine: () => Promise<Engine>;
  readonly signal?: AbortSignal;
}

/** How far it is. */
export interface ExportProgress {
  readonly step: "making" | "timing" | "checking" | "writing";
  readonly done: number;
  readonly total: number;
}

/**
 * Exports a network. Throws OUTPUT for a folder that cannot be made, or holds something; UNKNOWN_NAME, UNSUPPORTED and ARGUMENT
 * for what the format cannot do; EXPORT where the student is not what the network is; ABORTED. Then no folder is left.
 */
export async function* exporting(options: ExportOptions): AsyncGenerator<ExportProgress, ExportRecord> {
  const { network, description, origin, out, replace, signal } = options;
  const entry = formatNamed(options.format);
  const precision = precisionNamed(entry, options.precision);
  const folder = await newFolder(out, { replace, mark: RECORD });
  try {
    yield { step: "making", done: 0, total: 1 };
    const format = await entry.load();
    const calibration = precision.isCalibrated ? await calibrationOf(options, entry) : undefined;
    const files = await format.make(network, description, { precision: options.precision, calibration });
    await write(folder.work, files);
    const measured: Measured[] = [];
    for (const each of precision.of ?? [options.precision]) {
      const opened = { precision: each, student: await format.open(folder.work, description, each) };
      measured.push(yield* measuring(options, entry, { ...opened, calibration }));
    }
    yield { step: "writing", done: 0, total: 1 };
    const { name, inputShape, normalisation, preparation } = description;
    const [first, ...also] = measured as [Measured, ...Measured[]];
    const record: ExportRecord = {
      name,
      format: options.format,
      ...first,
      limbeck: version,
      inputShape,
      classes: classNamesOf(description),
      normalisation,
      preparation,
      origin,
      files: await recordsOf(files),
      ...(also.length > 0 && { also }),
    };
    const { isRepository = false } = entry;
    const about = `${isRepository ? frontMatter(record, options) : ""}${card(record, format.usage)}`;
    const json = `${JSON.stringify(record, undefined, 1)}\n`;
    await write(
      folder.work,
      new Map([
        [isRepository ? "README.md" : "card.md", encoded(about)],
        [RECORD, encoded(json)],
      ]),
    );
    stopIfAborted(signal, "nothing was exported");
    await folder.complete();
    return record;
  } finally {
    await folder.discard();
  }
}

/** Times, checks and closes a student. */
async function* measuring(
  { network, description, images, machine, runtime, startEngine, signal }: ExportOptions,
  entry: FormatEntry,
  {
    precision,
    student,
    calibration: given,
  }: {
    readonly precision: string;
    readonly student: OpenedStudent;
    readonly calibration: Calibration | undefined;
  },
): AsyncGenerator<ExportProgress, Measured> {
  const { bound, measure = "difference", isCalibrated = false } = precisionNamed(entry, precision);
  const calibration = isCalibrated ? given : undefined;
  try {
    yield { step: "timing", done: 0, total: entry.batches.length };
    const image = (i: number): Uint8Array => images.split.image(i % images.split.count);
    const runs = await latenciesOf(student, entry.batches, image, () => stopIfAborted(signal, "nothing was exported"));
    const engine = await startEngine();
    try {
      const batch = Math.max(...entry.batches);
      const isTrained = calibration && calibration.images === undefined && description.int8;
      const rounded = isTrained ? roundedModel(network.model, isTrained) : undefined;
      const work = checking({
        engine,
        network,
        rounded,
        description,
        student,
        images,
        batch,
        bound,
        measure,
        signal,
      });
      let step = await work.next();
      for (; !step.done; step = await work.next()) yield { step: "checking", ...step.value };
      const latency = { machine, runtime, runner: student.runner, runs };
      return { precision, ranges: calibration && sourceOf(calibration), check: step.value, bound, measure, latency };
    } finally {
      await engine.close();
    }
  } finally {
    await student.close();
  }
}

/** The ranges that are known, or seen on images. */
async function calibrationOf(options: ExportOptions, { roundsLogits = false }: FormatEntry): Promise<Calibration> {
  const known = options.calibration;
  if (known && !roundsLogits) return known;
  const seen = await calibrated(options);
  return known ? { ranges: [...known.ranges.slice(0, -1), ...seen.ranges.slice(-1)] } : seen;
}

/** Throws DATA_MISSING where there are no images. */
async function calibrated({ network, calibrateOn, precision }: ExportOptions): Promise<Calibration> {
  if (!calibrateOn) {
    throw new LimbeckError(
      "DATA_MISSING",
      `${precision} needs training images to measure the ranges of its numbers, and there are none; put them where they were (--data-dir), or export in float16`,
    );
  }
  // NOTE: not widened, because that stays on, and the student is timed as others run it.
  const engine = await wasmEngine({ wide: false });
  try {
    return await calibrate(network, { engine, ...calibrateOn });
  } finally {
    await engine.close();
  }
}

function sourceOf({ images }: Calibration): NonNullable<Measured["ranges"]> {
  return images === undefined ? { from: "training" } : { from: "images", images };
}

async function write(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [name, bytes] of files) {
    const path = join(folder, name);
    const written = mkdir(dirname(path), { recursive: true }).then(() => writeFile(path, bytes, { flush: true }));
    await written.catch((cause: Error) => {
      throw new LimbeckError(
        "OUTPUT",
        `${name} cannot be written: ${cause.message}; make room, or give another folder`,
        { cause },
      );
    });
  }
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
