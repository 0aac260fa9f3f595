/** @file A page whose worker computes on the browser's GPU what it is asked for. */
import type { Asked, Bits } from "./bits.ts";

/** What tests call, as the global `bitsInWorker`. */
export type BitsInWorker = (asked: Asked) => Promise<Bits>;

const bitsInWorker: BitsInWorker = (asked) =>
  new Promise((settle, fail) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Bits>) => {
      worker.terminate();
      settle(data);
    });
    worker.addEventListener("error", ({ message }) => fail(new Error(message)));
    worker.postMessage(asked);
  });

Object.assign(globalThis, { bitsInWorker });
