/** @file The page as a whole. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { catalogue } from "virtual:catalogue";
import { Acts } from "./acts.tsx";
import { Confusions } from "./confusions.tsx";
import { conclusion } from "./difference.ts";
import { Form } from "./form.tsx";
import { Keep } from "./keep.tsx";
import { isTaught, isUnderWay, type Lesson } from "./lesson.ts";
import type { Requester } from "./client.ts";
import type { OwnClass, Settings } from "./messages.ts";
import { LeftOutList, OwnPictures } from "./own-pictures.tsx";
import { Problem } from "./problem.tsx";
import { Race } from "./race.tsx";
import { problemsOf } from "./settings.ts";
import { Thoughts } from "./thoughts.tsx";
import { Try } from "./try.tsx";

interface PageProps {
  readonly lesson: Lesson;
  readonly settings: Settings;
  readonly own: readonly OwnClass[];
  readonly change: (settings: Settings) => void;
  readonly changeOwn: (own: readonly OwnClass[]) => void;
  readonly start: () => void;
  readonly pause: (isPaused: boolean) => void;
  readonly stop: () => void;
  readonly request: Requester;
}

export function Page(props: PageProps): JSX.Element {
  const { lesson, settings, own, change, changeOwn, start, pause, stop, request } = props;
  const [method, choose] = useState("");
  const taught = lesson.runs.filter(isTaught);
  const [teacher, alone] = lesson.runs;
  const chosen = taught.find(({ id }) => id === method) ?? taught[0];
  const isBusy = isUnderWay(lesson);
  const problems =
    settings.methods.length > 0 ? problemsOf(settings, catalogue.methods) : ["Choose a method to be taught by."];
  return (
    <main>
      <header>
        <h1>Watch a student being taught</h1>
        <p class="lead">
          A large network learns to tell ten shapes apart. A small one learns the same, alone and with the large one’s
          help. Everything is computed here, on your device.
        </p>
      </header>
      <Form {...{ settings, change }} isDisabled={isBusy} />
      <OwnPictures own={own} change={changeOwn} isDisabled={isBusy} />
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
          <button type="button" class="primary" disabled={problems.length > 0} onClick={start}>
            {lesson.runs.length > 0 ? "Start again" : "Start"}
          </button>
        )}
        <p role="status">{isBusy || problems.length === 0 ? statusOf(lesson) : problems.join(" ")}</p>
        <p class="quiet speed">
          {lesson.status === "training" &&
            lesson.speed > 0 &&
            `${Math.round(lesson.speed).toLocaleString("en")} images a second`}
        </p>
      </div>
      <Problem text={lesson.problem} />
      <LeftOutList files={lesson.leftOut} />
      <Acts {...{ lesson, chosen, choose }} epochs={lesson.epochs || settings.epochs} />
      {lesson.gallery && (
        <>
          <Race runs={lesson.runs} chosen={chosen} epochs={lesson.epochs} pictures={lesson.gallery.truths.length} />
          <Thoughts gallery={lesson.gallery} teacher={teacher} alone={alone} taught={chosen} />
          <Confusions classes={lesson.gallery.classes} runs={[alone, chosen]} />
        </>
      )}
      <Keep runs={lesson.runs} request={request} />
      <Try runs={lesson.runs} request={request} />
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
function statusOf(lesson: Lesson): string {
  const { status, runs } = lesson;
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
      return `Done. ${conclusion(lesson)}`;
  }
}
