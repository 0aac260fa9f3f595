/** @file Experiments on this machine: configuration, folder, data and engine put together. */
import { resolve } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import { holdOut } from "../../data/hold-out.ts";
import { loadDataset, type LoadOptions } from "../../data/index.ts";
import { startEngine } from "../../engine/engines.ts";
import { LimbeckError } from "../../errors.ts";
import { sha256Hex } from "../../sha256.ts";
import type { Config, ConfigInput } from "../config.ts";
import type { ExperimentEvent } from "../events.ts";
import type { ExperimentFolder } from "../folder.ts";
import type { Results } from "../record.ts";
import type { RunPlan } from "../run.ts";
import { performRuns } from "../runs.ts";
import { distillPlans, teacherRun, trainPlans, type DataSize, type TeacherFile } from "../single.ts";
import { tutorialPlans } from "../tutorial.ts";
import { environment } from "./environment.ts";
import { openFolder } from "./folder.ts";
import { settleConfig, type Trainer } from "./settle.ts";
import { asTeacher, readWeightsFile } from "./weights-file.ts";
import { withDataset } from "./with-dataset.ts";

export interface OpenOptions {
  /** The folder to write. */
  readonly out: string;
  /** Go on with what the folder holds; the configuration is then the folder's, but for the number of threads and `force`. */
  readonly resume?: boolean;
  /** Ends the experiment after the step under way, saved. */
  readonly signal?: AbortSignal;
  readonly onDownload?: NonNullable<LoadOptions["onProgress"]>;
}

/** What may be said of an experiment that goes on: how many threads it has now, and nothing else. */
export type ResumeInput<C extends Trainer> =
  | { readonly [Key in keyof ConfigInput<C>]?: Key extends "threads" ? number : undefined }
  | undefined;

/** An experiment that is ready to run. */
export interface OpenExperiment<C extends Trainer> {
  readonly config: Config<C>;
  readonly dataset: Dataset;
  readonly folder: ExperimentFolder;
  /** Does the runs; to be called once. */
  run(): AsyncGenerator<ExperimentEvent, Results>;
  /** Stops the engine and lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Checks everything that can be checked beforehand, the types of `given` among it, and gets the data. Nothing is written yet.
 *
 * Throws CONFIG for a configuration that breaks the schema, OUTPUT for a folder that cannot be used, and as the data set's reader.
 */
export async function openExperiment<C extends Trainer>(
  command: C,
  given: ConfigInput<C> | ResumeInput<C>,
  { out, resume = false, signal, onDownload }: OpenOptions,
): Promise<OpenExperiment<C>> {
  const folder = await openFolder(resolve(out));
  try {
    const config = await settleConfig(command, resume ? given : await withDataset(given), folder, resume);
    const { dataDir, limit } = config;
    const whole = await loadDataset(config.dataset, {
      ...(dataDir !== undefined && { dir: dataDir }),
      ...(limit !== undefined && { limit }),
      ...(signal && { signal }),
      ...(onDownload && { onProgress: onDownload }),
    });
    const dataset = config.validation === undefined ? whole : holdOut(whole, config.validation, config.seed);
    const data = { classes: dataset.classes.length, shape: dataset.shape, images: dataset.train.count };
    const plans = await planners[command](config, data, givenWeights(folder));
    const engine = await startEngine(config.engine, config);
    const experiment = {
      engine,
      dataset,
      folder,
      config,
      description: { command, ...config },
      environment: environment(engine.description),
      ...(signal && { signal }),
    };
    return {
      config,
      dataset,
      folder,
      run: () => performRuns(experiment, plans),
      close: () => engine.close().finally(() => folder.close()),
    };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** What each command runs. */
const planners: {
  readonly [C in Trainer]: (config: Config<C>, data: DataSize, weights: GivenWeights) => Promise<RunPlan[]>;
} = {
  tutorial: async (config, data, weights) =>
    tutorialPlans(config, data, config.teacher === undefined ? undefined : await weights("teacher", config.teacher)),
  train: async (config, data) => trainPlans(config, data),
  distill: async (config, data, weights) => {
    const { teacher } = config;
    const files = teacher.map((path, i) => weights(teacherRun(i, teacher.length), path));
    return distillPlans(config, data, await Promise.all(files));
  },
};

/** The weights of a run that were given as a file. */
type GivenWeights = (run: string, path: string) => Promise<TeacherFile>;

/** From the folder of an experiment that goes on, where the run is over and has left them, else from the file. Throws CHECKSUM if that is another than before. */
function givenWeights(folder: ExperimentFolder): GivenWeights {
  return async (run, path) => {
    const source = `${run}/model.safetensors`;
    const kept = await folder.read(source);
    if (kept) return asTeacher({ bytes: kept, source });
    const file = await readWeightsFile(path);
    const found = await sha256Hex(file.bytes);
    const expected = folder.bind(`weights of ${run}`, found);
    if (found === expected) return asTeacher(file);
    throw new LimbeckError(
      "CHECKSUM",
      `${path} is not the file that this experiment was begun with: expected SHA-256 ${expected}, got ${found}; ` +
        "put the same file there, or start again in a new folder",
    );
  };
}
