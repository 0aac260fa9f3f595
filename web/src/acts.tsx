/** @file The three acts: the teacher, the student alone, and the student taught, by one method or several. */
import type { JSX } from "preact";
import type { Lesson, RunState } from "./lesson.ts";
import { Plot } from "./plot.tsx";
import { isTaught } from "./race.tsx";

interface ActsProps {
  readonly lesson: Lesson;
  readonly epochs: number;
  /** The method that is looked at. */
  readonly chosen: RunState | undefined;
  readonly choose: (method: string) => void;
}

export function Acts({ lesson: { runs }, epochs, chosen, choose }: ActsProps): JSX.Element {
  const teacher = runs.find(({ id }) => id === "teacher");
  const alone = runs.find(({ id }) => id === "alone");
  const taught = runs.filter(isTaught);
  return (
    <>
      <Act title="The teacher" run={teacher} epochs={epochs} kind="teacher">
        <p>Large and slow. It learns from the labels.</p>
      </Act>
      <Act title="The student, alone" run={alone} epochs={epochs} kind="alone">
        <p>Small and fast. It learns from the same labels, without help.</p>
      </Act>
      <Act title="The student, taught" run={chosen} epochs={epochs} kind="taught" gain={gain(chosen, alone)}>
        <p>The same student from the same start. It also learns from the teacher.</p>
        {isPoor(teacher) && (
          <p class="caution">
            The teacher does little better than guessing, so it has little to teach. Give it more epochs.
          </p>
        )}
        {taught.length > 0 && <Contest {...{ taught, alone, chosen, choose }} />}
      </Act>
    </>
  );
}

interface ActProps {
  readonly title: string;
  readonly run: RunState | undefined;
  readonly epochs: number;
  readonly kind: string;
  readonly gain?: string | undefined;
  readonly children: preact.ComponentChildren;
}

function Act({ title, run, epochs, kind, gain, children }: ActProps): JSX.Element {
  const parameters = run?.finished?.parameters;
  return (
    <section class={`act ${kind}`} aria-label={title}>
      <div>
        <h2>{title}</h2>
        <p class="quiet">
          {run ? run.model : " "}
          {parameters !== undefined && `, ${parameters.toLocaleString("en")} parameters`}
        </p>
        {children}
      </div>
      <p class="figure">
        <Accuracy run={run} />
        {gain && <small class="gain">{gain} points</small>}
      </p>
      <Plot
        label={`Losses of ${title.toLowerCase()}`}
        epochs={run?.epochs || epochs}
        curves={(run?.losses ?? []).map((curve, i) => ({ ...curve, kind: `${kind} line-${i}` }))}
      />
    </section>
  );
}

function Accuracy({ run }: { readonly run: RunState | undefined }): JSX.Element {
  if (run?.judgement) {
    return (
      <>
        {run.judgement.accuracy.toFixed(1)}
        <small> % right</small>
      </>
    );
  }
  return <span class="none">{run?.status === "training" ? "…" : "–"}</span>;
}

/** How many points one run is before another. */
function gain(run: RunState | undefined, other: RunState | undefined): string | undefined {
  if (!run?.judgement || !other?.judgement) return undefined;
  const points = run.judgement.accuracy - other.judgement.accuracy;
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`;
}

/** Whether it is trained and right less than twice as often as by guessing. */
function isPoor(teacher: RunState | undefined): boolean {
  if (!teacher?.finished || !teacher.judgement) return false;
  const { accuracy, confusion } = teacher.judgement;
  return accuracy < 200 / confusion.length;
}

function inWords({ status, phase, judgement }: RunState): string {
  if (status === "refused") return "refused";
  if (phase !== undefined) return `prepares: ${phase}`;
  return judgement ? `${judgement.accuracy.toFixed(1)} %` : "";
}

interface ContestProps {
  readonly taught: readonly RunState[];
  readonly alone: RunState | undefined;
  readonly chosen: RunState | undefined;
  readonly choose: (method: string) => void;
}

function Contest({ taught, alone, chosen, choose }: ContestProps): JSX.Element {
  return (
    <fieldset class="race">
      <legend class="unseen">The method to look at</legend>
      {taught.map((run) => (
        <label key={run.id} class="runner">
          <input type="radio" name="method" checked={run === chosen} onChange={() => choose(run.id)} />
          <span>{run.title}</span>
          <span class="numbers">
            {inWords(run)} {gain(run, alone)}
          </span>
          {run.problem !== undefined && <small class="problem">{run.problem}</small>}
        </label>
      ))}
    </fieldset>
  );
}
