/** @file The work of `limbeck serve`: the student and its teacher loaded, and a page that has them classify pictures. */
import { defaultEngine, startEngine } from "../../engine/engines.ts";
import { tellingChoice } from "../../engine/entry.ts";
import { usableNetwork, type NeededModules } from "../../use/index.ts";
import type { Prediction } from "../../model-file/index.ts";
import { checkWorkingFolder } from "../folders.ts";
import { interruptible } from "../follow.ts";
import { printMessage } from "../output.ts";
import { servedNetwork, servedPicture, type ReadyNetwork, type ServedNetwork } from "./networks.ts";
import { pageFiles, servePage } from "./server.ts";
import { servedTeachers } from "./teachers.ts";

export interface ServeSettings extends NeededModules {
  readonly port?: number;
  readonly engine?: string;
  readonly threads?: number;
}

/** What is served, and where. */
export interface Served {
  readonly address: string;
  readonly networks: readonly ServedNetwork[];
  /** Why teachers are not among them, a sentence each. */
  readonly missing: readonly string[];
}

/** The prediction of one network. */
interface Answer {
  readonly title: string;
  readonly classes: Prediction;
}

/**
 * Serves until Ctrl-C; `onReady` is called when the address can be opened. Throws as `usableNetwork`, `loadModel` and `servePage`.
 */
export async function serve(
  run: string,
  { port = 0, engine: name = defaultEngine, threads, ...modules }: ServeSettings,
  onReady: (served: Served) => Promise<void>,
): Promise<void> {
  checkWorkingFolder();
  const student = await usableNetwork(run, modules);
  const files = await pageFiles();
  const engine = await startEngine(name, { threads, onChoice: tellingChoice(printMessage) });
  const ready: ReadyNetwork[] = [];
  try {
    const { model: _, ...ofTeacher } = modules;
    const { teachers, missing } = await servedTeachers(student, { engine, modules: ofTeacher });
    ready.push(...teachers);
    const isAlone = teachers.length === 0 && missing.length === 0;
    const { name: model } = student.description;
    ready.unshift(await servedNetwork(isAlone ? model : `Student (${model})`, student, engine));
    const networks = ready.map(({ title, weights, classes }) => ({ title, weights, classes }));
    const page = await servePage({
      port,
      files,
      about: { networks: networks.map(({ title, classes }) => ({ title, classes })), missing },
      answers: (picture) => answersOf(ready, picture),
    });
    try {
      await interruptible(
        async (signal) => {
          const stopped = new Promise((done) => signal.addEventListener("abort", done));
          await onReady({ address: page.address, networks, missing });
          await stopped;
        },
        () => {},
      );
    } finally {
      await page.close();
    }
  } finally {
    for (const network of ready) await network.close();
    await engine.close();
  }
}

/** Throws DATA_FORMAT for bytes that are no whole picture; as `predict`. */
async function answersOf(networks: readonly ReadyNetwork[], bytes: Uint8Array): Promise<Answer[]> {
  const picture = servedPicture(bytes);
  const answers: Answer[] = [];
  for (const { title, classify } of networks) answers.push({ title, classes: await classify(picture) });
  return answers;
}
