/**
 * @file Long work: its progress, what stops it, and how the process ends. The first Ctrl-C asks the work to stop and save, the second ends the
 * process at once; once a user module has run, only Limbeck ends it.
 */
import { setImmediate } from "node:timers/promises";
import { begunModules } from "../experiment/node/modules/index.ts";
import { written } from "./output.ts";

const breathSeconds = 0.05;

/**
 * Runs the work to its end, `watch` seeing each event; returns its result. Throws as the work does.
 *
 * NOTE: an engine that computes on this thread never lets the event loop turn, so signals would wait; this does, now and then.
 */
export async function follow<Event, Result>(
  work: AsyncGenerator<Event, Result>,
  watch: (event: Event) => void,
): Promise<Result> {
  let breathed = performance.now();
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
    watch(value);
    if (performance.now() - breathed < breathSeconds * 1000) continue;
    await setImmediate();
    breathed = performance.now();
  }
}

/** What stops the work that is under way: a signal, or an error that nothing catches, which the work then throws. */
let work: { readonly stop: () => void; readonly fail: (error: unknown) => void } | undefined;

/** Whether there is work under way that is stopped, saved, and throws this error then. */
export function failWork(error: unknown): boolean {
  work?.fail(error);
  return work !== undefined;
}

/** Asks the work under way to stop; ends the process where it has been asked, or there is none. */
export function stopWork(): void {
  if (!work) return endAtOnce(130);
  work.stop();
}

/** What asks a command to stop: Ctrl-C, a system that shuts down, a terminal that is closed. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Lets these signals stop the work, from now on. */
export function stopOnSignals(): void {
  for (const signal of signals) if (!process.listeners(signal).includes(stopWork)) process.on(signal, stopWork);
}

/** Runs work under a signal that one of the system's raises, calling `onStop` the first time. Throws as the work, and as `failWork` says. */
export async function interruptible<Result>(
  perform: (signal: AbortSignal) => Promise<Result>,
  onStop: () => void,
): Promise<Result> {
  const controller = new AbortController();
  const failures: unknown[] = [];
  const stop = (): void => {
    if (controller.signal.aborted) endAtOnce(130);
    controller.abort();
    onStop();
  };
  const fail = (error: unknown): void => {
    failures.push(error);
    controller.abort();
  };
  work = { stop, fail };
  stopOnSignals();
  try {
    const result = await perform(controller.signal).catch((error: unknown) => {
      throw failures.length > 0 ? failures[0] : error;
    });
    if (failures.length > 0) throw failures[0];
    return result;
  } finally {
    work = undefined;
  }
}

type Exit = (code?: number) => never;

const exit: Exit = process.exit.bind(process);
let exitCode: number | undefined;

/** Lets the calls that end a process throw where a user module makes them: the command would seem done, and its results be lost. */
export function refuseExits(): void {
  // NOTE: `process.exit` ends in `reallyExit`, after its listeners, which may have set another code.
  const reallyExit = Reflect.get(process, "reallyExit") as Exit;
  const refused =
    (call: string, end: Exit): Exit =>
    (code) => {
      if (exitCode !== undefined || begunModules().length === 0) return end.call(process, exitCode ?? code);
      throw new Error(`it called process.${call}; a module ends by returning, or throws an error`);
    };
  const ends = { exit, reallyExit, abort: process.abort as Exit };
  Object.assign(process, Object.fromEntries(Object.entries(ends).map(([call, end]) => [call, refused(call, end)])));
}

/** Ends the process, whatever it still waits for, when what was printed is written. */
export async function endProcess(code: number): Promise<never> {
  await written();
  exitCode = code;
  return exit(code);
}

/** The same without a wait for anything. */
function endAtOnce(code: number): never {
  exitCode = code;
  return exit(code);
}
