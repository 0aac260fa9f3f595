/** @file The page's end of the line to its worker. */
import type { Asked, Replies, Reply, Request, Told } from "./messages.ts";

/** Asks for something that one answer comes back to. Rejects with what is wrong, in words. */
export type Requester = <Kind extends Request["kind"]>(
  request: Extract<Request, { kind: Kind }>,
) => Promise<Replies[Kind]>;

export interface Client {
  tell(asked: Asked): void;
  readonly request: Requester;
}

/** `onFailure` is called with why the worker ended; whoever asks again, asks a new one. */
export function openClient(onTold: (told: Told) => void, onFailure: (message: string) => void): Client {
  const start = (): Worker => {
    const started = new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });
    started.addEventListener("message", ({ data }: MessageEvent<Told>) => onTold(data));
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
    tell: (asked) => current().postMessage(asked),
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
