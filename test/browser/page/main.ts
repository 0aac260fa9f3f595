/** @file A page that trains when asked, itself or in a worker, and predicts what a canvas shows. */
import { LimbeckError, loadDataset } from "../../../src/entries/index.ts";
import { loadModel, predict, wasmEngine, type Prediction } from "../../../src/entries/infer.ts";
import { ending, type Ending } from "./ending.ts";

/** What tests call, as the global `limbeck`. */
export interface Limbeck {
  /** On the page's own thread. */
  train(threads: number): Promise<Ending>;
  /** In a worker of the page, which stays live meanwhile. */
  trainInWorker(threads: number): Promise<Ending>;
  /** What a network, its file in Base64, takes a drawing on a canvas for, and the drawing's pixels. */
  predict(file: string): Promise<{ readonly prediction: Prediction; readonly pixels: readonly number[] }>;
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
  async predict(file) {
    const engine = await wasmEngine();
    const model = await loadModel(
      Uint8Array.from(atob(file), (character) => character.charCodeAt(0)),
      engine,
    );
    const [, height, width] = model.inputShape;
    const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d")!;
    context.fillStyle = "darkorange";
    context.fillRect(0, 0, width, height);
    context.fillStyle = "navy";
    context.arc(width / 2, height / 2, height / 3, 0, 5);
    context.fill();
    const image = context.getImageData(0, 0, width, height);
    const prediction = await predict(model, image);
    await engine.close();
    return { prediction, pixels: [...image.data] };
  },
  loadPhotographs: () =>
    loadDataset("cifar10").then(
      () => "loaded",
      (error: unknown) => (error instanceof LimbeckError ? `${error.code}: ${error.message}` : String(error)),
    ),
};

Object.assign(globalThis, { limbeck });
