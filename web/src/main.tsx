/** @file Starts the page: what the worker tells changes the lesson, and the page shows it once a frame. */
import { render } from "preact";
import { openClient } from "./client.ts";
import { afterTold, noLesson, type Lesson } from "./lesson.ts";
import type { OwnClass, Settings } from "./messages.ts";
import { usedClasses } from "./own-pictures.tsx";
import { Page } from "./page.tsx";
import { fromQuery, toQuery } from "./settings.ts";
import "./style.css";

const root = document.getElementById("page")!;
const { tell, request } = openClient(
  (told) => set(afterTold(lesson, told)),
  (message) => set({ ...lesson, status: "failed", problem: `The worker ended: ${message}. Load the page again.` }),
);

let settings = fromQuery(location.search);
let own: readonly OwnClass[] = [];
let lesson: Lesson = noLesson;
let isWaiting = false;

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

function changeOwn(next: readonly OwnClass[]): void {
  own = next;
  set(lesson);
}

function start(): void {
  const { epochs } = settings;
  set({ ...noLesson, epochs, ...(lesson.catalogue && { catalogue: lesson.catalogue }), status: "starting" });
  tell({ kind: "start", settings, own: usedClasses(own) });
}

function pause(isPaused: boolean): void {
  set({ ...lesson, status: isPaused ? "paused" : "training" });
  tell({ kind: "pause", isPaused });
}

function stop(): void {
  set({ ...lesson, status: "stopping" });
  tell({ kind: "stop" });
}

function show(): void {
  render(<Page {...{ lesson, settings, own, change, changeOwn, start, pause, stop, request }} />, root);
}

show();
