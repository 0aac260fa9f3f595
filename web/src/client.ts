/** @file The page's end of the line to its worker. */
import type { PageMessage, Replies, Reply, Request, WorkerMessage } from "./messages.ts";

/** Asks for something that one answer comes back to. Rejects with what is wrong, in words. */
export type Requester = <Kind extends Request["kind"]>(
  request: Extract<Request, { kind: Kind }>,
) => Promise<Replies[Kind]>;

export interface Client {
  send(message: PageMessage): void;
  readonly request: Requester;
}

/** `onFailure` is called with why the worker ended; whoever asks again, asks a new one. */
export function openClient(onMessage: (message: WorkerMessage) => void, onFailure: (message: string) => void): Client {
  const start = (): Worker => {
    const started = new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });
    started.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => onMessage(data));
    started.addEventListener("error", ({ message }) => {
      started.terminate();
      worker = undefined;
      onFailure(message || "it could not be loaded");
    });
    return started;
  };
  let worker: Worker | undefined = start();
  const current = (): Worker => (worker ??= start());
  return {
    send: (message) => current().postMessage(message),
    request: (request) =>
      new Promise((settle, fail) => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener("message", ({ data }: MessageEvent<Reply<(typeof request)["kind"]>>) => {
          port1.close();
          if ("answer" in data) settle(data.answer);
          else fail(new Error(data.problem));
        });
        port1.start();
        current().postMessage(request, [port2]);
      }),
  };
}
