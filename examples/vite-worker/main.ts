/** @file The page: gives the worker the picture that is chosen, and shows its answer. */
import type { Answer } from "./worker.ts";

const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
const choice = document.querySelector("input")!;
const list = document.querySelector("ol")!;

choice.addEventListener("change", () => {
  const [picture] = choice.files ?? [];
  if (picture) worker.postMessage(picture);
});

worker.addEventListener("message", ({ data: answer }: MessageEvent<Answer>) => {
  if ("error" in answer) return list.replaceChildren(answer.error);
  list.replaceChildren(
    ...answer.classes.map(({ name, probability }) => {
      const item = document.createElement("li");
      const meter = document.createElement("meter");
      meter.value = probability;
      item.append(meter, ` ${name}, ${(100 * probability).toFixed(1)} %`);
      return item;
    }),
  );
});
