/** @file The worker that trains, so that the page stays live. */
import { LimbeckError } from "limbeck";
import type { PageMessage, Replies, Request, WorkerMessage } from "../messages.ts";
import { lesson } from "./training.ts";

const send = (message: WorkerMessage): void => globalThis.postMessage(message);

let stop = new AbortController();
let gate: PromiseWithResolvers<void> | undefined;

globalThis.addEventListener("message", ({ data, ports: [port] }: MessageEvent<PageMessage | Request>) => {
  switch (data.kind) {
    case "start":
      return void start(data);
    case "stop":
      stop.abort();
      return gate?.resolve();
    case "pause":
      if (data.isPaused) gate ??= Promise.withResolvers();
      else {
        gate?.resolve();
        gate = undefined;
      }
      return;
    default:
      answer(data).then(
        (answer) => port?.postMessage({ answer }),
        (error: unknown) => port?.postMessage({ problem: messageOf(error) }),
      );
  }
});

async function answer(request: Request): Promise<Replies[Request["kind"]]> {
  switch (request.kind) {
    case "open":
      return (await import("./student.ts")).open(request.file);
    case "classify":
      return (await import("./student.ts")).classify(request.picture);
    case "pack":
      return (await import("./pack.ts")).pack(request.file, request.about);
  }
}

async function start({ settings, own }: Extract<PageMessage, { kind: "start" }>): Promise<void> {
  stop = new AbortController();
  gate = undefined;
  const { signal } = stop;
  try {
    await lesson({ settings, own }, send, { signal, mayGoOn: async () => gate?.promise });
    send({ kind: "ended", how: "done" });
  } catch (error) {
    if (signal.aborted) send({ kind: "ended", how: "stopped" });
    else send({ kind: "failed", message: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof LimbeckError ? error.message : String(error);
}
