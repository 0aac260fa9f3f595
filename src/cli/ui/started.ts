/** @file Processes that the live page starts: they go on when it ends, and what they say lies in a file until then. */
import { spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A process, by what it was started for. */
export interface Started {
  readonly isRunning: boolean;
  /** What it said last, where it failed. */
  readonly failure?: string | undefined;
}

/** Of what a process says; enough for the plan of a large study. */
const MOST_OUTPUT = 2 ** 18;

/** Starts `limbeck` in processes of their own. */
export class StartedProcesses {
  readonly #started = new Map<string, Started>();
  #folder: Promise<string> | undefined;

  /** The last that was started for this; a failure is told once it is over. */
  of(purpose: string): Started | undefined {
    return this.#started.get(purpose);
  }

  /** What they were started for, and what they are. */
  get all(): ReadonlyMap<string, Started> {
    return this.#started;
  }

  /** A file of its own for a text. */
  async write(name: string, text: string): Promise<string> {
    const folder = await mkdtemp(join(await this.#place(), "text-"));
    const path = join(folder, name);
    const file = await open(path, "wx");
    await file.writeFile(text).finally(() => file.close());
    return path;
  }

  /** Starts `limbeck ARGS`, detached; resolves when there is a process, and gives what it said and its exit code when it is over. */
  async start(
    purpose: string,
    args: readonly string[],
  ): Promise<Promise<{ readonly code: number | null; readonly output: string }>> {
    const log = await this.write("output", "");
    const file = await open(log, "a");
    try {
      const [, main = ""] = process.argv;
      const stdio = ["ignore", file.fd, file.fd] as const;
      // NOTE: in a session of its own: neither Ctrl-C nor the end of the page ends a training.
      const child = spawn(process.execPath, [...process.execArgv, main, ...args], {
        detached: true,
        stdio: [...stdio],
      });
      child.unref();
      this.#started.set(purpose, { isRunning: true });
      return new Promise((settle) => {
        const end = async (code: number | null): Promise<void> => {
          const output = (await readFile(log, "utf8").catch(() => "")).slice(-MOST_OUTPUT);
          // 130 is that of a process that was asked to stop, and has saved.
          const failure = code === 0 || code === 130 ? undefined : lastLines(output);
          this.#started.set(purpose, { isRunning: false, failure });
          settle({ code, output });
        };
        child.once(
          "error",
          (error) => void end(1).then(() => this.#started.set(purpose, { isRunning: false, failure: error.message })),
        );
        child.once("exit", (code) => void end(code));
      });
    } finally {
      await file.close();
    }
  }

  /** Removes what they said, unless one goes on. */
  async close(): Promise<void> {
    const goesOn = [...this.#started.values()].some(({ isRunning }) => isRunning);
    if (this.#folder && !goesOn) await rm(await this.#folder, { recursive: true, force: true });
  }

  #place(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), "limbeck-ui-"));
    return this.#folder;
  }
}

/** An error and what follows it, or the end. */
function lastLines(output: string): string {
  const at = output.lastIndexOf("\nerror ");
  return (at < 0 ? output.slice(-2000) : output.slice(at + 1)).trim() || "it ended without a word";
}
