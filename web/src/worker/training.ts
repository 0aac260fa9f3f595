/** @file One lesson: the teacher is trained, then all students at once, a step of each in turn. */
import { createTrainer, LimbeckError, methods, shapes, type Dataset, type Model, type Trainer } from "limbeck";
import { countParameters } from "limbeck/nn";
import type { AnyMethod } from "limbeck/methods";
import type { TrainEvent } from "limbeck/training";
import type { Run, Settings, Told } from "../messages.ts";
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

export async function lesson(settings: Settings, tell: (told: Told) => void, control: Control): Promise<void> {
  const dataset = shapes({ train: settings.images, test: TESTED });
  const { engine, notes } = await openEngine();
  try {
    tell({ kind: "begun", engine: engine.description, notes, runs: runsOf(settings) });
    tell({ kind: "gallery", ...galleryOf(dataset) });
    const watched = async (run: string, work: (trainer: Trainer) => Promise<Model>): Promise<Model> => {
      const watch = watcher(run, engine, dataset, tell, control);
      const { epochs, seed } = settings;
      const trainer = await createTrainer({
        dataset,
        engine,
        epochs,
        seed,
        signal: control.signal,
        onEvent: watch.see,
      });
      try {
        const model = await work(trainer);
        const file = await trainer.save(model);
        tell({ kind: "finished", run, parameters: countParameters(model.module), file });
        return model;
      } finally {
        watch.close();
      }
    };
    const teacher = await watched("teacher", (trainer) => trainer.train(settings.teacher));
    const students = [
      watched("alone", (trainer) => trainer.train(settings.student)),
      ...settings.methods.map((method) =>
        watched(method, (trainer) =>
          trainer.distill(settings.student, {
            teacher,
            method,
            options: settings.options[method] ?? {},
            // The page says so of a teacher that hardly does better than guessing.
            force: true,
          }),
        ).catch((error: unknown) => {
          if (!(error instanceof LimbeckError) || error.code === "ABORTED") throw error;
          tell({ kind: "refused", run: method, message: error.message });
        }),
      ),
    ];
    const ends = await Promise.allSettled(students);
    const failure = ends.find((end) => end.status === "rejected");
    if (failure) throw failure.reason;
  } finally {
    await engine.close();
  }
}

function runsOf({ teacher, student, methods: names }: Settings): Run[] {
  return [
    { id: "teacher", title: "The teacher", model: teacher },
    { id: "alone", title: "The student, alone", model: student },
    ...names.map((name) => ({ id: name, title: titleOf(name), model: student })),
  ];
}

function titleOf(name: string): string {
  return (methods as Readonly<Record<string, AnyMethod>>)[name]?.title ?? name;
}

/** Tells each step, and how the network answers in between. */
function watcher(
  run: string,
  engine: Trainer["engine"],
  dataset: Dataset,
  tell: (told: Told) => void,
  { signal, mayGoOn }: Control,
): { see(event: TrainEvent, model: Model): Promise<void>; close(): void } {
  let judge: Judge | undefined;
  return {
    async see(event, model) {
      if (event.kind !== "step") return;
      const { stepInEpoch, stepsPerEpoch, step, terms, phase } = event;
      const epoch = step / stepsPerEpoch;
      const images = Math.round(dataset.train.count / stepsPerEpoch);
      tell({ kind: "step", run, epoch, terms, at: performance.now(), images });
      const isDue = stepInEpoch === stepsPerEpoch || stepInEpoch % Math.ceil(stepsPerEpoch / JUDGED) === 0;
      if (isDue && phase === undefined) {
        judge ??= await openJudge(engine, model, dataset);
        tell({ kind: "judged", run, epoch, ...(await judge.judge()) });
      }
      await mayGoOn();
      signal.throwIfAborted();
    },
    close: () => judge?.close(),
  };
}
