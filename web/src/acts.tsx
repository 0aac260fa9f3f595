/** @file The three acts: the teacher, the student alone, and the student taught, by one method or several. */
import { isGuessing, type PairedDifference } from "limbeck/report";
import type { JSX } from "preact";
import { difference, interval, mayBeChance, points } from "./difference.ts";
import { isTaught, type Lesson, type RunState } from "./lesson.ts";
import { Plot } from "./plot.tsx";

interface ActsProps {
  readonly lesson: Lesson;
  readonly epochs: number;
  /** The method that is looked at. */
  readonly chosen: RunState | undefined;
  readonly choose: (method: string) => void;
}

export function Acts({ lesson, epochs, chosen, choose }: ActsProps): JSX.Element {
  const { runs } = lesson;
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
      <Act
        title="The student, taught"
        run={chosen}
        epochs={epochs}
        kind="taught"
        gain={difference(lesson.gallery, chosen, alone)}
      >
        <p>The same student from the same start. It also learns from the teacher.</p>
        {isPoor(teacher) && (
          <p class="caution">
            The teacher does little better than guessing, so it has little to teach. Give it more epochs.
          </p>
        )}
        {taught.length > 0 && <Contest {...{ lesson, taught, alone, chosen, choose }} />}
      </Act>
    </>
  );
}

interface ActProps {
  readonly title: string;
  readonly run: RunState | undefined;
  readonly epochs: number;
  readonly kind: string;
  /** Above the student alone. */
  readonly gain?: PairedDifference | undefined;
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
        {gain && (
          <>
            <small class={mayBeChance(gain) ? "" : "gain"}>{points(gain.points)} points</small>
            <small>
              95 % interval {interval(gain)}
              {mayBeChance(gain) && ", may be chance"}
            </small>
          </>
        )}
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

/** Whether it is trained and hardly better than guessing. */
function isPoor(teacher: RunState | undefined): boolean {
  if (!teacher?.finished || !teacher.judgement) return false;
  const { predictions, confusion } = teacher.judgement;
  return isGuessing({ count: predictions.length, confusion });
}

function inWords({ status, phase, judgement }: RunState): string {
  if (status === "refused") return "refused";
  if (phase !== undefined) return `prepares: ${phase}`;
  return judgement ? `${judgement.accuracy.toFixed(1)} %` : "";
}

interface ContestProps {
  readonly lesson: Lesson;
  readonly taught: readonly RunState[];
  readonly alone: RunState | undefined;
  readonly chosen: RunState | undefined;
  readonly choose: (method: string) => void;
}

function Contest({ lesson, taught, alone, chosen, choose }: ContestProps): JSX.Element {
  const gain = (run: RunState): string => {
    const found = difference(lesson.gallery, run, alone);
    return found ? points(found.points) : "";
  };
  return (
    <fieldset class="race">
      <legend class="unseen">The method to look at</legend>
      {taught.map((run) => (
        <label key={run.id} class="runner">
          <input type="radio" name="method" checked={run === chosen} onChange={() => choose(run.id)} />
          <span>{run.title}</span>
          <span class="numbers">
            {inWords(run)} {gain(run)}
          </span>
          {run.problem !== undefined && <small class="problem">{run.problem}</small>}
        </label>
      ))}
    </fieldset>
  );
}
