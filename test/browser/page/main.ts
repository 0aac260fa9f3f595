/** @file A page that trains when asked, itself or in a worker, and predicts what a canvas shows. */
import { LimbeckError, loadDataset } from "../../../src/entries/index.ts";
import { loadModel, predict, wasmEngine, type PictureInput, type Prediction } from "../../../src/entries/infer.ts";
import { ending, type Ending } from "./ending.ts";

/** What tests call, as the global `limbeck`. */
export interface Limbeck {
  /** On the page's own thread. */
  train(threads: number): Promise<Ending>;
  /** In a worker of the page, which stays live meanwhile. */
  trainInWorker(threads: number): Promise<Ending>;
  /** What a network, its file in Base64, takes a drawing on a canvas of 96 x 70 for, given in each form that a browser has, and the drawing's pixels. */
  predict(file: string): Promise<{ readonly answers: Forms; readonly pixels: readonly number[] }>;
  /** The code and message of the error that asking for a data set of files ends in. */
  loadPhotographs(): Promise<string>;
}

/** Answers by what they were given. */
export type Forms = Readonly<Record<string, Prediction>>;

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
  async predict(weights) {
    const engine = await wasmEngine();
    const model = await loadModel(
      Uint8Array.from(atob(weights), (character) => character.charCodeAt(0)),
      engine,
    );
    const [width, height] = [96, 70];
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d")!;
    context.fillStyle = "darkorange";
    context.fillRect(0, 0, width, height);
    context.fillStyle = "navy";
    context.arc(width / 2, height / 2, height / 3, 0, 5);
    context.fill();
    const image = context.getImageData(0, 0, width, height);
    const offscreen = new OffscreenCanvas(width, height);
    offscreen.getContext("2d")!.putImageData(image, 0, 0);
    const file = await offscreen.convertToBlob();
    const picture = Object.assign(new Image(), { src: URL.createObjectURL(file) });
    await picture.decode();
    const forms: Readonly<Record<string, PictureInput>> = {
      image,
      canvas,
      offscreen,
      file,
      picture,
      bytes: await file.arrayBuffer(),
      bitmap: await createImageBitmap(canvas),
      frame: new VideoFrame(canvas, { timestamp: 0 }),
    };
    const found = await predict(model, Object.values(forms));
    const answers = Object.fromEntries(Object.keys(forms).map((name, i) => [name, found[i]!]));
    await engine.close();
    return { answers, pixels: [...image.data] };
  },
  loadPhotographs: () =>
    loadDataset("cifar10").then(
      () => "loaded",
      (error: unknown) => (error instanceof LimbeckError ? `${error.code}: ${error.message}` : String(error)),
    ),
};

Object.assign(globalThis, { limbeck });
