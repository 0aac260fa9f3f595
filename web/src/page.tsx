/** @file The page as a whole. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Acts } from "./acts.tsx";
import { Form } from "./form.tsx";
import { Keep } from "./keep.tsx";
import { isUnderWay, type Lesson, type RunState } from "./lesson.ts";
import type { Settings } from "./messages.ts";

interface PageProps {
  readonly lesson: Lesson;
  readonly settings: Settings;
  readonly change: (settings: Settings) => void;
  readonly start: () => void;
  readonly pause: (isPaused: boolean) => void;
  readonly stop: () => void;
}

export function Page({ lesson, settings, change, start, pause, stop }: PageProps): JSX.Element {
  const [method, choose] = useState("");
  const taught = lesson.runs.filter(({ id }) => id !== "teacher" && id !== "alone");
  const chosen = taught.find(({ id }) => id === method) ?? taught[0];
  const isBusy = isUnderWay(lesson);
  return (
    <main>
      <header>
        <h1>Watch a student being taught</h1>
        <p class="lead">
          A large network learns to tell ten shapes apart. A small one learns the same, alone and with the large one’s
          help. Everything is computed here, on your device.
        </p>
      </header>
      <Form {...{ settings, change }} catalogue={lesson.catalogue} isDisabled={isBusy} />
      <div class="controls">
        {isBusy ? (
          <>
            <button type="button" onClick={() => pause(lesson.status !== "paused")}>
              {lesson.status === "paused" ? "Go on" : "Pause"}
            </button>
            <button type="button" onClick={stop}>
              Stop
            </button>
          </>
        ) : (
          <button
            type="button"
            class="primary"
            disabled={!lesson.catalogue || settings.methods.length === 0}
            onClick={start}
          >
            {lesson.runs.length > 0 ? "Start again" : "Start"}
          </button>
        )}
        <p role="status">{statusOf(lesson)}</p>
        <p class="quiet speed">
          {lesson.status === "training" &&
            lesson.speed > 0 &&
            `${Math.round(lesson.speed).toLocaleString("en")} images a second`}
        </p>
      </div>
      {lesson.problem !== undefined && (
        <p class="problem" role="alert">
          {lesson.problem}
        </p>
      )}
      <Acts {...{ lesson, chosen, choose }} epochs={settings.epochs} />
      <Keep runs={lesson.runs} />
      <footer class="quiet">
        {lesson.engine && <p>{lesson.engine}</p>}
        {lesson.notes.map((note) => (
          <p key={note}>{note}</p>
        ))}
      </footer>
    </main>
  );
}

/** Seldom changed, because screen readers say it. */
function statusOf({ status, runs, catalogue }: Lesson): string {
  if (!catalogue) return "Loading …";
  switch (status) {
    case "idle":
      return "";
    case "starting":
      return "Starting …";
    case "paused":
      return "Paused.";
    case "stopping":
      return "Stopping after this step …";
    case "stopped":
      return "Stopped.";
    case "failed":
      return "It failed.";
    case "training":
      return runs.some(({ id, status }) => id === "teacher" && status !== "finished")
        ? "The teacher learns."
        : "The students learn, a step of each in turn.";
    case "done":
      return `Done. ${runs.map(inWords).join(" ")}`;
  }
}

function inWords({ title, judgement }: RunState): string {
  return judgement ? `${title}: ${judgement.accuracy.toFixed(1)} % right.` : "";
}
