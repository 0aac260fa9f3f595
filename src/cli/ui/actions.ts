/** @file What the live page may do: stop a run, let it go on, check a study and start it. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { lockHolder, type LockHolder } from "../../data/node/lock.ts";
import { LimbeckError } from "../../errors.ts";
import { html, type Html } from "../../report/index.ts";
import { listWorkers, readStudy } from "../../study/node/index.ts";
import { several } from "./cells.ts";
import type { ShownFolder } from "./folder.ts";
import { nameOf, isOurs, type RunView } from "./run-view.ts";
import type { StartedProcesses } from "./started.ts";
import type { StudyView } from "./study-view.ts";

/** The fields of a form. */
export type Fields = Readonly<Record<string, string>>;

/** What an action may use. */
export interface ActionContext {
  readonly folder: ShownFolder;
  readonly started: StartedProcesses;
}

/** By their names; each gives what is to be said. Throws ARGUMENT where it cannot be done, CONFIG for a study that is wrong. */
export const actions = {
  async stop({ folder }, { id }) {
    const run = await known(folder.run(id ?? ""), id);
    const holder = await lockHolder(join(run.folder, "lock"));
    if (!holder || !stopped(holder))
      throw refused(`${nameOf(run)} is not under way in a process of this machine that can be told for sure`);
    return `${nameOf(run)} was asked to save and stop.`;
  },
  async resume({ folder, started }, { id }) {
    const run = await known(folder.run(id ?? ""), id);
    if (!isResumable(run) || started.of(run.id)?.isRunning) throw refused(`${nameOf(run)} is not stopped`);
    await started.start(run.id, [run.command, "--resume", run.folder]);
    return `${nameOf(run)} goes on.`;
  },
  async "stop-study"({ folder }, { id }) {
    const study = await known(folder.study(id ?? ""), id);
    const count = (await listWorkers(study.folder)).filter(stopped).length;
    if (count === 0) throw refused(`no process of this machine that can be told for sure works on ${study.name}`);
    return `${several(count, "worker was", "workers were")} asked to save and stop.`;
  },
  async "resume-study"({ folder, started }, { id }) {
    const study = await known(folder.study(id ?? ""), id);
    if (started.of(study.id)?.isRunning) throw refused(`a worker of ${study.name} was started here, and is at it`);
    await started.start(study.id, ["study", "work", study.folder]);
    return `A worker of ${study.name} was started.`;
  },
  async check({ folder, started }, fields) {
    const { file, out } = await describedStudy(folder, started, fields);
    const checked = await started.start("check", ["study", file, "--out", out, "--dry-run"]);
    const { code, output } = await checked;
    if (code !== 0) throw refused(started.of("check")?.failure ?? output);
    return `${output.trim()}\n\nPress "Start the study" to begin.`;
  },
  async start({ folder, started }, fields) {
    const { file, out, name } = await describedStudy(folder, started, fields);
    if (started.of(name)?.isRunning) throw refused(`${name} was started, and is at it`);
    await started.start(name, ["study", file, "--out", out]);
    return `${name} was started. It shows above when it is planned.`;
  },
} as const satisfies Readonly<Record<string, (context: ActionContext, fields: Fields) => Promise<string>>>;

/** SIGTERM to a process that was just looked at; whether there is one, and surely this one. */
function stopped(holder: LockHolder): boolean {
  try {
    return holder.pid !== undefined && isOurs(holder) && process.kill(holder.pid, "SIGTERM");
  } catch {
    return false; // it has just ended
  }
}

/** NOTE: a study's run is resumed by a worker, which claims it first. */
function isResumable({ state, command, isOfStudy = false }: RunView): boolean {
  return state === "stopped" && !isOfStudy && ["train", "distill", "tutorial"].includes(command);
}

/** A name for a folder, and no more. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

async function describedStudy(
  folder: ShownFolder,
  started: StartedProcesses,
  { name = "", description = "" }: Fields,
): Promise<{ readonly file: string; readonly out: string; readonly name: string }> {
  if (!NAME.test(name))
    throw refused("the folder's name should be letters, digits, dots, dashes and underscores, 64 at most");
  const out = join(folder.root, name);
  if (await stat(out).catch(() => undefined)) throw refused(`${out} is there already; choose another name`);
  const file = await started.write("study.yaml", description);
  try {
    await readStudy(file);
  } catch (error) {
    if (!(error instanceof LimbeckError)) throw error;
    throw new LimbeckError(error.code, error.message.replaceAll(` ${file}`, ""), { cause: error });
  }
  return { file, out, name };
}

/** Buttons of a run, and what came of those that were pressed. */
export function runActions(run: RunView, started: StartedProcesses): Html {
  const before = started.of(run.id);
  return html`${run.isStoppable && button("stop", run.id, "Save and stop")}
  ${isResumable(run) && !before?.isRunning && button("resume", run.id, "Go on")} ${failed(before?.failure)}`;
}

export function studyActions(study: StudyView, started: StartedProcesses): Html {
  const before = started.of(study.id);
  const isLeft = study.runs.some(({ state }) => state !== "done" && state !== "set aside");
  return html`${study.workers.some(isOurs) && button("stop-study", study.id, "Save and stop its workers here")}
  ${isLeft && !before?.isRunning && button("resume-study", study.id, "Start a worker here")} ${failed(before?.failure)}`;
}

/** The form that describes a study, and studies that were started and have no folder yet. */
export function studyForm(): Html {
  return html`<section aria-labelledby="new-title">
    <h2 id="new-title">Start a study</h2>
    <form data-action="check">
      <p class="field">
        <label for="name">Its folder's name</label
        ><input id="name" name="name" required maxlength="64" autocomplete="off" spellcheck="false" />
      </p>
      <p class="field">
        <label for="description">What it compares, as in a study's file (YAML)</label>
        <textarea id="description" name="description" required spellcheck="false">${example}</textarea>
      </p>
      <p class="actions"><button value="check">Check</button><button value="start">Start the study</button></p>
      <div class="command">
        <pre><output>Check says what would be trained, and how long that takes.</output></pre>
      </div>
    </form>
  </section>`;
}

const example = `data: shapes
teachers:
  train: { model: resnet14, recipe: { epochs: 3 } }
students: LightNN
methods: [kd, dist]
recipe: { epochs: 2 }
seeds: 1-3
`;

/** What was started here and failed. */
export function failures(started: StartedProcesses): Html {
  return html`${[...started.all].map(([purpose, { failure }]) => purpose !== "check" && failed(failure && `${purpose}: ${failure}`))}`;
}

function failed(failure: string | undefined): Html | false {
  return failure !== undefined && html`<div class="command"><pre>${failure}</pre></div>`;
}

function button(action: string, id: string, text: string): Html {
  return html`<form class="actions" data-action="${action}">
    <input type="hidden" name="id" value="${id}" /><button>${text}</button><output></output>
  </form>`;
}

async function known<Found>(finding: Promise<Found | undefined>, id: string | undefined): Promise<Found> {
  const found = await finding;
  if (found === undefined) throw refused(`there is no ${id} in the folder that is shown`);
  return found;
}

function refused(why: string): LimbeckError {
  return new LimbeckError("ARGUMENT", why);
}
