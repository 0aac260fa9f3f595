/** @file Starts the page: what the worker tells changes the lesson, and the page shows it once a frame. */
import { render } from "preact";
import { afterTold, noLesson, type Lesson } from "./lesson.ts";
import type { Asked, Settings, Told } from "./messages.ts";
import { Page } from "./page.tsx";
import { fromQuery, toQuery } from "./settings.ts";
import "./style.css";

const worker = new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });
const ask = (asked: Asked): void => worker.postMessage(asked);
const root = document.getElementById("page")!;

let settings = fromQuery(location.search);
let lesson: Lesson = noLesson;
let isWaiting = false;

worker.addEventListener("message", ({ data }: MessageEvent<Told>) => set(afterTold(lesson, data)));
worker.addEventListener("error", ({ message }) =>
  set({
    ...lesson,
    status: "failed",
    problem: `The worker ended: ${message || "it could not be loaded"}. Load the page again.`,
  }),
);

function set(next: Lesson): void {
  lesson = next;
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    show();
  });
}

function change(next: Settings): void {
  settings = next;
  const query = toQuery(settings);
  history.replaceState(null, "", query === "" ? location.pathname : `?${query}`);
  set(lesson);
}

function show(): void {
  render(
    <Page
      {...{ lesson, settings, change }}
      start={() => {
        set({ ...noLesson, ...(lesson.catalogue && { catalogue: lesson.catalogue }), status: "starting" });
        ask({ kind: "start", settings });
      }}
      pause={(isPaused) => {
        set({ ...lesson, status: isPaused ? "paused" : "training" });
        ask({ kind: "pause", isPaused });
      }}
      stop={() => {
        set({ ...lesson, status: "stopping" });
        ask({ kind: "stop" });
      }}
    />,
    root,
  );
}

show();
