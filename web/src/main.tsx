/** @file Starts the page: what the worker tells changes the lesson, and the page shows it once a frame. */
import { render } from "preact";
import { openClient } from "./client.ts";
import { afterMessage, isUnderWay, noLesson, titleOf, type Lesson } from "./lesson.ts";
import type { OwnClass, Settings } from "./messages.ts";
import { usedClasses } from "./own-pictures.tsx";
import { Page } from "./page.tsx";
import { fromQuery, toQuery } from "./settings.ts";
import "./style.css";

const root = document.getElementById("page")!;
const { send, request } = openClient(
  (message) => set(afterMessage(lesson, message)),
  (message) =>
    set({ ...lesson, status: "failed", problem: `The worker ended: ${message}. Start again, or load the page again.` }),
);

let settings = fromQuery(location.search);
let own: readonly OwnClass[] = [];
let lesson: Lesson = noLesson;
let isWaiting = false;

function set(next: Lesson): void {
  lesson = next;
  document.title = titleOf(lesson);
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
  show();
}

function changeOwn(next: readonly OwnClass[]): void {
  own = next;
  show();
}

function start(): void {
  const { epochs } = settings;
  lesson = { ...noLesson, epochs, status: "starting" };
  show();
  send({ kind: "start", settings, own: usedClasses(own) });
}

function pause(isPaused: boolean): void {
  lesson = { ...lesson, status: isPaused ? "paused" : "training" };
  show();
  send({ kind: "pause", isPaused });
}

function stop(): void {
  lesson = { ...lesson, status: "stopping" };
  show();
  send({ kind: "stop" });
}

function show(): void {
  render(<Page {...{ lesson, settings, own, change, changeOwn, start, pause, stop, request }} />, root);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden && isUnderWay(lesson) && !lesson.notes.includes(HIDDEN)) {
    set({ ...lesson, notes: [...lesson.notes, HIDDEN] });
  }
});

const HIDDEN = "The training went on while this tab was hidden, slower where the browser saves power.";

// Without one the page works too, but not without a network.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  navigator.serviceWorker.register("./service-worker.js").catch(() => undefined);
}

show();
