/** @file A network in one of Limbeck's engines as a teacher: one of ours, or an imported one. */
import type { Engine, Program } from "../engine/contract.ts";
import type { Model } from "../models/index.ts";
import { formatShape, input, type Shape, type Tensor } from "../tensor/index.ts";
import { observe, probe } from "../distill/observe.ts";
import { checkInitialised } from "../train/index.ts";
import { LimbeckError } from "../errors.ts";
import { normalised, type Preprocessing } from "./preprocessing.ts";
import { checkCall, checkFinite, checkWanted, LOGITS, type Teacher, type TeacherDescription } from "./teacher.ts";

export interface NetworkTeacherOptions {
  /** Holds the network's values. */
  readonly engine: Engine;
  readonly model: Model;
  readonly preprocessing: Preprocessing;
  readonly classNames?: readonly string[] | undefined;
  /** A name that no other network has, such as the SHA-256 of its file. */
  readonly identity: string;
}

/** Programs that are kept: full batches and a shorter last one, of two sets of outputs. */
const MOST_PROGRAMS = 4;

/** What a network gives as a teacher: its logits, and what each of its modules gives for an image. */
export function describeNetwork(model: Model, classNames?: readonly string[]): TeacherDescription {
  const { name, features } = model;
  const { pass, logits } = observe(model, probe(model), false);
  const named = [...pass.outputs].filter(([path, { shape }]) => path !== "" && shape[0] === 1);
  const shapes = new Map<string, Shape>(named.map(([path, { shape }]) => [path, shape.slice(1)]));
  shapes.set(LOGITS, logits.shape.slice(1));
  return { name, classNames, shapes, features, network: model };
}

/** The network as a teacher; `close` leaves its values in the engine. Throws SHAPE where preprocessing makes other images than it takes, WEIGHTS if the engine holds no values for it. */
export async function networkTeacher(options: NetworkTeacherOptions): Promise<Teacher> {
  const { engine, model, preprocessing, classNames, identity } = options;
  const { name, classes, inputShape } = model;
  if (formatShape(preprocessing.inputShape) !== formatShape(inputShape)) {
    throw new LimbeckError(
      "SHAPE",
      `the teacher ${name} takes images of ${formatShape(inputShape)}, but its preprocessing makes ${formatShape(preprocessing.inputShape)}`,
    );
  }
  for (const each of model.members ?? [model]) await checkInitialised(engine, `the teacher ${each.name}`, each.module);
  const described = describeNetwork(model, classNames);
  const programs = new Map<string, Program>();
  const programFor = async (count: number, wanted: readonly string[]): Promise<Program> => {
    const key = JSON.stringify([count, ...wanted]);
    const known = programs.get(key);
    if (known) return known;
    const seen = observe(model, input("images", [count, ...inputShape]), false);
    const tensorOf = (path: string): Tensor => (path === LOGITS ? seen.logits : seen.feature(path));
    const outputs = Object.fromEntries(wanted.map((path, i) => [String(i), tensorOf(path)]));
    const program = await engine.compile({ outputs, updates: [] });
    const [oldest] = programs.keys();
    if (programs.size >= MOST_PROGRAMS && oldest !== undefined) {
      programs.get(oldest)?.close();
      programs.delete(oldest);
    }
    programs.set(key, program);
    return program;
  };
  return {
    ...described,
    classes,
    preprocessing,
    identity,
    async outputs(images, count, wanted = [LOGITS], numbers = preprocessing) {
      checkCall(images, count, wanted);
      checkWanted(described, wanted);
      const program = await programFor(count, wanted);
      const results = await program.run({ images: normalised(images, count, { inputShape, ...numbers }) });
      const outputs = Object.fromEntries(wanted.map((path, i) => [path, results[i]!]));
      checkFinite(name, outputs);
      return outputs;
    },
    async close() {
      for (const program of programs.values()) program.close();
      programs.clear();
    },
  };
}
