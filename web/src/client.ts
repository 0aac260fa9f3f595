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

/** `onFailure` is called with why the worker ended. */
export function openClient(onTold: (told: Told) => void, onFailure: (message: string) => void): Client {
  const worker = new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<Told>) => onTold(data));
  worker.addEventListener("error", ({ message }) => onFailure(message || "it could not be loaded"));
  return {
    tell: (asked) => worker.postMessage(asked),
    request: (request) =>
      new Promise((settle, fail) => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener("message", ({ data }: MessageEvent<Reply<(typeof request)["kind"]>>) => {
          port1.close();
          if ("answer" in data) settle(data.answer);
          else fail(new Error(data.problem));
        });
        port1.start();
        worker.postMessage(request, [port2]);
      }),
  };
}
