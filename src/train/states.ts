/** @file The states of a training by name: which of them are trained, which a checkpoint holds, and how an engine's values are read and written. */
import type { PretrainingPhase } from "../distill/index.ts";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import {
  countParameters,
  namedBuffers,
  namedParameters,
  type Buffer,
  type Module,
  type Parameter,
} from "../nn/index.ts";
import type { AttachedOptimiser } from "../optim/index.ts";
import { formatShape, sameShape, type Tensor } from "../tensor/index.ts";
import type { StoredTensor } from "../weights/index.ts";
import type { Feature } from "./feature.ts";
import type { Learner } from "../distill/learner.ts";

/** The values of states, by name. */
export type StateValues = ReadonlyMap<string, StoredTensor>;

/** Every parameter by name, the model's own by their path, then each auxiliary module's under its name: all, or those that a pre-training phase trains. */
export function trainedParameters(learner: Learner, phase?: PretrainingPhase): Map<string, Parameter> {
  return ofAll(learner, namedParameters, (name) => isTrained(learner, name, phase));
}

/** Everything that a training changes and a checkpoint keeps, by name: parameters and buffers, whichever phase trains them. */
export function everyState(learner: Learner): {
  readonly parameters: Map<string, Parameter>;
  readonly buffers: Map<string, Buffer>;
} {
  return { parameters: ofAll(learner, namedParameters), buffers: ofAll(learner, namedBuffers) };
}

/** Whether the auxiliary module of this name, or `student`, is trained: by a pre-training phase, or by the training proper. */
export function isTrained({ auxiliaries }: Learner, name: string, phase?: PretrainingPhase): boolean {
  if (!phase) return !auxiliaries[name]?.pretrainingOnly;
  const { trains = [name] } = phase;
  return trains.some((trained) => name === trained || (trained.endsWith("/") && name.startsWith(trained)));
}

/** How many numbers auxiliary modules learn; they are dropped at the end. */
export function countAuxiliaryParameters({ auxiliaries }: Learner): number {
  return Object.values(auxiliaries).reduce((sum, { module }) => sum + countParameters(module), 0);
}

/** Every state that a step of a phase may change, by its name in a checkpoint. */
export function trainingStates(
  learner: Learner,
  optimiser: Pick<AttachedOptimiser, "slots">,
  features: readonly Feature[],
): Map<string, Tensor> {
  const { parameters, buffers } = everyState(learner);
  return new Map([
    ...[...parameters].map(([name, { tensor }]) => [`parameter ${name}`, tensor] as const),
    ...[...buffers].map(([name, { tensor }]) => [`buffer ${name}`, tensor] as const),
    ...[...optimiser.slots].map(([name, slot]) => [`optimiser ${name}`, slot] as const),
    ...features.flatMap(({ states = [], learned = [] }) => [...states, ...learned]),
  ]);
}

/** The engine's values of these states, after all runs asked for so far. */
export async function readStates(
  engine: Engine,
  states: ReadonlyMap<string, Tensor>,
): Promise<Map<string, StoredTensor>> {
  const read = async ([name, tensor]: [string, Tensor]) =>
    [name, { shape: tensor.shape, values: await engine.read(tensor) }] as const;
  return new Map(await Promise.all([...states].map(read)));
}

/** Sets these states in the engine, all or, if one does not fit, none. Throws WEIGHTS listing what is missing, left over or of another shape. */
export async function writeStates(
  engine: Engine,
  states: ReadonlyMap<string, Tensor>,
  saved: StateValues,
): Promise<void> {
  const problems: string[] = [];
  const writes: (readonly [Tensor, Float32Array])[] = [];
  for (const [name, tensor] of states) {
    const found = saved.get(name);
    if (!found) problems.push(`  ${name} is missing`);
    else if (sameShape(found.shape, tensor.shape)) writes.push([tensor, found.values]);
    else problems.push(`  ${name} should be ${formatShape(tensor.shape)}, got ${formatShape(found.shape)}`);
  }
  for (const name of saved.keys()) if (!states.has(name)) problems.push(`  ${name} belongs to no state`);
  if (problems.length > 0) {
    throw new LimbeckError(
      "WEIGHTS",
      `the checkpoint is of another training; go on with the options it was made with:\n${problems.join("\n")}`,
    );
  }
  await Promise.all(writes.map(([tensor, values]) => engine.write(tensor, values)));
}

function ofAll<T>(
  { model, auxiliaries }: Learner,
  named: (module: Module) => Map<string, T>,
  wanted: (name: string) => boolean = () => true,
): Map<string, T> {
  const found = new Map(wanted("student") ? named(model.module) : []);
  for (const [name, { module }] of Object.entries(auxiliaries)) {
    if (!wanted(name)) continue;
    for (const [path, value] of named(module)) found.set(`${name}.${path}`, value);
  }
  return found;
}
