/** @file A worker that trains with as many threads as it is told. */
import { ending } from "./ending.ts";

globalThis.addEventListener("message", async ({ data }: MessageEvent<number>) => {
  globalThis.postMessage(await ending(data));
});
