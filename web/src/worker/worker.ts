/** @file The worker that trains, so that the page stays live. */
import { LimbeckError } from "limbeck";
import type { Asked, Told } from "../messages.ts";
import { catalogue } from "./catalogue.ts";
import { lesson } from "./training.ts";

const tell = (told: Told): void => globalThis.postMessage(told);

let stop = new AbortController();
let gate: PromiseWithResolvers<void> | undefined;

globalThis.addEventListener("message", ({ data }: MessageEvent<Asked>) => {
  if (data.kind === "start") void start(data);
  else if (data.kind === "stop") {
    stop.abort();
    gate?.resolve();
  } else if (data.isPaused) gate ??= Promise.withResolvers();
  else {
    gate?.resolve();
    gate = undefined;
  }
});

tell({ kind: "catalogue", ...catalogue() });

async function start({ settings }: Extract<Asked, { kind: "start" }>): Promise<void> {
  stop = new AbortController();
  gate = undefined;
  const { signal } = stop;
  try {
    await lesson(settings, tell, { signal, mayGoOn: async () => gate?.promise });
    tell({ kind: "ended", how: "done" });
  } catch (error) {
    if (signal.aborted) tell({ kind: "ended", how: "stopped" });
    else tell({ kind: "failed", message: error instanceof LimbeckError ? error.message : String(error) });
  }
}
