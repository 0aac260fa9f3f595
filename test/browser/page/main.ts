/** @file A page that trains when asked, itself or in a worker. */
import { LimbeckError, loadDataset } from "../../../src/index.ts";
import { ending, type Ending } from "./ending.ts";

/** What tests call, as the global `limbeck`. */
export interface Limbeck {
  /** On the page's own thread. */
  train(threads: number): Promise<Ending>;
  /** In a worker of the page, which stays live meanwhile. */
  trainInWorker(threads: number): Promise<Ending>;
  /** The code and message of the error that asking for a data set of files ends in. */
  loadPhotographs(): Promise<string>;
}

const limbeck: Limbeck = {
  train: ending,
  trainInWorker: (threads) =>
    new Promise((settle, fail) => {
      const worker = new Worker(new URL("./training-worker.ts", import.meta.url), { type: "module" });
      worker.addEventListener("message", ({ data }: MessageEvent<Ending>) => {
        worker.terminate();
        settle(data);
      });
      worker.addEventListener("error", ({ message }) => fail(new Error(message)));
      worker.postMessage(threads);
    }),
  loadPhotographs: () =>
    loadDataset("cifar10").then(
      () => "loaded",
      (error: unknown) => (error instanceof LimbeckError ? `${error.code}: ${error.message}` : String(error)),
    ),
};

Object.assign(globalThis, { limbeck });
