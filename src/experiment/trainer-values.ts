/** @file The values of networks that a trainer is given: read to start from them, or to put a teacher's classes in order. */
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/contract.ts";
import { readModelFile, valuesFor, type DescribedModel, type LoadedModel } from "../model-file/index.ts";
import { namedStates } from "../nn/index.ts";
import { sha256Hex } from "../sha256.ts";
import type { Tensor } from "../tensor/index.ts";
import { checkInitialised } from "../train/index.ts";
import type { StartingWeights } from "./starting.ts";
import { fitClasses, type FittedTeacher } from "./teacher-classes.ts";
import type { TeacherLabels } from "./teacher-config.ts";

/** The bytes of a safetensors file, or a network whose values are in an engine. */
export type StoredWeights = Uint8Array | DescribedModel;

/** A teacher whose classes are those of the data set, if that can be; `made` are the states of a network made for that, to be freed. */
export interface TeacherNetwork extends FittedTeacher {
  readonly made: ReadonlySet<Tensor>;
}

/** A teacher in an engine. */
interface TeacherValues {
  readonly model: DescribedModel;
  /** Names it in messages. */
  readonly source: string;
  readonly engine: Engine;
}

/** The teacher with one logit a class of the data set, if that can be told by name. Throws as `fitClasses`. */
export async function withClassesOf(
  dataset: Dataset,
  { model, source, engine }: TeacherValues,
  labels: TeacherLabels | undefined,
): Promise<TeacherNetwork> {
  const fitted = fitClasses({ ...(await readWeights(model, engine)), source, model }, dataset, labels);
  if (fitted.file.model === model) return { ...fitted, made: new Set() };
  const values = valuesFor(fitted.file.model, fitted.file);
  for (const [state, value] of values) await engine.write(state, value);
  return { ...fitted, made: new Set(values.keys()) };
}

/** A file's weights, or those that a network has in the trainer's engine, or in its own. */
export async function readWeights(
  weights: StoredWeights,
  engine: Engine,
): Promise<Omit<StartingWeights, "classNames">> {
  if (weights instanceof Uint8Array) return { ...readModelFile(weights, "weights"), sha256: await sha256Hex(weights) };
  const { name, module, description } = weights;
  const from = "engine" in weights ? (weights as LoadedModel).engine : engine;
  await checkInitialised(from, name, module);
  const states = [...namedStates(module)];
  const tensors = await Promise.all(
    states.map(async ([path, state]) => [path, { shape: state.shape, values: await from.read(state) }] as const),
  );
  return { tensors: new Map(tensors), source: `the model ${name}`, description };
}
