/** @file One lesson: the teacher is trained, then all students at once, a step of each in turn. */
import { createTrainer, LimbeckError, shapes, type Dataset, type Engine, type Model, type Trainer } from "limbeck";
import { countParameters } from "limbeck/nn";
import type { AnyMethod } from "limbeck/methods";
import type { TrainEvent } from "limbeck/training";
import { methods } from "virtual:methods";
import type { OwnClass, Run, Settings, WorkerMessage } from "../messages.ts";
import { openEngine } from "./engine.ts";
import { galleryOf, openJudge, type Judge } from "./judge.ts";

/** What the page can do to a lesson under way. */
export interface Control {
  readonly signal: AbortSignal;
  /** Settles when the training may go on. */
  readonly mayGoOn: () => Promise<void>;
}

/** Images that networks are judged on. */
const TESTED = 500;
/** So often in an epoch. */
const JUDGED = 2;
/** For a visitor's own pictures, which are few: small batches, and no picture twice the same. */
const few = { batchSize: 16, augment: { crop: { padding: 3 }, flip: { probability: 0.5 } } } as const;

/** What is asked for. */
export interface Task {
  readonly settings: Settings;
  /** Classes of a visitor's own pictures; none stands for `shapes`. */
  readonly own: readonly OwnClass[];
}

/** On a graphics card that is lost in the middle, it begins again on the processors. */
export async function lesson(task: Task, send: (message: WorkerMessage) => void, control: Control): Promise<void> {
  const { settings, own } = task;
  const dataset =
    own.length > 0
      ? await (
          await import("./own-pictures.ts")
        ).ownDataset(own, (files) => send({ kind: "left-out", files: [...files] }))
      : shapes({ train: settings.images, test: TESTED });
  const taught = await Promise.all(settings.methods.map(chosen));
  const engine = await openEngine(settings.engine, dataset, (text) => send({ kind: "note", text }));
  try {
    send({ kind: "begun", engine: engine.description, runs: runsOf(settings, taught) });
    send({ kind: "gallery", ...galleryOf(dataset) });
    await lessonOn(engine, dataset, { ...task, taught }, send, control);
  } catch (error) {
    const isLost = engine.name === "webgpu" && error instanceof LimbeckError && error.code === "ENGINE";
    if (!isLost || control.signal.aborted) throw error;
    send({ kind: "note", text: `The graphics card gave up (${error.message}). The processors began again.` });
    await lesson({ ...task, settings: { ...settings, engine: "wasm" } }, send, control);
  } finally {
    await engine.close();
  }
}

async function lessonOn(
  engine: Engine,
  dataset: Dataset,
  { settings, own, taught }: Task & { readonly taught: readonly Chosen[] },
  send: (message: WorkerMessage) => void,
  control: Control,
): Promise<void> {
  const watched = async (run: string, work: (trainer: Trainer) => Promise<Model>): Promise<Model> => {
    const watch = watcher(run, engine, dataset, send, control);
    const trainer = await createTrainer({
      dataset,
      engine,
      epochs: settings.epochs,
      seed: settings.seed,
      signal: control.signal,
      onEvent: watch.see,
      ...(own.length > 0 && few),
    });
    try {
      const model = await work(trainer);
      const file = await trainer.save(model);
      send({ kind: "finished", run, parameters: countParameters(model.module), file });
      return model;
    } finally {
      watch.close();
    }
  };
  const teacher = await watched("teacher", (trainer) => trainer.train(settings.teacher));
  const teach = ({ name, method }: Chosen): Promise<unknown> =>
    watched(name, (trainer) =>
      trainer.distill(settings.student, {
        teacher,
        method,
        options: settings.options[name] ?? {},
        // The page says so of a teacher that hardly does better than guessing.
        force: true,
      }),
    ).catch((error: unknown) => {
      if (!(error instanceof LimbeckError) || error.code === "ABORTED" || error.code === "ENGINE") throw error;
      send({ kind: "refused", run: name, message: error.message });
    });
  const alone = watched("alone", (trainer) => trainer.train(settings.student));
  // All of them end before the engine does.
  const ends = await Promise.allSettled([alone, ...taught.map(teach)]);
  const failure = ends.find((end) => end.status === "rejected");
  if (failure) throw failure.reason;
}

/** A method that teaches. */
interface Chosen {
  readonly name: string;
  readonly title: string;
  /** Loaded; or its name, where there is no such: then Limbeck says so. */
  readonly method: AnyMethod | string;
}

async function chosen(name: string): Promise<Chosen> {
  if (!Object.hasOwn(methods, name)) return { name, title: name, method: name };
  const method = await methods[name]!();
  return { name, title: method.title, method };
}

function runsOf({ teacher, student }: Settings, taught: readonly Chosen[]): Run[] {
  return [
    { id: "teacher", title: "The teacher", model: teacher },
    { id: "alone", title: "The student, alone", model: student },
    ...taught.map(({ name, title }) => ({ id: name, title, model: student })),
  ];
}

/** Tells each step, and how the network answers in between. */
function watcher(
  run: string,
  engine: Trainer["engine"],
  dataset: Dataset,
  send: (message: WorkerMessage) => void,
  { signal, mayGoOn }: Control,
): { see(event: TrainEvent, model: Model): Promise<void>; close(): void } {
  let judge: Judge | undefined;
  return {
    async see(event, model) {
      if (event.kind !== "step") return;
      const { stepInEpoch, stepsPerEpoch, terms, phase, epochs } = event;
      const epoch = event.epoch - 1 + stepInEpoch / stepsPerEpoch;
      const images = Math.round(dataset.train.count / stepsPerEpoch);
      send({ kind: "step", run, phase, epoch, epochs, terms, at: performance.now(), images });
      const isDue = stepInEpoch === stepsPerEpoch || stepInEpoch % Math.ceil(stepsPerEpoch / JUDGED) === 0;
      if (isDue && phase === undefined) {
        judge ??= await openJudge(engine, model, dataset);
        send({ kind: "judged", run, epoch, ...(await judge.judge()) });
      }
      await mayGoOn();
      signal.throwIfAborted();
    },
    close: () => judge?.close(),
  };
}
