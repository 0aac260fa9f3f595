/** @file The work of `limbeck serve`: the student and its teacher loaded, and a page that asks them about pictures. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Engine } from "../../engine/contract.ts";
import { defaultEngine, startEngine } from "../../engine/engines.ts";
import { tellingChoice } from "../../experiment/engine-choice.ts";
import { printMessage } from "../output.ts";
import { classifyPictures } from "../../experiment/node/classify-pictures.ts";
import { weightsPath } from "../../experiment/node/run-folder.ts";
import { usableNetwork, type NeededModules, type UsableNetwork } from "../../experiment/node/usable-network.ts";
import { loadModel, type LoadedModel, type Prediction } from "../../model-file/index.ts";
import { checkWorkingFolder } from "../folders.ts";
import { interruptible } from "../follow.ts";
import { pageFiles } from "./files.ts";
import { servePage } from "./server.ts";

export interface ServeSettings extends NeededModules {
  readonly port?: number;
  readonly engine?: string;
  readonly threads?: number;
}

/** A network that is asked, as the page names it. */
export interface ServedNetwork {
  readonly title: string;
  readonly weights: string;
  readonly classes: number;
}

/** What one network says of a picture. */
interface Answer {
  readonly title: string;
  readonly classes: Prediction;
}

/** How many classes of each network are sent. */
const TOP = 5;

/**
 * Serves until Ctrl-C; `onReady` is called when the address can be opened. Throws as `weightsPath`, `usableNetwork`, `loadModel` and `servePage`.
 */
export async function serve(
  run: string,
  asked: ServeSettings,
  onReady: (address: string, networks: readonly ServedNetwork[]) => Promise<void>,
): Promise<void> {
  checkWorkingFolder();
  const { port = 0, engine: name = defaultEngine, threads } = asked;
  const networks = await networksOf(await weightsPath(run), asked);
  const files = await pageFiles();
  const engine = await startEngine(name, { threads, onChoice: tellingChoice(printMessage) });
  try {
    const loaded = await loadAll(networks, engine);
    const served = networks.map(({ title, network: { source, into } }) => ({
      title,
      weights: source,
      classes: into.classes,
    }));
    const page = await servePage({
      port,
      files,
      networks: served.map(({ title, classes }) => ({ title, classes })),
      answers: (picture) => answersOf(loaded, picture),
    });
    try {
      await interruptible(
        async (signal) => {
          const stopped = new Promise((done) => signal.addEventListener("abort", done));
          await onReady(page.address, served);
          await stopped;
        },
        () => {},
      );
    } finally {
      await page.close();
    }
  } finally {
    await engine.close();
  }
}

interface Titled<Network> {
  readonly title: string;
  readonly network: Network;
}

/** The network of the file, and its teacher where the run's folder has that beside it. */
async function networksOf(weights: string, asked: NeededModules): Promise<Titled<UsableNetwork>[]> {
  const [file, run] = [basename(weights), dirname(resolve(weights))];
  const network = await usableNetwork(weights, asked);
  const teacher = join(dirname(run), "teacher", file);
  if (!/^student|^assistant/.test(basename(run)) || !existsSync(teacher)) {
    return [{ title: network.description.name, network }];
  }
  const { model: _, ...modules } = asked;
  const taught = await usableNetwork(teacher, modules);
  return [
    { title: `Student (${network.description.name})`, network },
    { title: `Teacher (${taught.description.name})`, network: taught },
  ];
}

function loadAll(networks: readonly Titled<UsableNetwork>[], engine: Engine): Promise<Titled<LoadedModel>[]> {
  return Promise.all(
    networks.map(async ({ title, network: { bytes, ...of } }) => ({
      title,
      network: await loadModel(bytes, engine, of),
    })),
  );
}

/** Throws DATA_FORMAT for bytes that are no whole picture; as `predict`. */
async function answersOf(networks: readonly Titled<LoadedModel>[], picture: Uint8Array): Promise<Answer[]> {
  const source = { path: "The file", read: async () => picture };
  const answers: Answer[] = [];
  for (const { title, network } of networks) {
    for await (const [answer] of classifyPictures(network, [source], { top: TOP })) {
      if (!answer) continue;
      if ("error" in answer) throw answer.error;
      answers.push({ title, classes: answer.classes });
    }
  }
  return answers;
}
